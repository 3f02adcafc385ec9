// Signing in and out, in the words of those who do it, and of those who try what they should not.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { accountHeader } from '#db/command.ts'
import { relatives } from '#db/demo/qingshan.ts'
import { newId } from '#db/id.ts'
import { HOUR_MS, passes, startServer, Visitor, type Answer } from '#test/server.ts'
import type { Served } from '#worker/start/serve.ts'

let served: Served
beforeAll(async () => {
  served = await startServer(true)
}, 120_000)
afterAll(() => served.stop())
afterEach(() => passes(served.url, 0))

let numbers = 0
const newPhone = () => `+8615000${String((numbers += 1)).padStart(6, '0')}`
const visitor = () => new Visitor(served.url)
const asks = (who: Visitor, phoneNumber: string) => who.post('/api/identity/phone-number/send-otp', { phoneNumber })
const types = (who: Visitor, phoneNumber: string, code: string) =>
  who.post('/api/identity/phone-number/verify', { phoneNumber, code })
const codeFor = async (phone: string): Promise<string> => {
  const answer = await fetch(`${served.url}/local/codes.json`)
  const kept = await answer.json<{ to: string; code: string }[]>()
  return kept.find(({ to }) => to === phone)?.code ?? ''
}
const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
const signsIn = async (phone: string): Promise<Visitor> => {
  const who = visitor()
  await asks(who, phone)
  await types(who, phone, await codeFor(phone))
  return who
}
/** What an onlooker can tell of an answer. */
const shape = ({ status, said, headers }: Answer) => ({ status, said, headers: [...headers.keys()].sort() })

test('a phone number and its code sign in, and no script can read the session', async () => {
  const phone = newPhone()
  const who = visitor()
  expect((await asks(who, phone)).said).toEqual({ sent: true })
  const answer = await types(who, phone, await codeFor(phone))

  expect(answer.said).toEqual({ signedIn: true })
  const [cookie = ''] = answer.headers.getSetCookie().filter((cookie) => cookie.includes('session_token'))
  expect(cookie).toMatch(/HttpOnly/i)
  expect(cookie).toMatch(/SameSite=Lax/i)
  expect(JSON.stringify(answer.said)).not.toContain('token')
  const { said } = await who.ask('GET', '/api/me')
  expect(said).toMatchObject({ phone: `+86 •••• ${phone.slice(-4)}`, officer: false, posts: [] })
})

test('where people come by https the cookies go nowhere else', async () => {
  const phone = newPhone()
  const who = visitor()
  const headers = { 'x-forwarded-proto': 'https', origin: served.url.replace('http:', 'https:') }
  await who.ask('POST', '/api/identity/phone-number/send-otp', { phoneNumber: phone }, headers)
  const code = await codeFor(phone)
  const { headers: set } = await who.ask(
    'POST',
    '/api/identity/phone-number/verify',
    { phoneNumber: phone, code },
    headers,
  )
  for (const cookie of set.getSetCookie()) expect(cookie).toMatch(/; Secure/i)
  const me = await who.ask('GET', '/api/me', undefined, headers)
  for (const cookie of me.headers.getSetCookie()) expect(cookie).toMatch(/; Secure/i)
  expect(me.status).toBe(200)
})

test('138 0000 0000, +86 138-0000-0000 and full-width digits are one number', async () => {
  const phone = newPhone()
  const bare = phone.slice(3)
  await asks(visitor(), `${bare.slice(0, 3)} ${bare.slice(3, 7)} ${bare.slice(7)}`)
  const typed = bare.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))
  expect((await types(visitor(), typed, await codeFor(phone))).said).toEqual({ signedIn: true })
})

test('no answer tells whether somebody has an account', async () => {
  const [known, unknown] = [relatives.mother.phone, newPhone()]
  expect(shape(await asks(visitor(), known))).toEqual(shape(await asks(visitor(), unknown)))
  const codes = [await codeFor(known), await codeFor(unknown)] as const
  expect(shape(await types(visitor(), known, wrong(codes[0])))).toEqual(
    shape(await types(visitor(), unknown, wrong(codes[1]))),
  )
})

test('a wrong code opens nothing, and after five of them the right one is spent', async () => {
  const phone = newPhone()
  const who = visitor()
  await asks(who, phone)
  const code = await codeFor(phone)
  for (let tries = 0; tries < 5; tries += 1) {
    const answer = await types(who, phone, wrong(code))
    expect([answer.status, answer.said]).toEqual([400, { refused: { code: 'wrong_code', field: 'code' } }])
  }
  expect((await types(who, phone, code)).status).toBe(400)
  expect((await who.ask('GET', '/api/me')).status).toBe(401)
})

test('a code is good once, even for two who type it at the same moment', async () => {
  const phone = newPhone()
  await asks(visitor(), phone)
  const code = await codeFor(phone)
  const answers = await Promise.all([types(visitor(), phone, code), types(visitor(), phone, code)])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
})

test('a message that was late is good as well: of the codes sent to a number the last two are', async () => {
  const phone = newPhone()
  const codes: string[] = []
  for (let sent = 0; sent < 3; sent += 1) {
    await asks(visitor(), phone)
    codes.push(await codeFor(phone))
  }
  const [first = '', second = ''] = codes
  expect((await types(visitor(), phone, first)).status).toBe(400)
  expect((await types(visitor(), phone, `${second.slice(0, 3)} ${second.slice(3)}`)).said).toEqual({ signedIn: true })
})

test('a code that opened something takes the other one with it', async () => {
  const phone = newPhone()
  await asks(visitor(), phone)
  const first = await codeFor(phone)
  await asks(visitor(), phone)
  await types(visitor(), phone, await codeFor(phone))
  expect((await types(visitor(), phone, first)).status).toBe(400)
})

test('the phone can fill the code in: the message ends with where it belongs', async () => {
  const phone = newPhone()
  await asks(visitor(), phone)
  const kept = await (
    await fetch(`${served.url}/local/codes.json`)
  ).json<{ to: string; code: string; text: string }[]>()
  const { code = '', text = '' } = kept.find(({ to }) => to === phone) ?? {}
  expect(text.split('\n').at(-1)).toBe(`@localhost #${code}`)
})

test('a code of six minutes ago is no code', async () => {
  const phone = newPhone()
  await asks(visitor(), phone)
  const code = await codeFor(phone)
  await passes(served.url, HOUR_MS / 10)
  expect((await types(visitor(), phone, code)).status).toBe(400)
})

test('nobody can flood a phone with codes: five in an hour, then a time to wait, then again', async () => {
  const phone = newPhone()
  for (let sent = 0; sent < 5; sent += 1) expect((await asks(visitor(), phone)).status).toBe(200)
  const answer = await asks(visitor(), phone)
  expect([answer.status, answer.said]).toEqual([429, { refused: { code: 'too_many' } }])
  expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(3600)
  await passes(served.url, HOUR_MS)
  expect((await asks(visitor(), phone)).status).toBe(200)
})

test('nobody can try codes without end', async () => {
  const phone = newPhone()
  for (let tried = 0; tried < 15; tried += 1) expect((await types(visitor(), phone, '000000')).status).toBe(400)
  expect((await types(visitor(), phone, '000000')).status).toBe(429)
})

test('who signs out is out: the old cookie opens nothing', async () => {
  const who = await signsIn(newPhone())
  await who.ask('GET', '/api/me')
  const stolen = new Map(who.cookies)
  expect([...stolen.keys()].sort()).toEqual(['etb', 'etd', 'etongban.session_token'])
  expect((await who.post('/api/identity/sign-out')).said).toEqual({ signedOut: true })
  expect([...who.cookies.keys()]).toEqual(['etd']) // the browser is still known, and opens nothing by that

  const thief = visitor()
  thief.cookies.set('etongban.session_token', stolen.get('etongban.session_token') ?? '')
  const answer = await thief.ask('GET', '/api/me')
  expect([answer.status, answer.said]).toEqual([401, { signIn: true }])
})

test('a sign-out that comes late ends the session that it is about, and nobody else’s', async () => {
  const who = await signsIn(newPhone())
  const { account } = (await who.ask('GET', '/api/me')).said as { account: string }
  const late = (of: string) => who.ask('POST', '/api/identity/sign-out', {}, { [accountHeader]: of })
  expect((await late(newId())).status).toBe(200)
  expect((await who.ask('GET', '/api/me')).status).toBe(200)

  const stolen = who.cookies.get('etongban.session_token') ?? ''
  expect((await late(account)).status).toBe(200)
  expect([...who.cookies.keys()]).toEqual(['etd'])
  expect((await late(account)).status).toBe(200) // its answer was lost
  who.cookies.set('etongban.session_token', stolen)
  expect((await who.ask('GET', '/api/me')).status).toBe(401)
  expect((await late(account)).status).toBe(200)
  expect([...who.cookies.keys()]).toEqual(['etd'])
})

test('another person who signs in on the same browser is not taken for the one before', async () => {
  const who = await signsIn(newPhone())
  const first = (await who.ask('GET', '/api/me')).said as { account: string }
  const phone = newPhone()
  await asks(who, phone)
  await types(who, phone, await codeFor(phone))
  const second = (await who.ask('GET', '/api/me')).said as { account: string }
  expect(second.account).not.toBe(first.account)
})

test('a request meant for somebody else than who is signed in does nothing', async () => {
  const who = await signsIn(newPhone())
  await who.ask('GET', '/api/me')
  const answer = await who.ask('GET', '/api/me', undefined, { [accountHeader]: newId() })
  expect([answer.status, answer.said]).toEqual([401, { signIn: true }])
})

test('the five minutes end, and the session gives new ones', async () => {
  const who = await Visitor.signedIn(served.url, relatives.mother.phone)
  const token = who.cookies.get('etb')
  await passes(served.url, HOUR_MS / 10)
  who.cookies.delete('etongban.session_token')
  expect((await who.ask('GET', '/api/me')).status).toBe(401)

  await passes(served.url, 0)
  const again = await Visitor.signedIn(served.url, relatives.mother.phone)
  await passes(served.url, HOUR_MS / 10)
  expect((await again.ask('GET', '/api/me')).status).toBe(200)
  expect(again.cookies.get('etb')).not.toBe(token)
})

test('a forged session cookie and a forged token open nothing', async () => {
  const who = await Visitor.signedIn(served.url, relatives.mother.phone)
  const token = who.cookies.get('etb') ?? ''
  const [session = '', mac = ''] = decodeURIComponent(who.cookies.get('etongban.session_token') ?? '').split('.')
  const forged = [
    ['etb', `${token.slice(0, -1)}${token.endsWith('A') ? 'Q' : 'A'}`],
    ['etb', `B${token.slice(1)}`],
    ['etb', token.slice(0, 40)],
    ['etb', ''],
    ['etb', '%E0%A4%A'],
    ['etongban.session_token', encodeURIComponent(`${session.slice(0, -1)}x.${mac}`)],
    ['etongban.session_token', session],
  ] as const
  for (const [name, value] of forged) {
    const thief = visitor()
    thief.cookies.set(name, value)
    expect((await thief.ask('GET', '/api/me')).status).toBe(401)
  }
})

test('an officer has no token, and signs in anew for the next shift', async () => {
  const officer = await Visitor.signedIn(served.url, 'reviewer')
  expect([...officer.cookies.keys()]).toEqual(['etongban.session_token'])
  expect((await officer.ask('GET', '/api/me')).said).toMatchObject({ officer: true, posts: [{ roles: ['reviewer'] }] })
  await passes(served.url, 13 * HOUR_MS)
  expect((await officer.ask('GET', '/api/me')).status).toBe(401)
})

test('what the library can do beside signing in is not reachable', async () => {
  const who = await Visitor.signedIn(served.url, relatives.mother.phone)
  for (const path of [
    'update-user',
    'sign-in/social',
    'sign-in/phone-number',
    'sign-up/email',
    'delete-user',
    'change-email',
  ])
    expect((await who.post(`/api/identity/${path}`, { name: 'x', officer: true })).status).toBe(404)
  for (const path of ['list-sessions', 'get-session', 'ok', 'error', 'reference'])
    expect((await who.ask('GET', `/api/identity/${path}`)).status).toBe(404)
})

test('a sign-in takes a number and a code and nothing else', async () => {
  const phone = newPhone()
  await asks(visitor(), phone)
  const code = await codeFor(phone)
  for (const more of [{ updatePhoneNumber: true }, { disableSession: true }, { officer: true }, { email: 'a@b.cn' }]) {
    const answer = await visitor().post('/api/identity/phone-number/verify', { phoneNumber: phone, code, ...more })
    expect(answer).toMatchObject({ status: 400, said: { refused: { code: 'check_input' } } })
  }
  for (const phoneNumber of ['', '12', 'abc', '+0123456789', '+86138000000001234', { constructor: 1 }, null])
    expect(await visitor().post('/api/identity/phone-number/send-otp', { phoneNumber })).toMatchObject({
      status: 400,
      said: { refused: { code: 'check_input', field: 'phoneNumber' } },
    })
})

test('a foreign page can neither sign somebody out nor post a form', async () => {
  const who = await signsIn(newPhone())
  const foreign = { origin: 'https://evil.example' }
  expect((await who.ask('POST', '/api/identity/sign-out', {}, foreign)).status).toBe(403)
  const form = { ...foreign, 'content-type': 'text/plain' }
  expect(
    (await who.ask('POST', '/api/identity/phone-number/send-otp', '{"phoneNumber":"13800000000"}', form)).status,
  ).toBe(403)
  const own = { 'content-type': 'text/plain' }
  expect(
    (await who.ask('POST', '/api/identity/phone-number/send-otp', '{"phoneNumber":"13800000000"}', own)).status,
  ).toBe(415)
  expect((await who.ask('GET', '/api/me')).status).toBe(200)
})
