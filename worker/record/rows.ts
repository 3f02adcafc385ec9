// How the audit reads a ledger: by SQL and nothing else, so that it is the same for a server on this machine and for
// Cloudflare, and the same for whoever wants to write it again.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Reads rows; the statement changes nothing and carries no values from outside. */
export type Rows = <Row>(sql: string) => Row[]

/** @param path of an SQLite file; a server may be using it */
export function localRows(path: string): Rows {
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

/**
 * D1 keeps each database in a file named by a hash; ours is the one with a record in it.
 *
 * @param dir the folder of `npm start`
 * @returns the path of its ledger
 * @throws Error where there is none, or more than one
 */
export function ledgerIn(dir: string): string {
  const files = existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: 'utf8' }) : []
  const [path, ...others] = files
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => join(dir, name))
    .filter((path) => localRows(path)("SELECT 1 FROM sqlite_master WHERE name = 'event'").length > 0)
  if (path === undefined || others.length > 0) throw new Error(`${dir} holds ${others.length + (path ? 1 : 0)} ledgers`)
  return path
}
