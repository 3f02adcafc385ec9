// `npm run house:rows -- HOUSE [--out FILE] [--dir .data | --remote DATABASE]`: all that a ledger holds of one house, as
// SQL for another database with the same tables. HOUSE is the house's code or id. README, "A database for one house".
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { CasingCache } from 'drizzle-orm/casing'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as tables from '#db/tables/ledger.ts'
import { ledgerIn, localRows, remoteRows, type Rows } from './rows.ts'

/** How many rows one statement reads. */
const page = 500
/** A cap of D1 (DESIGN §4). */
const maxStatementBytes = 100_000

/** Whose a row is, where its table has no column that says it. */
const ownedBy: Readonly<Record<string, (house: string) => string>> = {
  house: (house) => `id = '${house}'`,
  consent: (house) => `detainee IN (SELECT id FROM detainee WHERE facility = '${house}')`,
  content: (house) => `matter IN (SELECT matter FROM event WHERE facility = '${house}')`,
  paper: (house) => `claim IN (SELECT id FROM claim WHERE facility = '${house}')`,
  engagement_paper: (house) => `engagement IN (SELECT id FROM engagement WHERE facility = '${house}')`,
  // A refusal names no house: those of everybody who has to do with this one go along.
  command: (house) => `account IN (SELECT account FROM kinship WHERE facility = '${house}'
    UNION SELECT account FROM officer WHERE facility = '${house}' UNION SELECT id FROM kiosk WHERE facility = '${house}')`,
  feed: (
    house,
  ) => `(channel IN ('house:${house}') OR channel GLOB 'account:${house}:*' OR channel GLOB 'cell:${house}:*'
    OR channel IN (SELECT 'person:' || id FROM detainee WHERE facility = '${house}'))`,
}
/** What others point at. */
const first = ['detainee', 'kinship', 'claim', 'engagement']
/** By what a table is read where that is not its key: SQLite takes each event only as the next of its house. */
const readBy: Readonly<Record<string, readonly string[]>> = { event: ['position'] }

/**
 * The house must stand still meanwhile: `SHARDS` names it with null.
 *
 * @param house code or id
 * @returns one INSERT for each row
 * @throws Error where the ledger has no such house, or a table or a row cannot be moved
 */
export function* rowsOf(rows: Rows, house: string): Generator<string> {
  if (!/^[\w-]{1,60}$/.test(house)) throw new Error('that is neither the code nor the id of a house')
  const [found] = rows<{ id: string }>(`SELECT id FROM house WHERE id = '${house}' OR code = '${house}'`)
  if (!found) throw new Error(`there is no house ${house} in this ledger`)

  const rank = ({ name }: { name: string }) => (first.indexOf(name) + first.length + 1) % (first.length + 1)
  const inOrder = Object.values(tables)
    .map(shapeOf)
    .sort((one, other) => rank(one) - rank(other))
  for (const table of inOrder) yield* rowsIn(rows, table, found.id)
}

interface Shape {
  readonly name: string
  /** those that are stored */
  readonly columns: readonly string[]
  readonly key: readonly string[]
}

const casing = new CasingCache('snake_case')

function shapeOf(table: SQLiteTable): Shape {
  const { name, columns, primaryKeys } = getTableConfig(table)
  const named = (column: (typeof columns)[number]) => casing.getColumnCasing(column)
  const key = primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary)
  const stored = columns.filter(({ generated }) => !generated)
  return { name, columns: stored.map(named), key: readBy[name] ?? key.map(named) }
}

function* rowsIn(rows: Rows, { name, columns, key }: Shape, house: string): Generator<string> {
  const owned = columns.includes('facility') ? `facility = '${house}'` : ownedBy[name]?.(house)
  if (owned === undefined) throw new Error(`whose the rows of ${name} are is not known`)

  const quoted = (names: readonly string[]) => names.map((column) => `"${column}"`).join(', ')
  const values = (names: readonly string[]) => names.map((column) => `quote("${column}")`).join(` || ', ' || `)
  for (let after: string | undefined; ;) {
    const found = rows<{ row: string; at: string }>(
      `SELECT ${values(columns)} AS row, ${values(key)} AS at FROM "${name}"
       WHERE ${owned} ${after === undefined ? '' : `AND (${quoted(key)}) > (${after})`} ORDER BY ${quoted(key)} LIMIT ${page}`,
    )
    for (const { row } of found) {
      const statement = `INSERT INTO "${name}" (${quoted(columns)}) VALUES (${row});`
      if (new TextEncoder().encode(statement).length > maxStatementBytes)
        throw new Error(`a row of ${name} is too long for D1`)
      yield statement
    }
    after = found.at(-1)?.at
    if (found.length < page) return
  }
}

function* textOf(statements: Iterable<string>): Generator<string> {
  for (const statement of statements) yield `${statement}\n`
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { out: { type: 'string' }, dir: { type: 'string', default: '.data' }, remote: { type: 'string' } },
    allowPositionals: true,
  })
  const [house] = positionals
  try {
    if (house === undefined)
      throw new Error('npm run house:rows -- HOUSE [--out FILE] [--dir .data | --remote DATABASE]')
    const rows = values.remote === undefined ? localRows(ledgerIn(values.dir)) : remoteRows(values.remote)
    await pipeline(
      Readable.from(textOf(rowsOf(rows, house))),
      values.out === undefined ? process.stdout : createWriteStream(values.out, { mode: 0o600 }),
    )
  } catch (fault) {
    console.error((fault as Error).message)
    process.exitCode = 2
  }
}
