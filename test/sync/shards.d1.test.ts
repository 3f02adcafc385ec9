// Two houses in two databases: a letter's life in each, and nothing of the one is ever asked of the other.
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { append } from '#worker/record/append.ts'
import { looked } from '#worker/record/looks.ts'
import { deskOf } from '#worker/rooms/poke.ts'
import { minute } from '#worker/minute.ts'
import type { Env } from '#worker/env.ts'
import { command, letterTo, openHouse, stateOf, syncs, type House, type Somebody } from '#test/ledger.ts'
import { southHouse } from '#test/shards.ts'

interface Asked {
  readonly sql: string
  readonly values: readonly unknown[]
}
const asked = { north: [] as Asked[], south: [] as Asked[] }

/** The same database, which writes down every statement and what it was given. */
function watched(database: D1Database, log: Asked[]): D1Database {
  const originals = new WeakMap<object, D1PreparedStatement>()
  const statement = (original: D1PreparedStatement, sql: string, values: readonly unknown[]): D1PreparedStatement => {
    const asks = <Name extends 'all' | 'run' | 'first' | 'raw'>(name: Name) =>
      function asking(...given: never[]): unknown {
        log.push({ sql, values })
        return (original[name] as (...given: never[]) => unknown).apply(original, given)
      }
    const wrapped = {
      bind: (...given: unknown[]) => statement(original.bind(...given), sql, given),
      all: asks('all'),
      run: asks('run'),
      first: asks('first'),
      raw: asks('raw'),
    } as unknown as D1PreparedStatement
    originals.set(wrapped, original)
    says.set(wrapped, { sql, values })
    return wrapped
  }
  const says = new WeakMap<object, Asked>()
  return {
    prepare: (sql: string) => statement(database.prepare(sql), sql, []),
    batch: (statements: D1PreparedStatement[]) => {
      for (const one of statements) log.push(says.get(one) ?? { sql: '?', values: [] })
      return database.batch(statements.map((one) => originals.get(one) ?? one))
    },
  } as unknown as D1Database
}

let north: House
let south: House
let mother: Somebody
const both: Env = {
  ...env,
  DB: watched(env.DB, asked.north),
  DB_SOUTH: watched(env.DB_SOUTH, asked.south),
} as Env

beforeAll(async () => {
  const inNorth = await openHouse('serving', env.DB)
  const inSouth = await openHouse('untried', env.DB_SOUTH, southHouse)
  const account = inNorth.mother.me.account
  await env.DB_SOUTH.prepare('UPDATE kinship SET account = ? WHERE id = ?').bind(account, inSouth.tie).run()
  north = { ...inNorth, env: both }
  south = { ...inSouth, env: both }
  mother = { me: { ...inNorth.mother.me, facilities: [north.facility, south.facility] }, cursor: {} }
})

const idsOf = ({ facility, detainee, tie, reviewer, desk, kiosk }: House): Id[] => [
  facility,
  detainee,
  tie,
  ...[reviewer, desk, kiosk].map(({ me }) => me.account),
]
/** Every row of every table, as text. */
async function allOf(database: D1Database): Promise<string> {
  const { results } = await database
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf*' AND name NOT GLOB 'sqlite*'`)
    .all<{ name: string }>()
  const answers = await database.batch(results.map(({ name }) => database.prepare(`SELECT * FROM "${name}"`)))
  return JSON.stringify(answers.map(({ results }) => results))
}

test('a letter lives in each, for one relative with people in both', async () => {
  const [letterNorth, letterSouth] = [newId(), newId()]
  const { results } = await syncs(north, mother, [
    letterTo(north, letterNorth, '北边的信'),
    letterTo(south, letterSouth, '南边的信'),
  ])
  expect(results.map(stateOf)).toEqual(['submitted', 'awaitingConsent'])

  // the paper comes, and the house's minute lets the letter go on
  const write = env.DB_SOUTH.prepare(
    `INSERT INTO consent (detainee, account, kind, "from", document) VALUES (?, ?, 'letter', 0, '第1号')`,
  ).bind(south.detainee, mother.me.account)
  await write.run()
  await append(both, south.facility, { account: south.desk.me.account, role: 'desk' }, [
    { subject: south.tie, move: 'consent', facts: { kind: 'letter' } },
  ])
  for (const house of [north, south]) await minute(both, house.facility, Date.now())

  for (const [house, letter] of [
    [north, letterNorth],
    [south, letterSouth],
  ] as const) {
    const { account } = house.reviewer.me
    await looked(both, { account, facility: house.facility, roles: ['reviewer'] }, [{ matter: letter, how: 'read' }])
    const approved = await syncs(house, house.reviewer, [command(house, letter, 'approve', { base: 1 })])
    expect(approved.results.map(stateOf)).toEqual(['approved'])
    await syncs(house, house.kiosk)
    const inCell = [command(house, letter, 'deliver', { base: 1 }), command(house, letter, 'read')]
    expect((await syncs(house, house.kiosk, inCell)).results.map(stateOf)).toEqual(['delivered', 'read'])
  }
  const { changes } = await syncs(north, mother)
  expect(changes.flatMap((change) => ('matter' in change ? [change.matter.state] : [])).sort()).toEqual([
    'read',
    'read',
  ])
})

test('no statement crossed, and each database holds rows of its own house alone', async () => {
  expect(asked.north.length).toBeGreaterThan(20)
  expect(asked.south.length).toBeGreaterThan(20)
  for (const [log, others] of [
    [asked.north, idsOf(south)],
    [asked.south, idsOf(north)],
  ] as const) {
    const text = JSON.stringify(log)
    for (const id of others) expect(text).not.toContain(id)
  }

  const [inNorth, inSouth] = [await allOf(env.DB), await allOf(env.DB_SOUTH)]
  for (const id of idsOf(north)) {
    expect(inNorth).toContain(id)
    expect(inSouth).not.toContain(id)
  }
  for (const id of idsOf(south)) {
    expect(inSouth).toContain(id)
    expect(inNorth).not.toContain(id)
  }
  expect(inNorth).toContain('北边的信')
  expect(inNorth).not.toContain('南边的信')
  expect(inSouth).not.toContain('北边的信')
})

test('a desk keeps the minute of its house in that house’s database', async () => {
  const heads = (database: D1Database) =>
    database.prepare('SELECT facility, max(size) AS size FROM checkpoint GROUP BY facility').all()
  await append(both, south.facility, { account: south.desk.me.account, role: 'desk' }, [
    { subject: south.tie, move: 'consent', facts: { kind: 'letter' } },
  ])
  const before = await heads(env.DB)
  await deskOf(env, south.facility).poke(south.facility, [], true)
  await runDurableObjectAlarm(deskOf(env, south.facility))
  const { count } = (await env.DB_SOUTH.prepare('SELECT count(*) AS count FROM event').first<{ count: number }>()) ?? {
    count: 0,
  }
  expect((await heads(env.DB_SOUTH)).results).toEqual([{ facility: southHouse, size: count }])
  expect((await heads(env.DB)).results).toEqual(before.results)
})

test('a house that is being moved answers that one has to wait, and the other goes on', async () => {
  const moving: Env = { ...both, SHARDS: JSON.stringify({ [southHouse]: null }) }
  const [letterNorth, letterSouth] = [newId(), newId()]
  const commands = [letterTo(north, letterNorth, '北边'), letterTo(south, letterSouth, '南边')]
  const { results } = await syncs({ ...north, env: moving }, mother, commands)
  expect(results[0]).toMatchObject({ done: { state: 'submitted' } })
  expect(results[1]).toMatchObject({ retry: { afterMs: expect.any(Number) as number } })
  const later = await syncs(north, mother, commands)
  expect(later.results).toMatchObject([{ done: { state: 'submitted' } }, { done: { state: 'submitted' } }])
})
