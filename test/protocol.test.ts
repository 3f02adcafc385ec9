// What travels, by its shape: phones that were not updated for a year still speak it, so only a decision changes it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { protocol } from '#db/upcast.ts'
import { relatives } from '#db/demo/qingshan.ts'
import { newId } from '#db/id.ts'
import { startServer, Visitor } from '#test/server.ts'
import type { Served } from '#worker/start/serve.ts'

let served: Served
beforeAll(async () => {
  served = await startServer(true)
})
afterAll(() => served.stop())

/** Names and types; of a list every different shape, of an object under ids one. */
function shape(value: unknown): unknown {
  if (value === null) return 'null'
  if (Array.isArray(value))
    return [...new Set(value.map((item) => JSON.stringify(shape(item))))]
      .sort()
      .map((text) => JSON.parse(text) as unknown)
  if (typeof value !== 'object') return typeof value
  const entries = Object.entries(value).map(([name, inside]): [string, unknown] => [
    /^[0-9a-f-]{36}$/.test(name) ? 'id' : name,
    shape(inside),
  ])
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

test('what the house answers has the shape that was decided', async () => {
  const mother = await Visitor.signedIn(served.url, relatives.mother.phone)
  const reviewer = await Visitor.signedIn(served.url, 'reviewer')
  const first = await mother.syncs()
  const tie = first.changes.flatMap((change) => ('tie' in change ? [change.tie] : []))[0]
  if (!tie) throw new Error('the mother has no tie')
  const facility = tie.house.id
  const sent = { id: newId(), facility, matter: newId(), kind: 'letter', move: 'submit', base: 0, at: 1 }
  const asked = {
    v: protocol,
    cursor: {},
    limit: 65_536,
    ask: [
      { id: sent.id, facility },
      { id: newId(), facility },
    ],
  }
  const commands = [
    { ...sent, input: { to: tie.id, body: '天冷了。' } },
    { ...sent, move: 'approve' },
  ]
  await mother.post('/api/sync', { ...asked, commands })

  const told = {
    'relative, first sync': shape(first),
    'relative, asking and sending again': shape((await mother.post('/api/sync', { ...asked, commands })).said),
    'relative, a broken envelope': shape((await mother.post('/api/sync', {})).said),
    'reviewer, queue': shape((await reviewer.ask('GET', `/api/houses/${facility}/queue`)).said),
    'reviewer, one matter': shape((await reviewer.ask('GET', `/api/houses/${facility}/matters/${sent.matter}`)).said),
    nobody: shape((await new Visitor(served.url).post('/api/sync', {})).said),
  }
  await expect(`${JSON.stringify(told, null, 1)}\n`).toMatchFileSnapshot('protocol.snapshot.json')
})
