// `npm run audit:export -- HOUSE [--out FILE] [--dir .data | --remote DATABASE]`: a house's whole record as lines of
// JSON, for `audit:verify` and for anybody who writes their own. HOUSE is the house's code or id.
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import type { Id } from '#db/id.ts'
import { format, type DailyLine, type EventLine, type Head, type Line, type MatterLine } from './lines.ts'
import { ledgerIn, localRows, remoteRows, type Rows } from './rows.ts'

/** How many rows one statement reads: a record of any length fits into memory page by page. */
const page = 1000

/**
 * @param house code or id
 * @param now UTC milliseconds
 * @throws Error where the ledger has no such house
 */
export function* linesOf(rows: Rows, house: string, now: number): Generator<Line> {
  if (!/^[\w-]{1,60}$/.test(house)) throw new Error('that is neither the code nor the id of a house')
  const [found] = rows<{ id: Id; code: string }>(
    `SELECT id, code FROM house WHERE id = '${house}' OR code = '${house}'`,
  )
  if (!found) throw new Error(`there is no house ${house} in this ledger`)

  let count = 0
  for (const line of bodyOf(rows, found, now)) {
    count += 1
    yield line
  }
  yield { end: count }
}

function* bodyOf(rows: Rows, house: { id: Id; code: string }, now: number): Generator<Line> {
  const facility = `facility = '${house.id}'`
  yield { record: format, house: house.id, code: house.code, at: now }

  const heads = paged<Head>(
    rows,
    (after) => `
      SELECT size, at, note, leaves, seal FROM checkpoint
      WHERE ${facility} AND size > ${after?.size ?? -1} ORDER BY size LIMIT ${page}`,
  )
  for (const head of heads) yield { head }

  // Nothing is believed of a table here: without its index it might hold two events in one place.
  const events = paged<Omit<EventLine, 'said'> & { salt: string | null; said: string | null }>(
    rows,
    (after) => `
      SELECT e.matter, e.seq, e.position, e.body, e.hash, c.salt, c.body AS said
      FROM event e LEFT JOIN content c ON c.matter = e.matter AND c.seq = e.seq
      WHERE e.${facility} ${after ? `AND (e.position, e.matter, e.seq) > (${after.position}, ${quoted(after.matter)}, ${after.seq})` : ''}
      ORDER BY e.position, e.matter, e.seq LIMIT ${page}`,
  )
  for (const { salt, said, ...event } of events)
    yield { event: { ...event, said: salt === null || said === null ? null : { salt, body: said } } }

  const strays = rows<{ matter: Id; seq: number }>(
    `SELECT c.matter, c.seq FROM content c
     WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.matter = c.matter AND e.seq = c.seq)`,
  )
  for (const stray of strays) yield { stray }

  const matters = paged<Omit<MatterLine, 'appealed'> & { appealed: number }>(
    rows,
    (after) => `
      SELECT id, facility, kind, tie, detainee, account, agent, state, version, edition, since, due, decider, appealed, awaits
      FROM matter WHERE ${facility} AND id > ${quoted(after?.id ?? '')} ORDER BY id LIMIT ${page}`,
  )
  for (const matter of matters) yield { matter: { ...matter, appealed: matter.appealed === 1 } }

  for (const daily of rows<DailyLine>(`SELECT day, kind, move, count FROM daily WHERE ${facility} ORDER BY 1, 2, 3`))
    yield { daily }
}

function* paged<Row>(rows: Rows, sql: (after: Row | undefined) => string): Generator<Row> {
  for (let after: Row | undefined; ;) {
    const found = rows<Row>(sql(after))
    yield* found
    after = found.at(-1)
    if (found.length < page) return
  }
}

function* textOf(lines: Iterable<Line>): Generator<string> {
  for (const line of lines) yield `${JSON.stringify(line)}\n`
}

/** A text as SQL writes it: what stands in the ledger may have been put there by anybody. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { out: { type: 'string' }, dir: { type: 'string', default: '.data' }, remote: { type: 'string' } },
    allowPositionals: true,
  })
  const [house] = positionals
  try {
    if (house === undefined)
      throw new Error('npm run audit:export -- HOUSE [--out FILE] [--dir .data | --remote DATABASE]')
    const rows = values.remote === undefined ? localRows(ledgerIn(values.dir)) : remoteRows(values.remote)
    await pipeline(
      Readable.from(textOf(linesOf(rows, house, Date.now()))),
      values.out === undefined ? process.stdout : createWriteStream(values.out),
    )
  } catch (fault) {
    console.error((fault as Error).message)
    process.exitCode = 2
  }
}
