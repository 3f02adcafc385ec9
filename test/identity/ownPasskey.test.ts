// Relatives and their passkeys: another way in beside the code, and the other half of the way on a new phone.
import { expect, test } from 'vitest'
import type { OfficerCode } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import type { PasskeyView } from '#db/passkey.ts'
import { admin, at, served, withNewHouse } from '#test/newHouse.ts'
import { HOUR_MS, passes, Visitor } from '#test/server.ts'
import { enrols, signsIn, SoftPasskey, type ToMake, type ToSign } from '#worker/start/authenticator.ts'
import { accountIn, comes, mother, newPhone } from './family.ts'

withNewHouse()

const api = '/api/identity'
const page = () => ({ origin: served.url })
const refused = { status: 403, said: { refused: { code: 'not_allowed' } } }

const adds = async (who: Visitor, by?: SoftPasskey): Promise<SoftPasskey> => {
  const body = by ? { credential: by.signs(await who.does<ToSign>(`${api}/passkeys/confirm`, {}), page()) } : {}
  const made = SoftPasskey.made(await who.does<ToMake>(`${api}/passkeys/options`, body), page())
  await who.does(`${api}/passkeys`, { credential: made.credential })
  return made.passkey
}
const comesBy = async (passkey: SoftPasskey, who = new Visitor(served.url)) => {
  const asked = await who.does<ToSign>(`${api}/passkeys/relatives/sign-in/options`, {})
  const answer = await who.post(`${api}/passkeys/relatives/sign-in`, { credential: passkey.signs(asked, page()) })
  return { who, answer }
}
const own = async (who: Visitor) => ((await who.ask('GET', `${api}/passkeys`)).said as { own: PasskeyView[] }).own
const steps = async (subject: Id) =>
  (
    await served.db
      .prepare('SELECT body FROM event WHERE matter = ? ORDER BY seq')
      .bind(subject)
      .all<{ body: string }>()
  ).results.map(({ body }) => JSON.parse(body) as { move: string; actor: Id; role: string })

test('she sets one up after her sign-in, and on a new phone it opens all that is hers without code or question', async () => {
  const { browser, account, tie, phone } = await mother()
  const passkey = await adds(browser)
  expect((await own(browser)).map(({ id }) => id)).toEqual([passkey.id])

  const { who, answer } = await comesBy(passkey)
  expect(answer.said).toEqual({ signedIn: true })
  expect(await accountIn(who)).toBe(account)
  await who.post(`${api}/sign-out`)
  expect((await comes(phone, who))[1]).toEqual({ signedIn: true }) // that phone is known from now on
  expect((await steps(tie)).slice(1)).toMatchObject([{ move: 'addPasskey', actor: account, role: 'relative' }])
})

test('after a code on a new phone it is the other half, and nobody else’s is', async () => {
  const { browser, account, phone } = await mother()
  const passkey = await adds(browser)
  const stranger = await adds((await comes(newPhone()))[0])
  const [fresh, said] = await comes(phone)
  expect(said).toEqual({ prove: ['passkey', 'invite'] })
  const proves = async (by: SoftPasskey) => {
    const asked = await fresh.does<ToSign>(`${api}/prove/passkey/options`, {})
    expect(asked.allowCredentials ?? []).toEqual([]) // whoever has her number now learns of none
    return fresh.post(`${api}/prove/passkey`, { credential: by.signs(asked, page()) })
  }
  expect(await proves(stranger)).toMatchObject(refused)
  expect(await accountIn(fresh)).toBeUndefined()
  expect((await proves(passkey)).said).toEqual({ signedIn: true })
  expect(await accountIn(fresh)).toBe(account)
  expect((await new Visitor(served.url).post(`${api}/prove/passkey/options`)).status).toBe(400)
})

test('who has begun anew with her number has not got her passkey: she still comes in by it', async () => {
  const { browser, account, phone } = await mother()
  const passkey = await adds(browser)
  const [owner] = await comes(phone)
  await owner.post(`${api}/prove/anew`)
  expect(await own(owner)).toEqual([])
  const { who } = await comesBy(passkey)
  expect(await accountIn(who)).toBe(account)
})

test('a phone that was left lying about gets no passkey: a quarter of an hour after the sign-in one has to be shown', async () => {
  const { browser } = await mother()
  const passkey = await adds(browser)
  await passes(served.url, HOUR_MS / 3)
  expect(await browser.post(`${api}/passkeys/options`)).toMatchObject({
    status: 403,
    said: { refused: { code: 'not_allowed', field: 'session' } },
  })
  const second = await adds(browser, passkey)
  expect(await own(browser)).toHaveLength(2)
  const stranger = await adds((await comes(newPhone()))[0])
  const asked = await browser.does<ToSign>(`${api}/passkeys/confirm`, {})
  expect(await browser.post(`${api}/passkeys/options`, { credential: stranger.signs(asked, page()) })).toMatchObject(
    refused,
  )
  expect((await comesBy(second)).answer.status).toBe(200)
})

test('one that is removed opens nothing, and whoever was let in elsewhere is out; she may remove the last', async () => {
  const { browser, account, tie } = await mother()
  const passkey = await adds(browser)
  const { who: elsewhere } = await comesBy(passkey)
  elsewhere.cookies.delete('etb') // five minutes later
  expect((await browser.post(`${api}/passkeys/${passkey.id}/remove`)).status).toBe(200)
  expect((await comesBy(passkey)).answer).toMatchObject(refused)
  expect((await elsewhere.ask('GET', '/api/me')).said).toEqual({ signIn: true, ended: true })
  expect(await accountIn(browser)).toBe(account)
  expect((await steps(tie)).map(({ move }) => move)).toEqual(['tie', 'addPasskey', 'removePasskey'])
})

test('an officer’s passkey opens no door of the families’, nor theirs one of the officers’', async () => {
  const { code } = await admin.does<OfficerCode>(`${at}/officers`, { name: '钱民警', roles: ['desk'] })
  const officers = await enrols(new Visitor(served.url).does, page(), code)
  expect((await comesBy(officers)).answer).toMatchObject(refused)
  const hers = await adds((await mother()).browser)
  await expect(signsIn(new Visitor(served.url).does, page(), hers)).rejects.toThrow('403')
})

test('what she signed is good once, for what it was asked for, and on our page', async () => {
  const passkey = await adds((await mother()).browser)
  const who = new Visitor(served.url)
  const path = `${api}/passkeys/relatives/sign-in`
  const asks = () => who.does<ToSign>(`${path}/options`, {})
  const foreign = passkey.signs(await asks(), { origin: 'https://evil.example' })
  expect(await who.post(path, { credential: foreign })).toMatchObject(refused)
  const officers = await who.does<ToSign>(`${api}/passkeys/sign-in/options`, {})
  expect(await who.post(path, { credential: passkey.signs(officers, page()) })).toMatchObject(refused)
  const credential = passkey.signs(await asks(), page())
  expect((await who.post(path, { credential })).status).toBe(200)
  expect(await new Visitor(served.url).post(path, { credential })).toMatchObject(refused)
})

test('one browser asks a hundred and twenty times in an hour, and then has to wait', async () => {
  const who = new Visitor(served.url)
  who.address = '198.51.100.77'
  const asks = () => who.post(`${api}/passkeys/relatives/sign-in/options`)
  for (let asked = 0; asked < 120; asked += 1) expect((await asks()).status).toBe(200)
  expect(await asks()).toMatchObject({ status: 429, said: { refused: { code: 'too_many' } } })
})
