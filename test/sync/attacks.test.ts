// What somebody sends who does not use the app: whatever it is, it gets one plain answer, and nothing of it is written.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountHeader, marker, maxBodyBytes, maxCommands, type SyncAnswer } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import { relatives } from '#db/demo/qingshan.ts'
import { newId, type Id } from '#db/id.ts'
import type { Change, Tie } from '#db/matter.ts'
import { startServer, Visitor, type Answer } from '#test/server.ts'
import type { Served } from '#worker/start/serve.ts'

let served: Served
let mother: Visitor
let wife: Visitor
let tie: Tie
/** a letter of the wife's: the mother may not even know that it exists */
let foreign: Id

const tieIn = (changes: readonly Change[]) =>
  changes.flatMap((change) => ('tie' in change ? [change.tie] : []))[0] as Tie
const letters = (changes: readonly Change[]) =>
  changes.flatMap((change) => ('matter' in change ? [change.matter.id] : []))

beforeAll(async () => {
  served = await startServer(true)
  mother = await Visitor.signedIn(served.url, relatives.mother.phone)
  wife = await Visitor.signedIn(served.url, relatives.wife.phone)
  tie = tieIn((await mother.syncs()).changes)
  foreign = letters((await wife.syncs()).changes)[0] as Id
})
afterAll(() => served.stop())

const command = (more: object = {}) => ({
  ...{ id: newId(), facility: tie.house.id, matter: newId(), kind: 'letter', move: 'submit', base: 0, at: Date.now() },
  ...more,
})
const letter = (body: unknown, more: object = {}) => command({ input: { to: tie.id, body }, ...more })
const envelope = (more: object = {}) => ({ v: protocol, cursor: {}, limit: 65_536, ask: [], commands: [], ...more })
const sends = (body: unknown, headers: Record<string, string> = {}) => mother.ask('POST', '/api/sync', body, headers)
const events = async () => (await served.db.prepare('SELECT count(*) AS n FROM event').first<{ n: number }>())?.n

async function asBytes(body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<number> {
  const cookie = [...mother.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const type = { 'content-type': 'application/json', origin: served.url, cookie, ...headers }
  return (await fetch(`${served.url}/api/sync`, { method: 'POST', headers: type, body })).status
}

test.each<[string, unknown, number]>([
  ['no JSON', '{"v":1', 400],
  ['a list', [], 400],
  ['nothing', 'null', 400],
  ['another version', envelope({ v: 99 }), 400],
  ['no version', envelope({ v: undefined }), 400],
  ['a field that nobody knows', envelope({ admin: true }), 400],
  ['a limit of a gigabyte', envelope({ limit: 2 ** 30 }), 400],
  ['a cursor under no id', envelope({ cursor: { everything: 1 } }), 400],
  ['a cursor below nothing', envelope({ cursor: { [newId()]: -1 } }), 400],
  ['more commands than fit', envelope({ commands: Array(maxCommands + 1).fill({}) }), 400],
])('%s is answered as an envelope that is broken', async (_, body, status) => {
  const answer = await sends(body)
  expect(answer.status).toBe(status)
  expect(answer.headers.get(marker)).toBe(String(protocol))
  expect(answer.headers.get('cache-control')).toBe('no-store')
})

test('what is no JSON, too large, or grows too large is not read to its end', async () => {
  expect((await sends('v=1', { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await sends('{}', { 'content-encoding': 'br' })).status).toBe(415)
  expect(await asBytes(new Uint8Array(maxBodyBytes + 1).fill(32))).toBe(413)
  expect(await asBytes(new Uint8Array(gzipSync(' '.repeat(50 * maxBodyBytes))), { 'content-encoding': 'gzip' })).toBe(
    413,
  )
  expect(await asBytes(new Uint8Array([123, 34, 255, 254, 34, 125]))).toBe(400)
  expect(await asBytes(new Uint8Array([1, 2, 3]), { 'content-encoding': 'gzip' })).toBe(400)
})

test('nobody, somebody else, and a foreign page are told apart from nobody else', async () => {
  const stranger = new Visitor(served.url)
  const body = envelope()
  const unknown = await stranger.post('/api/sync', body)
  expect(unknown).toMatchObject({ status: 401, said: { signIn: true } })
  expect(await sends(body, { [accountHeader]: newId() })).toMatchObject({ status: 401, said: { signIn: true } })
  expect(await sends(body, { cookie: 'etb=constructor.constructor' })).toMatchObject({ status: 401 })
  const foreignPage = { origin: 'https://elsewhere.example', 'content-type': 'text/plain' }
  expect((await sends('{}', foreignPage)).status).toBe(403)
})

test('a command that is none harms no other in the same request', async () => {
  const good = letter('天冷了。')
  const bad = [
    null,
    7,
    'x',
    [],
    {},
    { ...good, id: 'constructor' },
    command({ at: 2 ** 60 }),
    command({ base: 1.5 }),
    letter({ $ne: '' }),
  ]
  const { results } = await mother.syncs(...bad.slice(0, 4), good, ...bad.slice(4))
  expect(results).toHaveLength(bad.length + 1)
  expect(results.filter((result) => 'done' in result)).toHaveLength(1)
  expect(results[4]).toHaveProperty('done')
})

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'delete', 'approve ', ''])(
  'a move or a kind called %j does not exist',
  async (name) => {
    const { results } = await mother.syncs(letter('x', { move: name }), letter('x', { kind: name }))
    for (const result of results) expect(result).toEqual({ refused: { code: 'not_allowed' } })
  },
)

test("another's letter, one that is not there, and another house's give the same answer, and none shows up", async () => {
  const before = await events()
  const answers: SyncAnswer[] = []
  for (const target of [{ matter: foreign }, { matter: newId() }, { matter: newId(), facility: newId() }])
    for (const move of ['withdraw', 'approve', 'consent', 'deliver', 'read', 'expire', 'close'])
      answers.push(await mother.syncs(command({ ...target, move, base: 1 })))
  for (const { results, changes, gone } of answers) {
    expect(results).toEqual([{ refused: { code: 'not_allowed' } }])
    expect([...letters(changes), ...gone]).not.toContain(foreign)
  }
  expect(await events()).toBe(before)
})

test('a letter cannot be filed under a tie or an id of somebody else', async () => {
  const theirs = tieIn((await (await Visitor.signedIn(served.url, relatives.wife.phone)).syncs()).changes)
  const { results } = await mother.syncs(
    command({ input: { to: theirs.id, body: 'x' } }),
    letter('x', { matter: foreign }),
  )
  for (const result of results) expect(result).toEqual({ refused: { code: 'not_allowed' } })
})

test('an officer’s doors are not there for a relative', async () => {
  const doors = ['queue', `matters/${foreign}`, 'desk', ''].map((path) => `/api/houses/${tie.house.id}/${path}`)
  const shape = ({ status, said }: Answer) => ({ status, said })
  for (const door of doors) {
    const here = await mother.ask('GET', door)
    const nowhere = await mother.ask('GET', door.replace(tie.house.id, newId()))
    expect(here.status).toBe(404)
    expect(shape(here)).toEqual(shape(nowhere))
  }
})

test('text comes back as it was written, whatever it is', async () => {
  const written = [
    '👨‍👩‍👧‍👦'.repeat(2000),
    '𠮷𡈽𪚥 生僻字',
    'שלום ‮مرحبا‬',
    '<script>alert(1)</script><b>粗</b>',
    "'; DROP TABLE event; --",
    '\u0000a',
  ]
  const sent = written.map((body) => letter(body))
  const { results } = await mother.syncs(...sent)
  for (const result of results) expect(result).toHaveProperty('done')

  const reviewer = await Visitor.signedIn(served.url, 'reviewer')
  for (const [nth, { matter }] of sent.entries()) {
    const { said } = await reviewer.ask('GET', `/api/houses/${tie.house.id}/matters/${matter}`)
    expect((said as { contents: { input: { body: string } }[] }).contents[0]?.input.body).toBe(written[nth])
  }
})

test('half a character, an empty letter and one too long are refused at their field', async () => {
  const bodies = ['\ud800', 'a\udc00b', ' \n ', '👨‍👩‍👧‍👦'.repeat(2001), 'x'.repeat(64 * 1024 + 1)]
  const { results } = await mother.syncs(...bodies.map((body) => letter(body)))
  for (const result of results) expect(result).toEqual({ refused: { code: 'check_input', field: 'body' } })
})
