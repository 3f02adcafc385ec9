// A request that comes in pieces, over connections that break: what has come is kept, and nothing else is done with it
// before all is there.
import { env } from 'cloudflare:workers'
import { beforeEach, expect, test, vi } from 'vitest'
import { maxBodyBytes, type SyncAnswer } from '#db/command.ts'
import { newId } from '#db/id.ts'
import { base64, sha256 } from '#db/record.ts'
import { pieceText, uploadHeader, type Have } from '#db/upload.ts'
import { protocol } from '#db/upcast.ts'
import { command, letterTo, openHouse, stateOf, type House, type Somebody } from '#test/ledger.ts'
import { minute } from '#worker/minute.ts'
import { randomSalt } from '#worker/sync/fold.ts'
import { respond } from '#worker/sync/index.ts'

const day = 86_400_000
let house: House
let body: Uint8Array<ArrayBuffer>
let hash: string
let now = Date.now()

beforeEach(async () => {
  house = await openHouse('serving')
  body = bytesOf([letterTo(house, newId(), '天冷了，多穿点。'.repeat(100))])
  hash = base64(sha256(body))
  now = Date.now()
})

const bytesOf = (commands: readonly unknown[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    new TextEncoder().encode(JSON.stringify({ v: protocol, cursor: {}, limit: 65_536, ask: [], commands })),
  )

/** @param cut the connection breaks after these bytes, in the middle of the request */
async function brings(from: number, to: number, { cut = false, who = house.mother, as = hash } = {}) {
  const parts = [body.slice(from, to)].filter(({ byteLength }) => byteLength > 0)
  const came = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const next = parts.shift()
      if (next) controller.enqueue(next)
      else if (cut) controller.error(new TypeError('client disconnected'))
      else controller.close()
    },
  })
  const headers = new Headers({
    'content-type': 'application/json',
    [uploadHeader]: pieceText({ hash: as, from, of: body.byteLength }),
  })
  return respond({ headers, body: came }, house.env, who.me, { now, salt: randomSalt })
}
const asks = (who: Somebody = house.mother) => brings(0, 0, { who })
const have = ({ body: said }: Awaited<ReturnType<typeof brings>>) => (said as Have).have
const fates = ({ body: said }: Awaited<ReturnType<typeof brings>>) => (said as SyncAnswer).results.map(stateOf)
const letters = async () =>
  (await env.DB.prepare('SELECT id FROM matter WHERE facility = ?').bind(house.facility).all()).results.length

test('what has come whole is carried out at once, and nothing of it is kept in pieces', async () => {
  expect(fates(await brings(0, body.byteLength))).toEqual(['submitted'])
  expect(have(await asks())).toEqual([])
})

test('what a broken connection brought is kept, and the rest makes a letter of it, once', async () => {
  await brings(0, 900, { cut: true })
  expect(await letters()).toBe(0)
  expect(have(await asks())).toEqual([[0, 900]])
  expect(fates(await brings(900, body.byteLength))).toEqual(['submitted'])
  expect(await letters()).toBe(1)
})

test('pieces may come in any order, twice, and over one another', async () => {
  await brings(1500, 2000)
  await brings(200, 700, { cut: true })
  await brings(200, 500, { cut: true })
  expect(have(await brings(600, 1000))).toEqual([
    [200, 1000],
    [1500, 2000],
  ])
  await brings(0, 200)
  await brings(1000, 1500)
  expect(fates(await brings(2000, body.byteLength))).toEqual(['submitted'])
})

test('the piece that makes the whole takes one trip to the ledger more than what comes at once', async () => {
  const statement = Object.getPrototypeOf(env.DB.prepare('SELECT 1')) as D1PreparedStatement
  const trips = [vi.spyOn(env.DB, 'batch'), vi.spyOn(statement, 'all')]
  const tripsOf = async (work: () => Promise<unknown>) => {
    for (const trip of trips) trip.mockClear()
    await work()
    return trips.reduce((sum, { mock }) => sum + mock.calls.length, 0)
  }
  await brings(0, 900)
  expect(await tripsOf(() => brings(900, body.byteLength))).toBe(3)
  for (const trip of trips) trip.mockRestore()
})

test('an answer that was lost is given again to whoever asks what has come', async () => {
  await brings(0, 900, { cut: true })
  const first = await brings(900, body.byteLength)
  await first.done?.()
  expect(await asks()).toMatchObject({ status: 200, body: { results: (first.body as SyncAnswer).results } })
  expect(await letters()).toBe(1)
})

test('nobody hears of another’s pieces, and nobody’s are mixed with theirs', async () => {
  await brings(0, 900, { cut: true })
  const stranger = { ...house.stranger, me: { ...house.stranger.me, facilities: [house.facility] } }
  expect(have(await asks(stranger))).toEqual([])
  expect(have(await brings(900, body.byteLength, { who: stranger }))).toEqual([[900, body.byteLength]])
  expect(await letters()).toBe(0)
})

test('what does not make the whole that it was said to be is thrown away', async () => {
  const other = base64(sha256(bytesOf([command(house, newId(), 'withdraw')])))
  await brings(0, 900, { as: other })
  expect(have(await brings(900, body.byteLength, { as: other }))).toEqual([])
  expect(await letters()).toBe(0)
})

test.each<[string, string]>([
  ['a hash that is none', `short 0 ${maxBodyBytes}`],
  ['more than a request may weigh', `${base64(sha256('x'))} 0 ${maxBodyBytes + 1}`],
  ['a beginning behind the end', `${base64(sha256('x'))} 9 8`],
  ['numbers that are none', `${base64(sha256('x'))} 0 1e3`],
])('%s names no piece: what comes under it is read as it is', async (_, text) => {
  const headers = new Headers({ 'content-type': 'application/json', [uploadHeader]: text })
  const said = await respond({ headers, body: new Response(body).body }, house.env, house.mother.me, {
    now,
    salt: randomSalt,
  })
  expect(fates(said)).toEqual(['submitted'])
})

test('a piece that is longer than what was said to be missing is refused', async () => {
  const headers = new Headers({
    'content-type': 'application/json',
    [uploadHeader]: pieceText({ hash, from: 0, of: 100 }),
  })
  const raw = { headers, body: new Response(body).body }
  expect(await respond(raw, house.env, house.mother.me, { now, salt: randomSalt })).toMatchObject({ status: 413 })
})

test('one account fills no ledger with pieces of requests that never come to an end', async () => {
  body = new Uint8Array(maxBodyBytes)
  const statuses: number[] = []
  for (let nth = 0; nth < 4; nth += 1)
    statuses.push((await brings(1, maxBodyBytes, { as: base64(sha256(`request ${nth}`)) })).status)
  expect(statuses).toEqual([202, 202, 413, 413])
  now += 2 * 3_600_000 // an hour later those are given up
  expect((await brings(1, maxBodyBytes, { as: base64(sha256('another')) })).status).toBe(202)
})

test('what nobody came back for is forgotten after a day', async () => {
  await brings(0, 900, { cut: true })
  await minute(house.env, house.facility, now + day - 60_000)
  expect(have(await asks())).toEqual([[0, 900]])
  await minute(house.env, house.facility, now + day + 60_000)
  expect(have(await asks())).toEqual([])
})
