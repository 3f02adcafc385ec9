// A copy of all that is held about somebody, read with the table that says what is held (db/held.ts).
import { eq } from 'drizzle-orm'
import { copyFormat, type Copy, type Tables } from '#db/copy.ts'
import { directory } from '#db/directory.ts'
import { forOfficers, heldInDirectory, heldInLedger, type Held } from '#db/held.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { HouseCard } from '#db/matter.ts'
import { kinds } from '#db/matters/index.ts'
import { reach } from '#db/tables/directory.ts'
import type { Env } from '../env.ts'
import { openNumber, type Numbered } from '../identity/numbers.ts'

type Row = Record<string, unknown>

/** Of a relative: their account, and what each house has of them. */
export async function copyOfRelative(env: Env, account: Id, now: number): Promise<Copy> {
  const rows = await directory(env).select({ facility: reach.facility }).from(reach).where(eq(reach.account, account))
  const houses = await Promise.all(rows.map(({ facility }) => houseOf(env, facility, 'account', account)))
  const own = await tablesOf(directory(env).$client, heldInDirectory, 'account', [account])
  return copy('relative', now, await opened(env, account, own), houses)
}

/** Of somebody inside, or who was: as that one house has it. */
export const copyOfPerson = async (env: Env, facility: Id, person: Id, now: number): Promise<Copy> =>
  copy('person', now, {}, [await houseOf(env, facility, 'person', person)])

const copy = (of: Copy['of'], at: number, account: Tables, houses: Copy['houses']): Copy => ({
  format: copyFormat,
  at,
  of,
  account,
  houses,
  notTold: { secret: columns(of, 'secret'), officers: columns(of, 'officers') },
})

const columns = (of: Copy['of'], how: 'secret' | 'officers'): string[] =>
  Object.entries({ ...heldInDirectory, ...heldInLedger }).flatMap(([table, { person, account, columns }]) =>
    (of === 'person' ? person : account) === undefined
      ? []
      : Object.entries(columns).flatMap(([column, is]) => (is === how ? [`${table}.${column}`] : [])),
  )

async function houseOf(env: Env, facility: Id, whose: 'person' | 'account', id: Id): Promise<Copy['houses'][number]> {
  const db = ledger(env, facility)
  const house = await db
    .prepare(`SELECT id, name, telephone, hours FROM house WHERE id = ?`)
    .bind(facility)
    .first<HouseCard>()
  if (!house) throw new Error('a house that is not in its ledger')
  const tables = await tablesOf(db, heldInLedger, whose, [id, facility])
  return { house, tables: whose === 'person' ? asShown(tables) : tables }
}

/** All rows that are about somebody, with the columns that they are told; those of which there are none are left out. */
async function tablesOf(
  db: D1Database,
  held: Readonly<Record<string, Held>>,
  whose: 'person' | 'account',
  given: readonly string[],
): Promise<Tables> {
  const asked = Object.entries(held).flatMap(([table, { [whose]: where, columns }]) => {
    const told = Object.entries(columns).flatMap(([column, how]) =>
      how === 'told' || how === 'sealed' ? [column] : [],
    )
    return where === undefined || told.length === 0 ? [] : [{ table, where, told }]
  })
  const answers = await db.batch<Row>(
    asked.map(({ table, where, told }) =>
      db
        .prepare(`SELECT ${told.map((column) => `"${column}"`).join(', ')} FROM "${table}" WHERE ${where}`)
        .bind(...given),
    ),
  )
  const tables: Record<string, Row[]> = {}
  for (const [nth, { table }] of asked.entries()) tables[table] = answers[nth]?.results ?? []
  return Object.fromEntries(Object.entries(spoken(tables)).filter(([, rows]) => rows.length > 0))
}

/** The steps and the texts as they may be read: nothing of what is for officers alone, and no officer's id. */
function spoken(tables: Record<string, Row[]>): Record<string, Row[]> {
  if (!tables['event']) return tables
  const steps = tables['event'].map(({ body, hash }) => {
    const { matter, seq, at, move, state, role, facts, due, content } = JSON.parse(String(body)) as Row
    const hidden = forOfficers.includes(String(move))
    const { reason: _, ...told } = facts as Row
    return { matter, seq, at, move, state, role, facts: hidden ? told : facts, due, content, hash }
  })
  const hidden = new Set(
    steps
      .filter(({ move }) => forOfficers.includes(String(move)))
      .map(({ matter, seq }) => `${String(matter)} ${String(seq)}`),
  )
  const texts = (tables['content'] ?? [])
    .filter(({ matter, seq }) => !hidden.has(`${String(matter)} ${String(seq)}`))
    .map(({ body, ...text }) => ({ ...text, said: JSON.parse(String(body)) as unknown }))
  return { ...tables, event: steps, content: texts }
}

/** Somebody inside is told of what a kiosk may show them: a letter that was not handed over is not handed over here. */
function asShown(tables: Tables): Tables {
  const kept = (tables['matter'] ?? []).filter(({ kind, state }) => {
    const shown = kinds.get(String(kind))?.reads.get('kiosk')?.states
    return shown === 'all' || shown?.includes(String(state))
  })
  const gone = new Set((tables['matter'] ?? []).filter((row) => !kept.includes(row)).map(({ id }) => id))
  const without = (rows: Tables[string] = []) => rows.filter(({ matter }) => !gone.has(matter))
  return { ...tables, matter: kept, event: without(tables['event']), content: without(tables['content']) }
}

/** As what each sealed column was sealed. */
const sealedAs: ReadonlyMap<string, Numbered> = new Map([
  ['phone_sealed', 'phone'],
  ['number_sealed', 'document'],
  ['name_sealed', 'name'],
  ['licence_sealed', 'licence'],
])

/** What is sealed is opened for whoever it is about, and goes by its name alone. */
async function opened(env: Env, account: Id, tables: Tables): Promise<Tables> {
  const value = async (column: string, given: unknown): Promise<[string, unknown]> => {
    if (!column.endsWith('_sealed') || typeof given !== 'string') return [column.replace(/_sealed$/, ''), given]
    const what = sealedAs.get(column)
    if (!what) throw new Error(`as what ${column} was sealed is not known`)
    return [column.replace(/_sealed$/, ''), await openNumber(env.PEOPLE_SECRET, what, account, given)]
  }
  const row = async (given: Tables[string][number]) =>
    Object.fromEntries(await Promise.all(Object.entries(given).map(([column, one]) => value(column, one))))
  const table = async ([name, rows]: [string, Tables[string]]) => [name, await Promise.all(rows.map(row))] as const
  return Object.fromEntries(await Promise.all(Object.entries(tables).map(table)))
}
