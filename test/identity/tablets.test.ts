// A tablet on which officers take turns, as the house meets it: a secret that lies under a PIN gives a session back, and
// what has ended stays ended.
import { expect, test } from 'vitest'
import type { OfficerCode } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { admin, at, served, withNewHouse } from '#test/newHouse.ts'
import { HOUR_MS, passes, Visitor } from '#test/server.ts'
import { enrols, signsIn, type SoftPasskey, type ToSign } from '#worker/start/authenticator.ts'

withNewHouse()

const api = '/api/identity'
const page = () => ({ origin: served.url })
interface Set {
  readonly id: Id
  readonly token: string
  readonly seal: string
}
const hired = async (name = '钱民警') => {
  const { account, code } = await admin.does<OfficerCode>(`${at}/officers`, { name, roles: ['desk'] })
  const tablet = new Visitor(served.url)
  const passkey = await enrols(tablet.does, page(), code)
  tablet.account = account
  return { tablet, account, passkey }
}
const sets = async (tablet: Visitor, passkey: SoftPasskey): Promise<Set> => {
  const asked = await tablet.does<ToSign>(`${api}/passkeys/confirm`, {})
  return tablet.does<Set>(`${api}/tablets`, { credential: passkey.signs(asked, page()) })
}
const unlocks = (tablet: Visitor, { id, token }: Pick<Set, 'id' | 'token'>) =>
  tablet.post(`${api}/tablets/unlock`, { id, token })
const isIn = async (tablet: Visitor) => (await tablet.ask('GET', '/api/me')).status === 200
const refused = { status: 403, said: { refused: { code: 'not_allowed', field: 'session' } } }

test('locked, a tablet is nobody’s; its officer’s secret gives their session back', async () => {
  const { tablet, account, passkey } = await hired()
  const set = await sets(tablet, passkey)
  expect(set.seal).toBe(((await tablet.ask('GET', '/api/me')).said as { seal: string }).seal)
  await tablet.post(`${api}/tablets/lock`)
  expect(await isIn(tablet)).toBe(false)
  expect(await unlocks(tablet, set)).toMatchObject({ status: 200, said: { account } })
  expect(await isIn(tablet)).toBe(true)
})

test('two officers take turns, and each has only their own session', async () => {
  const one = await hired('钱民警')
  const other = await hired('孙民警')
  const [first, second] = [await sets(one.tablet, one.passkey), await sets(other.tablet, other.passkey)]
  const { tablet } = one
  for (const [set, account] of [
    [second, other.account],
    [first, one.account],
  ] as const) {
    await tablet.post(`${api}/tablets/lock`)
    tablet.account = undefined
    await unlocks(tablet, set)
    expect((await tablet.ask('GET', '/api/me')).said).toMatchObject({ account })
  }
})

test('nobody sets a PIN at a tablet that was left open: a passkey of that officer has to agree', async () => {
  const { tablet, passkey } = await hired()
  const other = await hired()
  const asked = await tablet.does<ToSign>(`${api}/passkeys/confirm`, {})
  for (const credential of [other.passkey.signs(asked, page()), {}])
    expect((await tablet.post(`${api}/tablets`, { credential })).status).toBeGreaterThanOrEqual(400)
  const again = await tablet.does<ToSign>(`${api}/passkeys/confirm`, {})
  const credential = passkey.signs(again, page())
  expect((await tablet.post(`${api}/tablets`, { credential })).status).toBe(201)
  expect((await tablet.post(`${api}/tablets`, { credential })).status).toBe(403) // agreed once is once
})

test('a wrong secret, another’s, and one that is not there get one answer', async () => {
  const { tablet, passkey } = await hired()
  const set = await sets(tablet, passkey)
  const other = await hired()
  const theirs = await sets(other.tablet, other.passkey)
  const stranger = new Visitor(served.url)
  for (const wrong of [
    { id: set.id, token: theirs.token },
    { id: theirs.id, token: set.token },
    { id: newId(), token: set.token },
    { id: set.id, token: 'A'.repeat(43) },
  ])
    expect(await unlocks(stranger, wrong)).toMatchObject(refused)
  expect((await stranger.post(`${api}/tablets/unlock`, { id: set.id, token: '' })).status).toBe(400)
  expect([...stranger.cookies.keys()]).toEqual([])
})

test('signed out is signed out: the PIN opens nothing until there is a new session, and then that one', async () => {
  const { tablet, passkey } = await hired()
  const set = await sets(tablet, passkey)
  await tablet.post(`${api}/sign-out`)
  expect(await unlocks(tablet, set)).toMatchObject(refused)

  await signsIn(tablet.does, page(), passkey)
  expect((await tablet.post(`${api}/tablets/bind`, { id: set.id })).status).toBe(200)
  await tablet.post(`${api}/tablets/lock`)
  expect((await unlocks(tablet, set)).status).toBe(200)
  expect(await isIn(tablet)).toBe(true)
})

test('nobody binds another’s PIN to a session of their own', async () => {
  const { tablet, passkey } = await hired()
  const set = await sets(tablet, passkey)
  const thief = await hired()
  expect((await thief.tablet.post(`${api}/tablets/bind`, { id: set.id })).status).toBe(404)
  expect((await thief.tablet.post(`${api}/tablets/forget`, { id: set.id })).status).toBe(200)
  expect(await unlocks(new Visitor(served.url), set)).toMatchObject({ status: 200, said: { account: tablet.account } })
})

test('a PIN outlives no post, no reset and no shift', async () => {
  const disabled = await hired()
  const first = await sets(disabled.tablet, disabled.passkey)
  await admin.post(`${at}/officers/${disabled.account}/disable`)
  expect(await unlocks(disabled.tablet, first)).toMatchObject(refused)

  const reset = await hired()
  const second = await sets(reset.tablet, reset.passkey)
  const { code } = await admin.does<OfficerCode>(`${at}/officers/${reset.account}/reset`, {})
  expect(await unlocks(reset.tablet, second)).toMatchObject(refused)
  await enrols(reset.tablet.does, page(), code)
  expect((await reset.tablet.post(`${api}/tablets/bind`, { id: second.id })).status).toBe(404)

  const tired = await hired()
  const third = await sets(tired.tablet, tired.passkey)
  await passes(served.url, 13 * HOUR_MS)
  expect(await unlocks(tired.tablet, third)).toMatchObject(refused)
  await passes(served.url, 0)
})

test('a locked tablet hears that a PIN has ended: its officer’s at a reset, a lost tablet’s, and no other', async () => {
  const [one, other] = [await hired(), await hired()]
  const [mine, theirs] = [await sets(one.tablet, one.passkey), await sets(other.tablet, other.passkey)]
  const nobody = new Visitor(served.url)
  const standing = async () => {
    const { said } = await nobody.post(`${api}/tablets/standing`, { ids: [mine.id, theirs.id] })
    return (said as { standing: Id[] }).standing
  }
  expect(await standing()).toHaveLength(2)
  await passes(served.url, 13 * HOUR_MS) // a shift has ended, and nobody has said anything
  expect(await standing()).toHaveLength(2)
  await passes(served.url, 0)
  await admin.post(`${at}/officers/${one.account}/reset`)
  expect(await standing()).toEqual([theirs.id])
  await admin.post(`${at}/officers/${other.account}/end-sessions`)
  expect(await standing()).toEqual([])
  expect((await nobody.post(`${api}/tablets/standing`, { ids: [mine.token] })).status).toBe(400)
})

test('an officer who ends one of their sign-ins ends the PIN that opened it', async () => {
  const { tablet, passkey } = await hired()
  const set = await sets(tablet, passkey)
  const elsewhere = new Visitor(served.url)
  await signsIn(elsewhere.does, page(), passkey)
  await elsewhere.post('/api/identity/sessions/end-others')
  expect(await unlocks(tablet, set)).toMatchObject(refused)
  expect((await elsewhere.post(`${api}/tablets/standing`, { ids: [set.id] })).said).toEqual({ standing: [] })
})

test('a PIN that was removed opens nothing, and a relative has none', async () => {
  const { tablet, passkey } = await hired()
  const set = await sets(tablet, passkey)
  await tablet.post(`${api}/tablets/forget`, { id: set.id })
  expect(await unlocks(tablet, set)).toMatchObject(refused)
  const relative = await Visitor.signedIn(served.url, '+8615900000077')
  expect((await relative.post(`${api}/tablets/bind`, { id: set.id })).status).toBe(403)
})

test('the secret is kept as a hash', async () => {
  const { tablet, passkey } = await hired()
  const { id, token } = await sets(tablet, passkey)
  const row = await served.db.prepare('SELECT * FROM tablet_pin WHERE id = ?').bind(id).first()
  expect(JSON.stringify(row)).not.toContain(token)
})
