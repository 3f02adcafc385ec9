// Backup and restore of a server that runs on a house's own machine: the SQLite files of workerd, copied while it runs.
// `npm run backup -- FOLDER [--dir .data]` · `npm run restore -- FOLDER [--dir .data]`
// Cloudflare supports neither: there D1's own Time Travel and `wrangler d1 export` do this (README).
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { backup as copyLive, DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { localRows } from '../record/rows.ts'

const manifestName = 'backup.json'
/** Lies beside all backups: who was erased since the older ones were made. */
const erasedName = 'erased.json'

interface Manifest {
  /** UTC milliseconds */
  readonly at: number
  /** SHA-256 of each file, hex, by its path under the data folder */
  readonly files: Readonly<Record<string, string>>
}

/**
 * Copies everything under `data` into `folder`, each database as of one moment of its own. Secrets go along: without
 * the key the record could not be continued, so the copy is to be kept as safe as the original. Who was erased until
 * now is added to a list beside the folder, which is the same for all backups there.
 *
 * @returns how many files were copied
 * @throws Error where `folder` already holds something, or a database is damaged
 */
export async function backup(data: string, folder: string, now: number): Promise<number> {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error(`${folder} is not empty`)
  const files: Record<string, string> = {}
  for (const path of filesUnder(data)) {
    const name = relative(data, path)
    if (/-(wal|shm)$/.test(name)) continue // what they hold is in the copy of their database
    const copy = join(folder, name)
    mkdirSync(dirname(copy), { recursive: true, mode: 0o700 })
    if (name.endsWith('.sqlite')) await copyDatabase(path, copy)
    else copyFileSync(path, copy)
    files[name] = hashOf(copy)
  }
  const list = join(dirname(folder), erasedName)
  writeFileSync(list, JSON.stringify(erasedOf([...erasedIn(folder), ...readErased(list)])), { mode: 0o600 })
  const manifest: Manifest = { at: now, files }
  writeFileSync(join(folder, manifestName), JSON.stringify(manifest, null, 2), { mode: 0o600 })
  return Object.keys(files).length
}

/**
 * Puts a backup where a server expects its data. The server must be stopped. Whoever was erased after this backup was
 * made is erased again before the server answers anybody (worker/start/serve.ts).
 *
 * @returns when the backup was made, UTC milliseconds
 * @throws Error where there already is data, or the backup is not whole; then nothing was changed
 */
export function restore(folder: string, data: string): number {
  if (existsSync(data) && readdirSync(data).length > 0) throw new Error(`${data} is not empty: move it away first`)
  const { at, files } = JSON.parse(readFileSync(join(folder, manifestName), 'utf8')) as Manifest
  for (const [name, hash] of Object.entries(files)) {
    const path = join(folder, name)
    if (!existsSync(path) || hashOf(path) !== hash) throw new Error(`the backup is damaged: ${name}`)
    if (name.endsWith('.sqlite')) checkDatabase(path)
  }
  for (const name of Object.keys(files)) {
    mkdirSync(dirname(join(data, name)), { recursive: true, mode: 0o700 })
    copyFileSync(join(folder, name), join(data, name))
  }
  const list = join(dirname(folder), erasedName)
  if (existsSync(list)) copyFileSync(list, join(data, erasedName))
  return at
}

/** One line of the list of the erased, see worker/erasure/list.ts. */
export interface Erased {
  readonly scope: string
  readonly entry: string
  readonly subject: string
}

/** Those who have to be erased once more from what was put back into this folder. */
export const erasedSince = (data: string): Erased[] => readErased(join(data, erasedName))
export const erasedAgain = (data: string): void => rmSync(join(data, erasedName), { force: true })

const readErased = (path: string): Erased[] =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Erased[]) : []

function erasedIn(folder: string): Erased[] {
  return filesUnder(folder)
    .filter((path) => path.endsWith('.sqlite'))
    .map(localRows)
    .filter((rows) => rows(`SELECT 1 FROM sqlite_master WHERE name = 'erasure'`).length > 0)
    .flatMap((rows) =>
      rows<Erased>(
        `SELECT facility AS scope, entry, subject FROM erasure UNION ALL SELECT 'accounts', entry, account FROM erased_account`,
      ),
    )
}

/** Each once, in their order. */
const erasedOf = (all: readonly Erased[]): Erased[] =>
  [...new Map(all.map((one) => [`${one.scope}/${one.entry}`, one])).values()].sort((one, other) =>
    one.entry < other.entry ? -1 : 1,
  )

async function copyDatabase(from: string, to: string): Promise<void> {
  const database = new DatabaseSync(from, { readOnly: true })
  try {
    await copyLive(database, to)
  } finally {
    database.close()
  }
  const copy = new DatabaseSync(to)
  copy.exec('PRAGMA journal_mode = DELETE') // one file, whole in itself; the server goes back to a journal of its own
  copy.close()
  checkDatabase(to)
}

function checkDatabase(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const { integrity_check: found } = database.prepare('PRAGMA integrity_check').get() as { integrity_check: string }
    if (found !== 'ok') throw new Error(`a damaged database: ${path}: ${found}`)
  } finally {
    database.close()
  }
}

const filesUnder = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesUnder(path) : [path]
  })

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { dir: { type: 'string', default: '.data' } },
    allowPositionals: true,
  })
  const [what, folder] = positionals
  if (folder && what === 'backup')
    console.log(`${await backup(values.dir, folder, Date.now())} files are in ${folder}.`)
  else if (folder && what === 'restore')
    console.log(`${values.dir} is as of ${new Date(restore(folder, values.dir)).toISOString()}.`)
  else {
    console.error('npm run backup -- FOLDER [--dir .data]   or   npm run restore -- FOLDER [--dir .data]')
    process.exitCode = 2
  }
}
