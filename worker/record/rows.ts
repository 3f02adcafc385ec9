// How the audit reads a ledger: by SQL and nothing else, so that it is the same for a server on this machine and for
// Cloudflare, and the same for whoever wants to write it again.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Reads rows; the statement changes nothing and carries no values from outside. */
export type Rows = <Row>(sql: string) => Row[]

/**
 * @param dir the folder of `npm start`, `.data` where nothing else was said; the server may be running
 * @throws Error where there is no ledger under it
 */
export function localRows(dir: string): Rows {
  const [path, ...others] = ledgersUnder(dir)
  if (path === undefined) throw new Error(`there is no ledger in ${dir}`)
  if (others.length > 0) throw new Error(`there is more than one ledger in ${dir}`)
  return rowsOf(path)
}

export function rowsOf(path: string): Rows {
  const database = new DatabaseSync(path, { readOnly: true })
  return <Row>(sql: string) => database.prepare(sql).all() as Row[]
}

/** @param name a D1 database as wrangler.toml names it; wrangler must be signed in */
export function remoteRows(name: string): Rows {
  return <Row>(sql: string) => {
    const asked = spawnSync('npx', ['wrangler', 'd1', 'execute', name, '--remote', '--json', '--command', sql], {
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    })
    if (asked.status !== 0) throw new Error(`wrangler could not read ${name}: ${asked.stderr || asked.stdout}`)
    const [answer] = JSON.parse(asked.stdout) as { results: Row[] }[]
    return answer?.results ?? []
  }
}

/** D1 keeps each database in a file named by a hash; ours is the one with a record in it. */
function ledgersUnder(dir: string): string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => join(dir, name))
    .filter((path) => rowsOf(path)("SELECT 1 FROM sqlite_master WHERE name = 'event'").length > 0)
}
