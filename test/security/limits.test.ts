// How often a thing may be tried, by number, browser, account and address: kept where a restart does not reach, and never
// telling who is known.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { opens, Visitor } from '#test/server.ts'
import { serve, type Served } from '#worker/start/serve.ts'

const dir = mkdtempSync(join(tmpdir(), 'etongban-limits-'))
const begins = () => serve({ port: 0, dir, demo: false, log: () => undefined })
let served: Served
let house: Id
beforeAll(async () => {
  served = await begins()
  house = (await opens(served.url, 'songling')).house
}, 240_000)
afterAll(async () => {
  await served.stop()
  rmSync(dir, { recursive: true, force: true })
})

let numbers = 0
const newPhone = () => `+8615000${String((numbers += 1)).padStart(6, '0')}`
const somebodyAt = (address: string) => Object.assign(new Visitor(served.url), { address })
const unknownCode = { code: `songling-${'0'.repeat(26)}` }
const asksForCode = (who: Visitor, phoneNumber = newPhone()) =>
  who.post('/api/identity/phone-number/send-otp', { phoneNumber })
const guesses = (who: Visitor, phoneNumber = newPhone()) =>
  who.post('/api/identity/phone-number/verify', { phoneNumber, code: '000000' })
const claims = (who: Visitor) =>
  who.post('/api/claims', { id: newId(), house, person: '某某', born: '1990-03-07', name: '家属', kin: 'parent' })

/** How many of the tries are let through before one has to wait. */
async function letThrough(tries: number, once: () => Promise<{ status: number }>): Promise<number> {
  for (let tried = 0; tried < tries; tried += 1) if ((await once()).status === 429) return tried
  return tries
}

test('codes: five to a number, fifteen from a browser, sixty from an address', async () => {
  const phone = newPhone()
  expect(await letThrough(70, () => asksForCode(somebodyAt(`192.0.2.${(numbers += 1) % 250}`), phone))).toBe(5)
  const browser = somebodyAt('198.51.100.1')
  expect(
    await letThrough(70, () => {
      browser.address = `198.51.100.${(numbers += 1) % 250}`
      return asksForCode(browser)
    }),
  ).toBe(15)
  expect(await letThrough(70, () => asksForCode(somebodyAt('203.0.113.1')))).toBe(60)
})

test('guesses: fifteen at a number, forty-five from a browser, two hundred from an address', async () => {
  const phone = newPhone()
  expect(await letThrough(210, () => guesses(somebodyAt(`192.0.2.${(numbers += 1) % 250}`), phone))).toBe(15)
  const browser = somebodyAt('198.51.100.1')
  await asksForCode(browser) // from now on it is a browser that is known by its cookie
  expect(
    await letThrough(210, () => {
      browser.address = `198.51.100.${(numbers += 1) % 250}`
      return guesses(browser)
    }),
  ).toBe(45)
  expect(await letThrough(210, () => guesses(somebodyAt('203.0.113.2')))).toBe(200)
})

test('claims: ten a day from an account; codes of invites: twenty an hour', async () => {
  const who = await Visitor.signedIn(served.url, newPhone())
  expect(await letThrough(70, () => claims(who))).toBe(10)
  expect(await letThrough(70, () => who.post('/api/invites/take', unknownCode))).toBe(20)
})

test.each([
  ['an invite', '/api/invites/look', 60],
  ['a link for the case-handling body', '/api/consents/look', 60],
  ['an officer’s code', '/api/identity/enrolment/look', 60],
])('%s is guessed from one address no more than so often in an hour', async (_, path, most) => {
  const who = somebodyAt(`203.0.113.${(numbers += 1) % 250}`)
  expect(await letThrough(most + 5, () => who.post(path, unknownCode))).toBe(most)
})

test('a restart gives nobody new tries', async () => {
  const phone = newPhone()
  for (let tried = 0; tried < 5; tried += 1) await asksForCode(somebodyAt(`192.0.2.${tried}`), phone)
  const who = await Visitor.signedIn(served.url, newPhone())
  expect(await letThrough(20, () => claims(who))).toBe(10)
  await served.stop()
  served = await begins()
  const again = Object.assign(new Visitor(served.url), { account: who.account })
  for (const [name, value] of who.cookies) again.cookies.set(name, value)
  expect((await asksForCode(somebodyAt('192.0.2.200'), phone)).status).toBe(429)
  expect((await claims(again)).status).toBe(429)
})

test('whoever is sent away is told for how long, and nothing else', async () => {
  const phone = newPhone()
  const tries = async () => {
    for (let tried = 0; tried < 5; tried += 1) await asksForCode(somebodyAt(`192.0.2.${tried + 10}`), phone)
    return asksForCode(somebodyAt('192.0.2.201'), phone)
  }
  const { status, said, headers } = await tries()
  expect([status, said]).toEqual([429, { refused: { code: 'too_many' } }])
  const seconds = Number(headers.get('retry-after'))
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(3600)
})

test('a number that is known and one that is not get the same answer, in the same time', async () => {
  const known = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const phone = newPhone()
      const who = await Visitor.signedIn(served.url, phone)
      await claims(who) // it holds something here
      return phone
    }),
  )
  const unknown = known.map(newPhone)
  const ask = async (phone: string, what: typeof asksForCode) => {
    const before = performance.now()
    const { status, said } = await what(somebodyAt(`192.0.2.${(numbers += 1) % 250}`), phone)
    return { ms: performance.now() - before, said: JSON.stringify([status, said]) }
  }
  for (const what of [asksForCode, guesses]) {
    const [one, other]: { ms: number; said: string }[][] = [[], []]
    for (const [nth, phone] of known.entries()) {
      one?.push(await ask(phone, what))
      other?.push(await ask(unknown[nth] ?? '', what))
    }
    expect(new Set([...(one ?? []), ...(other ?? [])].map(({ said }) => said)).size).toBe(1)
    const middle = (list: { ms: number }[] = []) => list.map(({ ms }) => ms).sort((a, b) => a - b)[6] ?? 0
    expect(Math.max(middle(one), middle(other)) / Math.min(middle(one), middle(other))).toBeLessThan(2)
  }
})
