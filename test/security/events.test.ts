// What an operator reads of those who come in, who are kept out, and who try too often: one line each, with nothing about
// anybody.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { newId } from '#db/id.ts'
import { hires, opens, startServer, Visitor } from '#test/server.ts'

interface Line {
  readonly at: string
  readonly time: string
  readonly event: string
  readonly method: string
  readonly route: string
  readonly status: number
  readonly refused?: string
  readonly account?: string
  readonly from: string
}

const heard: string[] = []
let served: Awaited<ReturnType<typeof startServer>>
let house: Awaited<ReturnType<typeof opens>>
beforeAll(async () => {
  served = await startServer(false, {}, (line) => heard.push(line))
  house = await opens(served.url, 'songling')
}, 240_000)
afterAll(() => served.stop())

const lines = () => heard.filter((line) => line.includes('"security"')).map((line) => JSON.parse(line) as Line)
const said = (wanted: Partial<Line>) =>
  vi.waitFor(() => expect(lines()).toEqual(expect.arrayContaining([expect.objectContaining(wanted)])), {
    timeout: 5000,
  })

const phoneNumber = '+8615600000001'
const address = '203.0.113.77'
const wrong = '004711'

test('a sign-in, and one that is refused', async () => {
  const who = Object.assign(new Visitor(served.url), { address })
  await who.post('/api/identity/phone-number/send-otp', { phoneNumber })
  await who.post('/api/identity/phone-number/verify', { phoneNumber, code: wrong })
  const route = '/api/identity/phone-number/verify'
  await said({ event: 'signInRefused', method: 'POST', route, status: 400, refused: 'wrong_code' })
  const kept = await (await fetch(`${served.url}/local/codes.json`)).json<{ to: string; code: string }[]>()
  await who.post('/api/identity/phone-number/verify', {
    phoneNumber,
    code: kept.find(({ to }) => to === phoneNumber)?.code,
  })
  const { account } = (await who.ask('GET', '/api/me')).said as { account: string }
  await said({ event: 'signedIn', route, status: 200, account })

  const credential = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', clientExtensionResults: {} }
  const response = { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA', userHandle: 'AAAA' }
  await who.post('/api/identity/passkeys/sign-in', { credential: { ...credential, response } })
  await said({ event: 'signInRefused', route: '/api/identity/passkeys/sign-in', status: 403 })
})

test('a session that ends, here, on another device and by an admin', async () => {
  const who = await Visitor.signedIn(served.url, '+8615600000002')
  await who.post('/api/identity/sessions/end-others')
  const { account } = who
  await said({ event: 'sessionsEnded', route: '/api/identity/sessions/end-others', account: account as string })
  await who.post('/api/identity/sign-out')
  await said({ event: 'signedOut', route: '/api/identity/sign-out' })
  who.cookies.set('etongban.session_token', `${'a'.repeat(32)}.${'b'.repeat(43)}%3D`)
  await who.ask('GET', '/api/identity/sessions')
  await said({ event: 'notSignedIn', method: 'GET', route: '/api/identity/sessions', status: 401 })

  const officer = await hires(house.admin, house.at, '王建', ['desk'])
  await house.admin.post(`${house.at}/officers/${officer.account}/end-sessions`)
  const route = '/api/houses/:facility/officers/:account/end-sessions'
  await said({ event: 'sessionsEnded', route, account: house.admin.account as string })
})

test('a door that stays shut, whatever it looks like from outside, and a foreign page', async () => {
  const officer = await hires(house.admin, house.at, '李静', ['reviewer'])
  const account = officer.account as string
  await officer.ask('GET', house.at)
  await said({ event: 'refused', method: 'GET', route: '/api/houses/:facility', status: 403, account })
  await officer.ask('GET', `/api/houses/${newId()}/queue`)
  await said({ event: 'refused', route: '/api/houses/:facility/queue', status: 404, account })
  await officer.ask('POST', '/api/identity/sign-out', '', {
    origin: 'https://evil.example',
    'content-type': 'text/plain',
  })
  await said({ event: 'refused', method: 'POST', status: 403, route: '/api/identity/sign-out' })
})

test('who tries too often', async () => {
  const who = Object.assign(new Visitor(served.url), { address: '203.0.113.78' })
  for (let tried = 0; tried < 7; tried += 1) await who.post('/api/identity/phone-number/send-otp', { phoneNumber })
  await said({ event: 'limited', route: '/api/identity/phone-number/send-otp', status: 429, refused: 'too_many' })
})

test('each line says when in UTC, what and from where, and no number, name, code, address or path with anything in it', () => {
  const all = lines()
  expect(all.length).toBeGreaterThan(8)
  for (const line of all) {
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(Math.abs(Date.parse(line.time) - Date.now())).toBeLessThan(600_000)
    expect(line.from).toMatch(/^[A-Za-z0-9+/]{16}$/)
    expect(line.route).toMatch(/^(none|\/api(\/:?[a-zA-Z-]+)*)$/)
  }
  for (const word of [phoneNumber.slice(3), address, wrong, '王建', '李静', '陈立', 'songling'])
    expect(heard.join('\n')).not.toContain(word)
  const [one, other] = [phoneNumber, '+8615600000002'].map(() => all.find(({ event }) => event === 'limited')?.from)
  expect(one).toBe(other)
  expect(all.find(({ refused }) => refused === 'wrong_code')?.from).not.toBe(one)
})
