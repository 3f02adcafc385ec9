// A relative stands at the desk with their document: the officer compares it with what was stated, and says so.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatedDocument } from '#db/document.ts'
import type { HouseView } from '#db/house.ts'
import { startServer, Visitor } from '#test/server.ts'
import type { Served } from '#worker/start/serve.ts'

let served: Served
let desk: Visitor
let sister: Visitor
let at: string
beforeAll(async () => {
  served = await startServer(true)
  desk = await Visitor.signedIn(served.url, 'desk')
  sister = await Visitor.signedIn(served.url, 'sister')
  const { posts } = (await desk.ask('GET', '/api/me')).said as { posts: { house: { id: string } }[] }
  const house = `/api/houses/${posts[0]?.house.id}`
  const { ties } = (await desk.ask('GET', house)).said as HouseView
  at = `${house}/kinships/${ties.find(({ name }) => name === '王芳')?.id}/document`
}, 120_000)
afterAll(() => served.stop())

const card = { kind: 'residentCard', number: '11010519491231002X', name: '王芳' }
const states = async (given = card) =>
  ((await sister.post('/api/identity/document', given)).said as { document: StatedDocument }).document
const own = async () => (await sister.ask('GET', '/api/identity/document')).said

test('nothing was stated: that is said, and there is nothing to check', async () => {
  expect((await desk.post(at)).said).toEqual({ document: null })
  expect(await desk.post(`${at}/check`, { statedAt: 0 })).toMatchObject({
    status: 409,
    said: { refused: { code: 'stale' } },
  })
})

test('the desk sees the last four places and the name, and its word that the paper was seen reaches her', async () => {
  const { statedAt } = await states()
  const { said } = await desk.post(at)
  expect(said).toMatchObject({ document: { number: '••••••••••••••002X', name: '王芳', checkedAt: null } })
  expect(JSON.stringify(said)).not.toContain('1949')
  expect((await desk.post(`${at}/check`, { statedAt })).status).toBe(200)
  expect(await own()).toMatchObject({ document: { checkedAt: expect.any(Number) as number } })
})

test('what was stated anew while the officer looked is not what they have seen', async () => {
  const { statedAt } = await states()
  await new Promise((later) => setTimeout(later, 5))
  await states({ ...card, kind: 'passport', number: 'E12345678' })
  expect(await desk.post(`${at}/check`, { statedAt })).toMatchObject({ status: 409 })
  expect(await own()).toMatchObject({ document: { kind: 'passport', checkedAt: null } })
})

test('whoever has no business with it sees nothing: another officer, a relative, a stranger', async () => {
  for (const name of ['duty', 'reviewer', 'oversight', 'sister', 'mother'])
    expect((await (await Visitor.signedIn(served.url, name)).post(at)).status).toBe(403)
  expect((await new Visitor(served.url).post(at)).status).toBe(401)
})
