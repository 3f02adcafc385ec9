// The relative's five minutes: what it weighs, when it ends, and that nobody can make one.
import { expect, test } from 'vitest'
import { newId } from '#db/id.ts'
import { open, seal, tokenCookie } from '#worker/identity/token.ts'

const secret = 'a secret of this test, thirty-two bytes or more'
const now = Date.UTC(2026, 10, 24)
const most = 5
const MINUTE_MS = 60_000
const pass = (facilities: number) => ({ account: newId(), facilities: Array.from({ length: facilities }, newId) })
const sealed = async (facilities: number) => (await seal(secret, pass(facilities), now)) ?? ''

test('it says whose it is and where they have ties', async () => {
  for (let facilities = 0; facilities <= most; facilities += 1) {
    const mine = pass(facilities)
    expect(await open(secret, (await seal(secret, mine, now)) ?? '', now)).toEqual(mine)
  }
})

test('it is at most 200 bytes on the wire; who has more ties is looked up', async () => {
  expect(`${tokenCookie}=${await sealed(most)}; `.length).toBeLessThanOrEqual(200)
  expect(await seal(secret, pass(most + 1), now)).toBeNull()
})

test('it ends after five minutes', async () => {
  const token = await sealed(1)
  expect(await open(secret, token, now + 5 * MINUTE_MS - 1000)).not.toBeNull()
  expect(await open(secret, token, now + 5 * MINUTE_MS)).toBeNull()
})

test('no bit of it can be changed, and another secret makes another one', async () => {
  const token = await sealed(2)
  for (let at = 0; at < token.length - 1; at += 1) {
    const other = token[at] === 'A' ? 'B' : 'A'
    expect(await open(secret, token.slice(0, at) + other + token.slice(at + 1), now)).toBeNull()
  }
  expect(await open(`${secret}!`, token, now)).toBeNull()
  for (const broken of ['', 'A', token.slice(4), `${token}AAAA`, '::::', '号'.repeat(60)])
    expect(await open(secret, broken, now)).toBeNull()
})
