// A number is given to somebody else one day. A code alone opens no account that holds matters in a browser that has
// never seen its owner.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isCitizenNumber } from '#db/document.ts'
import { served, withNewHouse } from '#test/newHouse.ts'
import { HOUR_MS, passes, Visitor } from '#test/server.ts'
import { accountIn, comes, invites, mother, newPhone } from './family.ts'

withNewHouse()

const document = { kind: 'residentCard', number: '11010519491231002X', name: '张秀兰' }

test('her own browser asks her for nothing but the code', async () => {
  const { phone, browser, account } = await mother()
  await browser.post('/api/identity/sign-out')
  expect((await comes(phone, browser))[1]).toEqual({ signedIn: true })
  expect(await accountIn(browser)).toBe(account)
})

test('a stranger who was given her number gets no further than the code', async () => {
  const { phone } = await mother()
  const [stranger, said] = await comes(phone)
  expect(said).toEqual({ prove: ['invite'] })
  expect((await stranger.ask('GET', '/api/me')).status).toBe(401)
  expect((await stranger.post('/api/sync', {})).status).toBe(401)
})

test('on a new phone the last six places of her document are the other half', async () => {
  const { phone, browser, account } = await mother()
  expect((await browser.post('/api/identity/document', document)).status).toBe(200)
  const [fresh, said] = await comes(phone)
  expect(said).toEqual({ prove: ['lastSix', 'invite'] })
  expect((await fresh.post('/api/identity/prove/last-six', { lastSix: '31002x' })).said).toEqual({ signedIn: true })
  expect(await accountIn(fresh)).toBe(account)
  await fresh.post('/api/identity/sign-out')
  expect((await comes(phone, fresh))[1]).toEqual({ signedIn: true }) // known from now on
})

test('five wrong tries, and for a day the right six places open nothing either, whatever new codes are asked for', async () => {
  const { phone, browser } = await mother()
  await browser.post('/api/identity/document', document)
  let [thief] = await comes(phone)
  const tries = (lastSix: string) => thief.post('/api/identity/prove/last-six', { lastSix })
  for (let tried = 0; tried < 3; tried += 1)
    expect(await tries('123456')).toMatchObject({
      status: 400,
      said: { refused: { code: 'wrong_code', field: 'lastSix' } },
    })
  ;[thief] = await comes(phone)
  for (let tried = 0; tried < 2; tried += 1) expect((await tries('123456')).status).toBe(400)
  expect(await tries('31002X')).toMatchObject({ status: 429, said: { refused: { code: 'too_many' } } })
  expect((await thief.ask('GET', '/api/me')).status).toBe(401)
})

test('a fresh invite for the tie that she has is the other half, once', async () => {
  const { phone, account, person } = await mother()
  const { code } = await invites('张秀兰', person)
  const [fresh] = await comes(phone)
  expect((await fresh.post('/api/identity/prove/invite', { code })).said).toEqual({ signedIn: true })
  expect(await accountIn(fresh)).toBe(account)
  const [thief] = await comes(phone)
  expect((await thief.post('/api/identity/prove/invite', { code })).status).toBe(400)
})

test('an invite of the stranger’s own, for another person or under another name, opens nothing', async () => {
  const { phone, person } = await mother()
  const [stranger] = await comes(phone)
  for (const { code } of [await invites('李红'), await invites('李红', person), await invites('张秀兰')])
    expect(await stranger.post('/api/identity/prove/invite', { code })).toMatchObject({
      status: 400,
      said: { refused: { code: 'wrong_code', field: 'invite' } },
    })
  expect((await stranger.ask('GET', '/api/me')).status).toBe(401)
})

test('whoever has the number now may begin anew: they see nothing of hers, and she keeps what she had', async () => {
  const { phone, browser, account } = await mother()
  const [owner] = await comes(phone)
  expect((await owner.post('/api/identity/prove/anew')).said).toEqual({ signedIn: true })
  const fresh = await accountIn(owner)
  expect(fresh).not.toBe(account)
  expect((await owner.ask('GET', '/api/me')).said).toMatchObject({ phone: `+86 •••• ${phone.slice(-4)}`, name: '' })
  expect(await accountIn(browser)).toBe(account)
  expect((await comes(phone, owner))[1]).toEqual({ signedIn: true })
  expect(await accountIn(owner)).toBe(fresh)
})

test('half the way ends after a quarter of an hour, leads to one sign-in, and is nobody else’s', async () => {
  const { phone, browser } = await mother()
  await browser.post('/api/identity/document', document)
  const [late] = await comes(phone)
  await passes(served.url, HOUR_MS / 3)
  expect((await late.post('/api/identity/prove/last-six', { lastSix: '31002X' })).status).toBe(400)
  await passes(served.url, 0)

  const [once] = await comes(phone)
  const half = once.cookies.get('eth') ?? ''
  const double = new Visitor(served.url)
  double.cookies.set('eth', half)
  const answers = await Promise.all(
    [once, double].map((each) => each.post('/api/identity/prove/last-six', { lastSix: '31002X' })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
  for (const path of ['last-six', 'invite', 'anew'])
    expect(
      (await new Visitor(served.url).post(`/api/identity/prove/${path}`, { lastSix: '31002X', code: 'x' })).status,
    ).toBe(400)
})

test('an account that holds nothing opens with the code alone', async () => {
  const phone = newPhone()
  await comes(phone)
  expect((await comes(phone))[1]).toEqual({ signedIn: true })
})

test('her number and her document lie in the database as noise', async () => {
  const { phone, browser } = await mother()
  await browser.post('/api/identity/document', document)
  await browser.post('/api/identity/phone-number/send-otp', { phoneNumber: phone })
  const files = readdirSync(served.dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes('.sqlite'),
  )
  const lying = files.map((name) => readFileSync(join(served.dir, name))).join('')
  expect(lying).toContain('songling')
  for (const secret of [phone.slice(3), document.number]) expect(lying).not.toContain(secret)
})

test.each([
  ['11010519491231002X', true], // the example of GB 11643-1999
  ['110105194912310021', false],
  ['11010519491331002X', false],
  ['1101051949123100', false],
  ['44052418800101001X', false], // born in another century
])('%s is a citizen’s number: %s', (number, right) => expect(isCitizenNumber(number)).toBe(right))
