// Officers and their passkeys, in the words of those who sign in, and of those who try what they should not.
import { expect, test } from 'vitest'
import { accountHeader } from '#db/command.ts'
import type { EnrolmentLook, HouseView, OfficerCode } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import type { PasskeyView } from '#db/passkey.ts'
import { admin, at, house, served, withNewHouse } from '#test/newHouse.ts'
import { foundingCode, hires, HOUR_MS, newHouseForm, opens, passes, Visitor } from '#test/server.ts'
import { enrols, signsIn, SoftPasskey, type ToMake, type ToSign } from '#worker/start/authenticator.ts'

withNewHouse()

const api = '/api/identity'
const page = () => ({ origin: served.url })
/** Somebody with a browser, at an address of their own. */
let addresses = 0
const visitor = () => Object.assign(new Visitor(served.url), { address: `198.51.100.${(addresses += 1)}` })
const invites = (...roles: string[]) => admin.does<OfficerCode>(`${at}/officers`, { name: '钱民警', roles })
/** An officer with a device of their own, and the passkey in it. */
const hired = async (...roles: string[]) => {
  const { account, code } = await invites(...(roles.length > 0 ? roles : ['desk']))
  const who = visitor()
  const passkey = await enrols(who.does, page(), code)
  who.account = account
  return { who, account, passkey }
}
const asksToSign = (who: Visitor) => who.does<ToSign>(`${api}/passkeys/sign-in/options`, {})
const answers = (who: Visitor, credential: object) => who.post(`${api}/passkeys/sign-in`, { credential })
const isIn = async (who: Visitor) => (await who.ask('GET', '/api/me')).status === 200
const own = async (who: Visitor) =>
  ((await who.ask('GET', `${api}/passkeys`)).said as { own: PasskeyView[] }).own.map(({ id }) => id)
/** With a passkey that is there already, as somebody adds another one. */
const adds = async (who: Visitor, by: SoftPasskey) => {
  const asked = await who.does<ToSign>(`${api}/passkeys/confirm`, {})
  const toMake = await who.does<ToMake>(`${api}/passkeys/options`, { credential: by.signs(asked, page()) })
  const made = SoftPasskey.made(toMake, page())
  await who.does(`${api}/passkeys`, { credential: made.credential })
  return made.passkey
}
const steps = async () =>
  (
    await served.db.prepare('SELECT body FROM event WHERE matter = ? ORDER BY seq').bind(house).all<{ body: string }>()
  ).results.map(({ body }) => JSON.parse(body) as { move: string; actor: Id; role: string; facts: { officer?: Id } })
const stepsAbout = async (account: Id) =>
  (await steps()).filter(({ facts }) => facts.officer === account).map(({ move }) => move)

const refused = { status: 403, said: { refused: { code: 'not_allowed' } } }
const wrongCode = { status: 404, said: { refused: { code: 'wrong_code', field: 'code' } } }

test('an officer takes the code that their house gave them, and signs in with their passkey from then on', async () => {
  const { account, code, until } = await invites('keeper')
  expect(code).toMatch(/^songling-[0-9a-z]{26}$/)
  expect(until - Date.now()).toBeGreaterThan(71 * HOUR_MS)
  const shown = async () => ((await admin.ask('GET', at)).said as HouseView).officers.find((o) => o.account === account)
  expect((await shown())?.passkeys).toBe(0)

  const look = (await visitor().post(`${api}/enrolment/look`, { code })).said as EnrolmentLook
  expect(look).toMatchObject({ house: { name: '松岭看守所' }, name: '钱民警', roles: ['keeper'] })
  const who = visitor()
  const passkey = await enrols(who.does, page(), code.toUpperCase())
  expect((await who.ask('GET', '/api/me')).said).toMatchObject({ account, officer: true, phone: '' })
  expect((await shown())?.passkeys).toBe(1)

  const later = visitor()
  await signsIn(later.does, page(), passkey)
  expect((await later.ask('GET', '/api/me')).said).toMatchObject({ account, posts: [{ roles: ['keeper'] }] })
  expect([...later.cookies.keys()]).toEqual(['etongban.session_token'])
  expect(await stepsAbout(account)).toEqual(['officer', 'enrol'])
})

test('the session of an officer is read by no script, goes nowhere else, and ends with the shift', async () => {
  const { passkey } = await hired()
  const who = visitor()
  const credential = passkey.signs(await asksToSign(who), page())
  const answer = await answers(who, credential)
  expect(answer.said).toEqual({ signedIn: true })
  const [cookie = ''] = answer.headers.getSetCookie().filter((one) => one.includes('session_token'))
  expect(cookie).toMatch(/HttpOnly/i)
  expect(cookie).toMatch(/SameSite=Lax/i)
  await passes(served.url, 13 * HOUR_MS)
  expect(await isIn(who)).toBe(false)
})

test('by https the passkey is for that page, and its session goes nowhere else', async () => {
  const { code } = await invites('desk')
  const who = visitor()
  const secure = { 'x-forwarded-proto': 'https', origin: served.url.replace('http:', 'https:') }
  const does = async <Answer>(path: string, body: object) => {
    const answer = await who.ask('POST', path, body, secure)
    for (const cookie of answer.headers.getSetCookie()) expect(cookie).toMatch(/; Secure/i)
    expect(answer.status).toBe(200)
    return answer.said as Answer
  }
  await enrols(does, { origin: secure.origin }, code)
  expect([...who.cookies.keys()]).toContain('__Secure-etongban.session_token')
})

test('what a passkey has signed opens nothing on another page, for another house, or with nobody before it', async () => {
  const { passkey } = await hired()
  const who = visitor()
  const lies = [
    { origin: 'https://evil.example' },
    { origin: served.url.replace(/\d+$/, '1') },
    { origin: served.url, rpId: 'evil.example' },
    { origin: served.url, unverified: true },
  ]
  for (const lie of lies) expect(await answers(who, passkey.signs(await asksToSign(who), lie))).toMatchObject(refused)
  expect(await isIn(who)).toBe(false)

  const { code } = await invites('desk')
  for (const lie of lies) {
    const asked = await who.does<ToMake>(`${api}/enrolment/options`, { code })
    const { credential } = SoftPasskey.made(asked, lie)
    expect(await who.post(`${api}/enrolment/take`, { code, credential })).toMatchObject(refused)
  }
  await enrols(who.does, page(), code) // the code is still good
})

test('what was signed is good once, for what it was asked for, and for five minutes', async () => {
  const { who, passkey } = await hired()
  const asked = await asksToSign(visitor())
  const credential = passkey.signs(asked, page())
  expect((await answers(visitor(), credential)).status).toBe(200)
  expect(await answers(visitor(), credential)).toMatchObject(refused)
  expect(await answers(visitor(), passkey.signs(asked, page()))).toMatchObject(refused)

  const invented = passkey.signs({ challenge: 'AAAA', rpId: asked.rpId ?? '' }, page())
  expect(await answers(visitor(), invented)).toMatchObject(refused)
  const toConfirm = passkey.signs(await who.does<ToSign>(`${api}/passkeys/confirm`, {}), page())
  expect(await answers(visitor(), toConfirm)).toMatchObject(refused)
  const toSignIn = passkey.signs(await asksToSign(who), page())
  expect(await who.post(`${api}/passkeys/options`, { credential: toSignIn })).toMatchObject(refused)

  const late = await asksToSign(visitor())
  await passes(served.url, HOUR_MS / 10)
  expect(await answers(visitor(), passkey.signs(late, page()))).toMatchObject(refused)
})

test('a signature that was changed, and one by another key, open nothing', async () => {
  const [{ passkey }, other] = [await hired(), await hired()]
  const honest = passkey.signs(await asksToSign(visitor()), page())
  const { signature } = honest.response
  const changed = { ...honest.response, signature: `${signature.slice(0, -9)}AAAA${signature.slice(-5)}` }
  expect(await answers(visitor(), { ...honest, response: changed })).toMatchObject(refused)

  const theirs = other.passkey.signs(await asksToSign(visitor()), page())
  expect(await answers(visitor(), { ...theirs, id: passkey.id, rawId: passkey.id })).toMatchObject(refused)
})

test('a count that goes back is a copy', async () => {
  const { passkey } = await hired()
  passkey.counter = 7
  await signsIn(visitor().does, page(), passkey)
  // one less, as often as before, and one that does not count at all
  for (const counter of [3, 7, 0]) {
    passkey.counter = counter
    expect(await answers(visitor(), passkey.signs(await asksToSign(visitor()), page()))).toMatchObject(refused)
  }
  passkey.counter = 20
  await signsIn(visitor().does, page(), passkey)
})

test('a passkey opens the account for which it was made, and no other', async () => {
  const [one, other] = [await hired(), await hired()]
  const handle = one.passkey.userHandle
  one.passkey.userHandle = other.passkey.userHandle
  expect(await answers(visitor(), one.passkey.signs(await asksToSign(visitor()), page()))).toMatchObject(refused)
  one.passkey.userHandle = handle

  // nor is one added to an account by somebody else's, or for somebody else
  const asked = await one.who.does<ToSign>(`${api}/passkeys/confirm`, {})
  expect(
    await one.who.post(`${api}/passkeys/options`, { credential: other.passkey.signs(asked, page()) }),
  ).toMatchObject(refused)
  const again = await one.who.does<ToSign>(`${api}/passkeys/confirm`, {})
  const credential = one.passkey.signs(again, page())
  expect(await other.who.post(`${api}/passkeys/options`, { credential })).toMatchObject(refused)
  const toMake = await one.who.does<ToMake>(`${api}/passkeys/options`, { credential })
  const made = SoftPasskey.made(toMake, page())
  expect(await other.who.post(`${api}/passkeys`, { credential: made.credential })).toMatchObject(refused)
  expect((await one.who.post(`${api}/passkeys`, { credential: made.credential })).status).toBe(201)
  expect(await own(other.who)).toEqual([other.passkey.id])
})

test('a passkey that is registered already is not registered again, whoever brings it', async () => {
  const { who, passkey } = await hired()
  const asked = await who.does<ToSign>(`${api}/passkeys/confirm`, {})
  const toMake = await who.does<ToMake>(`${api}/passkeys/options`, { credential: passkey.signs(asked, page()) })
  const { credential } = SoftPasskey.made(toMake, page())
  expect((await who.post(`${api}/passkeys`, { credential })).status).toBe(201)
  expect(await who.post(`${api}/passkeys`, { credential })).toMatchObject(refused)
})

test('a second passkey is added by the first, either of them signs in, and the last one stays', async () => {
  const { who, account, passkey } = await hired()
  expect(await who.post(`${api}/passkeys/${passkey.id}/remove`)).toMatchObject({ status: 409 })
  const second = await adds(who, passkey)
  expect((await own(who)).sort()).toEqual([passkey.id, second.id].sort())
  const elsewhere = visitor()
  await signsIn(elsewhere.does, page(), passkey)

  expect((await who.post(`${api}/passkeys/${passkey.id}/remove`)).status).toBe(200)
  expect(await isIn(who)).toBe(true)
  expect(await isIn(elsewhere)).toBe(false) // whoever has that device is out
  expect(await answers(visitor(), passkey.signs(await asksToSign(visitor()), page()))).toMatchObject(refused)
  await signsIn(visitor().does, page(), second)
  expect(await who.post(`${api}/passkeys/${second.id}/remove`)).toMatchObject({ status: 409 })
  expect(await stepsAbout(account)).toEqual(['officer', 'enrol', 'addPasskey', 'removePasskey'])
})

test('nobody removes a passkey of somebody else, and a relative is shown none but their own', async () => {
  const [one, other] = [await hired(), await hired()]
  await adds(one.who, one.passkey)
  await adds(other.who, other.passkey)
  expect((await other.who.post(`${api}/passkeys/${one.passkey.id}/remove`)).status).toBe(409)
  expect(await own(one.who)).toHaveLength(2)
  const relative = await Visitor.signedIn(served.url, '+8615400000001')
  expect((await relative.post(`${api}/passkeys/${one.passkey.id}/remove`)).status).toBe(409)
  expect(await own(relative)).toEqual([])
  expect(await own(one.who)).toHaveLength(2)
  expect((await visitor().ask('GET', `${api}/passkeys`)).status).toBe(401)
})

test('a code is good once, for two days more than a day, and only for the officer whose it is', async () => {
  const { account, code } = await invites('desk')
  const two = [visitor(), visitor()] as const
  const made = await Promise.all(
    two.map(async (who) => {
      const asked = await who.does<ToMake>(`${api}/enrolment/options`, { code })
      return SoftPasskey.made(asked, page()).credential
    }),
  )
  const [first, second] = made
  const taken = await Promise.all([
    two[0].post(`${api}/enrolment/take`, { code, credential: first }),
    two[1].post(`${api}/enrolment/take`, { code, credential: second }),
  ])
  expect(taken.map(({ status }) => status).sort()).toEqual([200, 404])
  expect(await stepsAbout(account)).toEqual(['officer', 'enrol'])
  expect(await visitor().post(`${api}/enrolment/look`, { code })).toMatchObject(wrongCode)
  expect(await visitor().post(`${api}/enrolment/options`, { code })).toMatchObject(wrongCode)

  const [mine, theirs] = [await invites('desk'), await invites('admin')]
  const who = visitor()
  const asked = await who.does<ToMake>(`${api}/enrolment/options`, { code: mine.code })
  const { credential } = SoftPasskey.made(asked, page())
  expect(await who.post(`${api}/enrolment/take`, { code: theirs.code, credential })).toMatchObject(refused)

  await passes(served.url, 73 * HOUR_MS)
  expect(await visitor().post(`${api}/enrolment/look`, { code: mine.code })).toMatchObject(wrongCode)
})

test('nobody guesses a code: sixty tries in an hour from one address, then a time to wait', async () => {
  const thief = visitor()
  for (let tries = 0; tries < 60; tries += 1)
    expect(await thief.post(`${api}/enrolment/look`, { code: `songling-${tries}` })).toMatchObject(wrongCode)
  const { code } = await invites('desk')
  const answer = await thief.post(`${api}/enrolment/look`, { code })
  expect([answer.status, answer.said]).toEqual([429, { refused: { code: 'too_many' } }])
  expect((await visitor().post(`${api}/enrolment/look`, { code })).status).toBe(200)
})

test('nor the operator’s code: twenty tries in an hour', async () => {
  const thief = visitor()
  const form = { founding: 'a'.repeat(40), ...newHouseForm('geheim') }
  for (let tries = 0; tries < 20; tries += 1)
    expect((await thief.post('/api/houses/found/options', form)).status).toBe(404)
  const right = { ...form, founding: await foundingCode(served.url) }
  expect((await thief.post('/api/houses/found/options', right)).status).toBe(429)
})

test('a house is founded with one passkey for one account, and what was made elsewhere founds nothing', async () => {
  const founding = await foundingCode(served.url)
  const who = visitor()
  const form = { founding, ...newHouseForm('baiyun') }
  const asked = await who.does<ToMake>('/api/houses/found/options', form)
  const foreign = SoftPasskey.made(asked, { origin: 'https://evil.example' }).credential
  expect(await who.post('/api/houses/found', { house: form, credential: foreign })).toMatchObject(refused)

  const { code } = await invites('desk')
  const other = await who.does<ToMake>(`${api}/enrolment/options`, { code })
  const { credential } = SoftPasskey.made(other, page())
  expect(await who.post('/api/houses/found', { house: form, credential })).toMatchObject(refused)
  expect(await isIn(who)).toBe(false)
  const found = await served.db.prepare(`SELECT 1 FROM facility WHERE code = 'baiyun'`).first()
  expect(found).toBeNull()
})

test('a code sent to a phone never opens an officer’s account, not even one that had that number once', async () => {
  const { who, account } = await hired('admin')
  const phone = '+8615400000002'
  const give = served.db.prepare('UPDATE user SET phone = ? WHERE id = ?').bind(phone, account)
  await expect(give.run()).rejects.toThrow('an officer has no telephone number')

  const relative = visitor()
  await relative.post(`${api}/phone-number/send-otp`, { phoneNumber: phone })
  const sent = await (await fetch(`${served.url}/local/codes.json`)).json<{ to: string; code: string }[]>()
  const code = sent.find(({ to }) => to === phone)?.code
  await relative.post(`${api}/phone-number/verify`, { phoneNumber: phone, code })
  expect((await relative.ask('GET', '/api/me')).said).toMatchObject({ officer: false, posts: [] })
  const own = (await relative.ask('GET', '/api/me')).said as { account: string }
  const post = served.db.prepare('UPDATE user SET officer = 1 WHERE id = ?').bind(own.account)
  await expect(post.run()).rejects.toThrow('an officer has no telephone number')
  expect((await who.ask('GET', '/api/me')).said).toMatchObject({ officer: true, phone: '' })
})

test('whoever signs in as an officer on a relative’s browser is not taken for the relative', async () => {
  const { passkey, account } = await hired()
  const relative = await Visitor.signedIn(served.url, '+8615400000003')
  expect([...relative.cookies.keys()]).toContain('etb')
  const before = relative.account
  relative.account = undefined
  await signsIn(relative.does, page(), passkey)
  expect((await relative.ask('GET', '/api/me')).said).toMatchObject({ account, officer: true })
  expect((await relative.ask('GET', '/api/me', undefined, { [accountHeader]: before ?? newId() })).status).toBe(401)
})

test('the passkey of an officer whose post has ended opens nothing', async () => {
  const { who, account, passkey } = await hired()
  expect((await admin.post(`${at}/officers/${account}/disable`)).status).toBe(200)
  expect(await isIn(who)).toBe(false)
  expect(await answers(visitor(), passkey.signs(await asksToSign(visitor()), page()))).toMatchObject(refused)
  expect(await admin.post(`${at}/officers/${account}/reset`)).toMatchObject(refused)
})

test('who has lost their passkey is given another way in by an admin or a leader, on the record', async () => {
  const leader = await hired('leader')
  for (const by of [admin, leader.who]) {
    const { who, account, passkey } = await hired()
    const first = await by.does<OfficerCode>(`${at}/officers/${account}/reset`, {})
    expect(await isIn(who)).toBe(false)
    expect(await answers(visitor(), passkey.signs(await asksToSign(visitor()), page()))).toMatchObject(refused)
    const { code } = await by.does<OfficerCode>(`${at}/officers/${account}/reset`, {})
    expect(await visitor().post(`${api}/enrolment/look`, { code: first.code })).toMatchObject(wrongCode)
    const again = visitor()
    const fresh = await enrols(again.does, page(), code)
    expect((await again.ask('GET', '/api/me')).said).toMatchObject({ account })
    await signsIn(visitor().does, page(), fresh)
    expect(await stepsAbout(account)).toEqual(['officer', 'enrol', 'reset', 'reset', 'enrol'])
    const told = (await steps()).filter(({ move, facts }) => move === 'reset' && facts.officer === account)
    expect(told.map(({ actor }) => actor)).toEqual([by.account, by.account])
  }
})

test('nobody gives themself another way in, and no house one into another house', async () => {
  expect(await admin.post(`${at}/officers/${admin.account}/reset`)).toMatchObject(refused)
  const { who, account } = await hired('keeper', 'reviewer')
  for (const target of [admin.account, account, newId()])
    expect(await who.post(`${at}/officers/${target}/reset`)).toMatchObject(refused)

  // The admin of two houses cannot be reset by somebody who is an admin of only one of them.
  const first = await opens(served.url, 'hebei')
  const { id } = await first.admin.does<{ id: Id }>('/api/houses', newHouseForm('henan'))
  const second = `/api/houses/${id}`
  const deputy = await hires(first.admin, second, '副手', ['admin', 'leader'])
  expect(await deputy.post(`${second}/officers/${first.admin.account}/reset`)).toMatchObject(refused)
  expect((await first.admin.post(`${second}/officers/${deputy.account}/reset`)).status).toBe(200)
})

test('codes are kept as hashes, and no answer but the first tells one', async () => {
  const { code } = await invites('desk')
  for (const table of ['enrolment', 'event', 'content', 'officer', 'challenge']) {
    const { results } = await served.db.prepare(`SELECT * FROM ${table}`).all()
    expect(JSON.stringify(results)).not.toContain(code.slice('songling-'.length))
  }
})

test('what is no passkey at all is refused by its field', async () => {
  const who = visitor()
  const { passkey } = await hired()
  const honest = passkey.signs(await asksToSign(who), page())
  const cases: [object, string][] = [
    [{}, 'credential'],
    [{ credential: null }, 'credential'],
    [{ credential: { ...honest, type: 'password' } }, 'credential.type'],
    [
      { credential: { ...honest, response: { ...honest.response, signature: '+/=' } } },
      'credential.response.signature',
    ],
    [{ credential: { ...honest, id: 'constructor'.repeat(1000) } }, 'credential.id'],
  ]
  for (const [body, field] of cases)
    expect(await who.post(`${api}/passkeys/sign-in`, body)).toMatchObject({
      status: 400,
      said: { refused: { code: 'check_input', field } },
    })
  const odd = ['e30', 'bnVsbA', 'AAAA', btoa('{"challenge":{}}').replaceAll('=', '')]
  for (const clientDataJSON of odd)
    expect(await answers(who, { ...honest, response: { ...honest.response, clientDataJSON } })).toMatchObject(refused)
})

test('a foreign page asks for nothing', async () => {
  const foreign = { origin: 'https://evil.example', 'content-type': 'text/plain' }
  expect((await visitor().ask('POST', `${api}/passkeys/sign-in/options`, '{}', foreign)).status).toBe(403)
})
