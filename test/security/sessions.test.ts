// A session from its beginning to its end: nobody else brings it along, nobody guesses it, and unused it is over.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { passes, startServer, Visitor } from '#test/server.ts'

let served: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  served = await startServer()
}, 240_000)
afterAll(() => served.stop())

const cookie = 'etongban.session_token'
let numbers = 0
const phone = () => `+8615500${String((numbers += 1)).padStart(6, '0')}`
const isIn = async (who: Visitor) => (await who.ask('GET', '/api/me')).status === 200
const tokenOf = (who: Visitor) => decodeURIComponent(who.cookies.get(cookie) ?? '').split('.')[0] ?? ''

test('each sign-in begins a session of its own, and none that somebody brought along', async () => {
  const number = phone()
  const first = await Visitor.signedIn(served.url, number)
  const planted = new Visitor(served.url)
  planted.cookies.set(cookie, first.cookies.get(cookie) ?? '')
  await planted.ask('GET', `/local/sign-in?as=${encodeURIComponent(phone())}`)
  expect(tokenOf(planted)).not.toBe(tokenOf(first))
  const again = await Visitor.signedIn(served.url, number)
  expect(tokenOf(again)).not.toBe(tokenOf(first))
  expect((await first.ask('GET', '/api/me')).said).not.toEqual((await planted.ask('GET', '/api/me')).said)

  const chosen = new Visitor(served.url)
  chosen.cookies.set(cookie, `${'a'.repeat(32)}.${'b'.repeat(43)}%3D`)
  await chosen.ask('GET', `/local/sign-in?as=${encodeURIComponent(phone())}`)
  expect(tokenOf(chosen)).not.toBe('a'.repeat(32))
  expect(await isIn(chosen)).toBe(true)
})

test('its token has 128 bits of chance and more: no two are alike, and every sign comes about as often', async () => {
  const tokens = await Promise.all(
    Array.from({ length: 60 }, async () => tokenOf(await Visitor.signedIn(served.url, phone()))),
  )
  expect(new Set(tokens).size).toBe(tokens.length)
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9]{32}$/)
  const seen = new Map<string, number>()
  for (const sign of tokens.join('')) seen.set(sign, (seen.get(sign) ?? 0) + 1)
  const all = tokens.length * 32
  const bits = -[...seen.values()].reduce((sum, times) => sum + (times / all) * Math.log2(times / all), 0)
  expect(bits * 32).toBeGreaterThan(128)
  for (let place = 0; place < 32; place += 1)
    expect(new Set(tokens.map((token) => token[place])).size, `place ${place}`).toBeGreaterThan(20)
})

test('a phone that is not used for a month is signed out', async () => {
  const who = await Visitor.signedIn(served.url, phone())
  await passes(served.url, 31 * 24 * 3_600_000)
  expect(await isIn(who)).toBe(false)
  await passes(served.url, 0)
})

test('a code has six digits, spaces or not, and no fewer', async () => {
  const [who, number] = [new Visitor(served.url), phone()]
  await who.post('/api/identity/phone-number/send-otp', { phoneNumber: number })
  const kept = await (await fetch(`${served.url}/local/codes.json`)).json<{ to: string; code: string }[]>()
  const code = kept.find(({ to }) => to === number)?.code ?? ''
  expect(code).toMatch(/^\d{6}$/)
  for (const short of [code.slice(0, 5), code.slice(1), ''])
    expect(await who.post('/api/identity/phone-number/verify', { phoneNumber: number, code: short })).toMatchObject({
      status: 400,
      said: { refused: { code: 'check_input', field: 'code' } },
    })
})

test('where somebody comes from is what the proxy in front says, and nothing that they say themselves', async () => {
  const behind = await startServer(false, { ADDRESS_HEADER: 'x-real-ip' })
  try {
    let let_ = 0
    for (let tried = 0; tried < 64; tried += 1) {
      const who = new Visitor(behind.url)
      const forged = `198.51.100.${tried}`
      const { status } = await who.ask(
        'POST',
        '/api/identity/phone-number/send-otp',
        { phoneNumber: phone() },
        {
          'x-real-ip': '203.0.113.9', // as the proxy writes it
          'cf-connecting-ip': forged,
          'x-forwarded-for': forged,
          forwarded: `for=${forged}`,
          'true-client-ip': forged,
        },
      )
      if (status === 200) let_ += 1
    }
    expect(let_).toBe(60)
  } finally {
    await behind.stop()
  }
})
