// A tie can be shut for single kinds and banned for a time: at once, and the family is told until when and not why.
import { expect, test } from 'vitest'
import type { Id } from '#db/id.ts'
import type { HouseView } from '#db/house.ts'
import { admit, hires, invite, letter, recordOf, soon, stateIn, step, take, tied, tieIn } from '#test/house/family.ts'
import { admin, at, served, withNewHouse } from '#test/newHouse.ts'
import { HOUR_MS, passes } from '#test/server.ts'

withNewHouse()

const forbidden = { status: 403, said: { refused: { code: 'not_allowed' } } }
const closed = [{ refused: { code: 'closed' } }]
const note = '同案人员家属，暂不往来'
const until = (hours: number) => Date.now() + hours * HOUR_MS
const bans = (tie: Id, hours = 24) =>
  admin.post(`${at}/kinships/${tie}/ban`, { until: until(hours), reason: 'order', note })
const stateOf = async (matter: Id) =>
  (await served.db.prepare('SELECT state FROM matter WHERE id = ?').bind(matter).first<{ state: string }>())?.state

test('a ban holds on the very next request, whatever the phone has heard', async () => {
  const { mother, tie } = await tied('serving')
  await mother.syncs(letter(tie))
  expect((await bans(tie.id)).status).toBe(200)
  expect((await mother.syncs(letter(tie))).results).toEqual(closed)
})

test('the family is told until when and not why; officers read the reason', async () => {
  const { mother, tie } = await tied('serving')
  await mother.syncs()
  await bans(tie.id)
  const told = await mother.syncs()
  expect(tieIn(told)).toMatchObject({ id: tie.id, ended: false, access: { letter: 'open' } })
  expect(tieIn(told)?.bannedUntil).toBeGreaterThan(Date.now())
  expect(JSON.stringify(told)).not.toMatch(/order|同案/)
  const { ties } = (await admin.ask('GET', at)).said as HouseView
  expect(ties.find(({ id }) => id === tie.id)?.ban).toMatchObject({ reason: 'order', note })
})

test('what was asked for before stays with the officers, who see the ban, and may be taken back', async () => {
  const { mother, tie } = await tied('serving')
  const [one, other] = [letter(tie), letter(tie)]
  await mother.syncs(one, other)
  const reviewer = await hires('reviewer')
  await reviewer.syncs()
  await bans(tie.id)
  const heard = (await reviewer.syncs()).changes.find((change) => 'matter' in change && change.matter.id === one.matter)
  expect(heard).toMatchObject({ about: { bannedUntil: expect.any(Number) as number }, matter: { state: 'submitted' } })
  expect((await reviewer.syncs(step(one, 'approve'))).results).toMatchObject([{ done: { state: 'approved' } }])
  expect((await mother.syncs(step(other, 'withdraw'))).results).toMatchObject([{ done: { state: 'withdrawn' } }])
})

test('what was approved before a ban and not handed over comes back to a reviewer, once', async () => {
  const { mother, tie } = await tied('serving')
  const written = letter(tie)
  await mother.syncs(written)
  const reviewer = await hires('reviewer')
  await reviewer.syncs(step(written, 'approve'))
  await bans(tie.id)
  await soon(() => stateOf(written.matter), 'submitted')
  expect((await recordOf(written.matter)).at(-1)).toMatchObject({ move: 'recall', role: 'system' })
  await reviewer.syncs(step(written, 'approve'))
  await passes(served.url, HOUR_MS)
  expect(await stateOf(written.matter)).toBe('approved')
  expect(stateIn(await mother.syncs())).toBe('approved')
})

test('a ban ends by itself, the phone hears of it, and the record keeps every step', async () => {
  const { mother, tie } = await tied('serving')
  await bans(tie.id, 24)
  await bans(tie.id, 48)
  expect(tieIn(await mother.syncs())?.bannedUntil).toBeDefined()
  await passes(served.url, 49 * HOUR_MS)
  await passes(served.url, 50 * HOUR_MS)
  const heard = tieIn(await mother.syncs())
  expect(heard).toMatchObject({ id: tie.id })
  expect(heard).not.toHaveProperty('bannedUntil')
  expect((await mother.syncs(letter(tie))).results).toMatchObject([{ done: { state: 'submitted' } }])
  expect((await recordOf(tie.id)).map(({ move, role }) => `${role} ${move}`)).toEqual([
    'relative tie',
    'admin ban',
    'admin ban',
    'system banEnds',
  ])
})

test('the house’s own clock ends a ban, without anybody asking', async () => {
  const { mother, tie } = await tied('serving')
  await bans(tie.id)
  await served.db.prepare('UPDATE kinship SET banned_until = ? WHERE id = ?').bind(Date.now(), tie.id).run()
  await mother.syncs(letter(tie)) // what moves a house winds its clock
  await bans((await tied('serving')).tie.id)
  await soon(async () => (await recordOf(tie.id)).at(-1)?.move, 'banEnds')
  expect(tieIn(await mother.syncs())).toEqual(expect.not.objectContaining({ bannedUntil: expect.anything() as number }))
})

test('before the minute has run, a ban whose time is over holds no more', async () => {
  const { mother, tie } = await tied('serving')
  await bans(tie.id)
  await served.db
    .prepare('UPDATE kinship SET banned_until = ? WHERE id = ?')
    .bind(Date.now() - 1, tie.id)
    .run()
  expect((await mother.syncs(letter(tie))).results).toMatchObject([{ done: { state: 'submitted' } }])
})

test('an admin lifts a ban early; where none stands there is nothing to lift', async () => {
  const { mother, tie } = await tied('serving')
  expect(await admin.post(`${at}/kinships/${tie.id}/lift`)).toMatchObject(forbidden)
  await bans(tie.id)
  await mother.syncs()
  expect((await admin.post(`${at}/kinships/${tie.id}/lift`)).status).toBe(200)
  expect(tieIn(await mother.syncs())).not.toHaveProperty('bannedUntil')
  expect((await mother.syncs(letter(tie))).results).toMatchObject([{ done: { state: 'submitted' } }])
})

test('neither the end of the tie nor a new invite ends a ban', async () => {
  const { person, mother, tie } = await tied('serving')
  await bans(tie.id)
  await admin.post(`${at}/kinships/${tie.id}/end`)
  expect((await take(mother, await invite(person))).status).toBe(200)
  expect((await mother.syncs(letter(tie))).results).toEqual(closed)
})

test('a kind that is shut for one tie is shut at once for it alone, and opened again', async () => {
  const { person, mother, tie } = await tied('serving')
  const father = await tied('serving')
  await mother.syncs()
  expect((await admin.post(`${at}/kinships/${tie.id}/rights`, { shut: ['letter'] })).status).toBe(200)
  expect((await mother.syncs(letter(tie))).results).toEqual(closed)
  expect((await father.mother.syncs(letter(father.tie))).results).toMatchObject([{ done: { state: 'submitted' } }])
  await take(mother, await invite(person))
  expect((await mother.syncs(letter(tie))).results).toEqual(closed)
  await admin.post(`${at}/kinships/${tie.id}/rights`, { shut: [] })
  expect((await mother.syncs(letter(tie))).results).toMatchObject([{ done: { state: 'submitted' } }])
})

test('a tie opens nothing that the house has closed', async () => {
  const { mother, tie } = await tied('untried')
  await admin.post(`${at}/kinships/${tie.id}/rights`, { shut: [] })
  await mother.syncs()
  expect((await mother.syncs(letter(tie))).results).toMatchObject([{ done: { state: 'awaitingConsent' } }])
})

test('only an admin and a leader of this house ban and lift, and an admin shuts; a day that is over is named', async () => {
  const { mother, tie } = await tied('serving')
  const others = [mother, ...(await Promise.all(['keeper', 'desk', 'duty', 'reviewer'].map((role) => hires(role))))]
  const said = { until: until(24), reason: 'order', note: '' }
  for (const who of others) {
    expect(await who.post(`${at}/kinships/${tie.id}/ban`, said)).toMatchObject(forbidden)
    expect(await who.post(`${at}/kinships/${tie.id}/lift`)).toMatchObject(forbidden)
    expect(await who.post(`${at}/kinships/${tie.id}/rights`, { shut: ['letter'] })).toMatchObject(forbidden)
  }
  const wants = (field: string) => ({ status: 400, said: { refused: { code: 'check_input', field } } })
  expect(await admin.post(`${at}/kinships/${tie.id}/ban`, { ...said, until: until(-1) })).toMatchObject(wants('until'))
  expect(await admin.post(`${at}/kinships/${tie.id}/ban`, { ...said, reason: 'toString' })).toMatchObject(
    wants('reason'),
  )
  expect(await admin.post(`${at}/kinships/${await admit()}/ban`, said)).toMatchObject(forbidden)
  expect((await mother.syncs(letter(tie))).results).toMatchObject([{ done: { state: 'submitted' } }])

  const leader = await hires('leader')
  expect(await leader.post(`${at}/kinships/${tie.id}/rights`, { shut: ['letter'] })).toMatchObject(forbidden)
  expect((await leader.post(`${at}/kinships/${tie.id}/ban`, said)).status).toBe(200)
  expect((await mother.syncs(letter(tie))).results).toEqual(closed)
  expect((await recordOf(tie.id)).at(-1)).toMatchObject({ move: 'ban', role: 'leader' })
  expect((await leader.post(`${at}/kinships/${tie.id}/lift`)).status).toBe(200)
  expect((await mother.syncs(letter(tie))).results).toMatchObject([{ done: { state: 'submitted' } }])
})
