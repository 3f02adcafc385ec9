// A phone is lost, or was borrowed: its sign-in is ended from another one.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { relatives } from '#db/demo/qingshan.ts'
import { newId } from '#db/id.ts'
import { deviceIn, type SessionView } from '#db/session.ts'
import { HOUR_MS, passes, startServer, Visitor } from '#test/server.ts'
import type { Served } from '#worker/start/serve.ts'

let served: Served
beforeAll(async () => {
  served = await startServer(true)
}, 120_000)
afterAll(() => served.stop())
afterEach(() => passes(served.url, 0))

const signsIn = (name: keyof typeof relatives) => Visitor.signedIn(served.url, relatives[name].phone)
const listed = async (who: Visitor) =>
  ((await who.ask('GET', '/api/identity/sessions')).said as { sessions: SessionView[] }).sessions
const withoutPass = (who: Visitor) => {
  who.cookies.delete('etb')
  return who
}

test('she sees where she is signed in, which of them this is, and nothing that would open it', async () => {
  const [lost, here] = [await signsIn('mother'), await signsIn('mother')]
  const sessions = await listed(here)
  expect(sessions.filter((session) => session.here)).toHaveLength(1)
  expect(sessions.length).toBeGreaterThanOrEqual(2)
  expect(Object.keys(sessions[0] ?? {}).sort()).toEqual(['browser', 'here', 'id', 'since', 'system', 'usedAt'])
  expect(await listed(lost)).toHaveLength(sessions.length)
})

test('the lost phone is out on its next request, is told to throw away what it holds, and is a stranger again', async () => {
  const [lost, here] = [await signsIn('wife'), await signsIn('wife')]
  const mine = (await listed(lost)).find((session) => session.here)?.id
  expect((await here.post('/api/identity/sessions/end', { id: mine })).said).toEqual({ ended: 1 })

  const answer = await withoutPass(lost).ask('GET', '/api/me')
  expect([answer.status, answer.said]).toEqual([401, { signIn: true, ended: true }])
  expect((await here.ask('GET', '/api/me')).status).toBe(200)

  lost.account = undefined
  const phoneNumber = relatives.wife.phone
  await lost.post('/api/identity/phone-number/send-otp', { phoneNumber })
  const kept = await (await fetch(`${served.url}/local/codes.json`)).json<{ to: string; code: string }[]>()
  const code = kept.find(({ to }) => to === phoneNumber)?.code
  const { said } = await lost.post('/api/identity/phone-number/verify', { phoneNumber, code })
  expect(said).toEqual({ prove: ['invite'] })
})

test('five minutes later at the latest its token opens nothing either', async () => {
  const [lost, here] = [await signsIn('sister'), await signsIn('sister')]
  await here.post('/api/identity/sessions/end-others')
  await passes(served.url, HOUR_MS / 12)
  const answer = await lost.ask('GET', '/api/me')
  expect([answer.status, answer.said]).toEqual([401, { signIn: true, ended: true }])
  await passes(served.url, 0)
  expect((await here.ask('GET', '/api/me')).status).toBe(200)
})

test('nobody ends a session that is not theirs', async () => {
  const [mother, daughter] = [await signsIn('mother'), await signsIn('daughter')]
  const hers = (await listed(mother)).find((session) => session.here)?.id
  for (const id of [hers, newId()]) expect((await daughter.post('/api/identity/sessions/end', { id })).status).toBe(404)
  expect((await withoutPass(mother).ask('GET', '/api/me')).status).toBe(200)
})

test('a session that ended by itself, or by its own sign-out, is told nothing of the kind', async () => {
  const who = await signsIn('mother')
  const session = who.cookies.get('etongban.session_token') ?? ''
  await who.post('/api/identity/sign-out')
  who.cookies.set('etongban.session_token', session)
  expect((await who.ask('GET', '/api/me')).said).toEqual({ signIn: true })
})

test.each([
  [
    'Mozilla/5.0 (Linux; Android 10; V1955A) AppleWebKit/537.36 Chrome/86.0 Mobile Safari/537.36 MicroMessenger/8.0',
    'android',
    'weChat',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 16_1 like Mac OS X) AppleWebKit/605.1.15 Version/16.1 Mobile/15E148 Safari/604.1',
    'iPhone',
    'safari',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0',
    'windows',
    'edge',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'linux', 'firefox'],
  ['', 'other', 'other'],
])('%s is told as %s, %s', (userAgent, system, browser) => expect(deviceIn(userAgent)).toEqual({ system, browser }))
