// A relative acts for an elder, by the elder's leave: told by the elder, by whoever acts, and by the officers.
import { expect, test } from 'vitest'
import { limitBytes, type SyncAnswer } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import type { MandateCard } from '#db/mandate.ts'
import type { Change, Tie } from '#db/matter.ts'
import { protocol } from '#db/upcast.ts'
import { anybody, hires, letter, recordOf, soon, stateIn, step, take, tied, tieIn, invite } from '#test/house/family.ts'
import { admin, at, house, served, withNewHouse } from '#test/newHouse.ts'
import { photo, sends } from '#test/permits/province.ts'
import { HOUR_MS, passes, type Visitor } from '#test/server.ts'

withNewHouse()

const DAY_MS = 24 * HOUR_MS
const unknown = { status: 404, said: { refused: { code: 'wrong_code', field: 'code' } } }
const ended = [{ refused: { code: 'mandate_ended' } }]

const gives = async (elder: Visitor, tie: Tie, until = Date.now() + 30 * DAY_MS) =>
  elder.does<{ id: Id; code: string }>('/api/mandates', { house, tie: tie.id, name: '王强', until })
const takes = (who: Visitor, code: string) => who.post('/api/mandates/take', { code })
const ends = (who: Visitor, mandate: Id) => who.post(`/api/mandates/${house}/${mandate}/end`)
const cardsOf = async (who: Visitor) =>
  ((await who.ask('GET', '/api/mandates')).said as { mandates: MandateCard[] }).mandates
const matterIn = ({ changes }: SyncAnswer) =>
  changes.flatMap((change): Extract<Change, { matter: unknown }>[] => ('matter' in change ? [change] : [])).at(-1)

/** An elder with a tie, and a son who has taken her leave. */
async function acting(until?: number) {
  const { person, mother: elder, tie } = await tied('serving')
  const son = await anybody()
  const { id, code } = await gives(elder, tie, until)
  expect((await takes(son, code)).status).toBe(200)
  const theirs = tieIn(await son.syncs())
  if (!theirs) throw new Error('the son heard of no tie')
  await elder.syncs()
  return { person, elder, son, tie, theirs, mandate: id }
}

test('what the son writes for her is hers: both see it, and it says who has made it', async () => {
  const { elder, son, tie, theirs } = await acting()
  expect(theirs).toMatchObject({
    id: tie.id,
    name: '欧阳强',
    of: { name: '李芳', account: elder.account },
    ended: false,
  })
  const officer = await hires('reviewer')
  const written = letter(theirs)
  expect((await son.syncs(written)).results).toMatchObject([{ done: { state: 'submitted' } }])

  const hers = matterIn(await elder.syncs())
  expect(hers?.matter).toMatchObject({ account: elder.account, agent: son.account, state: 'submitted' })
  expect(hers?.steps).toMatchObject([{ move: 'submit', by: '王强' }])
  const { said } = await officer.ask('GET', `${at}/matters/${written.matter}`)
  expect(said).toMatchObject({ about: { relative: '李芳', agent: '王强' }, steps: [{ by: '王强' }] })
  expect(await recordOf(written.matter)).toMatchObject([{ move: 'submit', actor: son.account, role: 'relative' }])

  // each of the two may take it back
  expect((await elder.syncs(step(written, 'withdraw'))).results).toMatchObject([{ done: { state: 'withdrawn' } }])
  expect(stateIn(await son.syncs())).toBe('withdrawn')
})

test('what she writes herself he does not see, and cannot touch', async () => {
  const { elder, son, tie } = await acting()
  const own = letter(tie)
  await elder.syncs(own)
  expect(matterIn(await son.syncs())).toBeUndefined()
  expect((await son.syncs(step(own, 'withdraw'))).results).toEqual([{ refused: { code: 'not_allowed' } }])
})

test('withdrawn at once: a letter on its way is refused with a sentence of its own, and his phone forgets', async () => {
  const { elder, son, theirs, mandate } = await acting()
  const first = letter(theirs)
  await son.syncs(first)
  expect((await ends(elder, mandate)).status).toBe(200)
  expect((await ends(elder, mandate)).status).toBe(403) // it is over
  expect((await son.syncs(letter(theirs))).results).toEqual(ended)
  expect((await son.syncs(step(first, 'withdraw'))).results).toEqual(ended)

  const again = await anew(son)
  expect(tieIn(again)).toMatchObject({ id: theirs.id, ended: true, access: { letter: 'closed' } })
  expect(matterIn(again)).toBeUndefined()
  // and it stays with her
  expect((await elder.syncs(step(first, 'withdraw'))).results).toMatchObject([{ done: { state: 'withdrawn' } }])
  expect(await cardsOf(elder)).toEqual([])
  expect((await recordOf(theirs.id)).map(({ move, role }) => `${role} ${move}`)).toEqual([
    'relative tie',
    'relative mandate',
    'relative takeMandate',
    'relative endMandate',
  ])
})

test('what was made under it leaves his phone with its end, also where he gives it up himself', async () => {
  const { son, theirs, mandate } = await acting()
  const written = letter(theirs)
  await son.syncs(written)
  expect(await cardsOf(son)).toMatchObject([{ of: '李芳', person: '欧阳强' }])
  expect((await ends(son, mandate)).status).toBe(200)
  const heard = await son.syncs()
  expect(heard.gone).toEqual([written.matter])
  expect(tieIn(heard)).toMatchObject({ ended: true })
})

test('it ends with its time, on the record, and both hear of it', async () => {
  const { elder, son, theirs } = await acting(Date.now() + HOUR_MS)
  await passes(served.url, 2 * HOUR_MS)
  const refused = await son.syncs(letter(theirs))
  expect(refused.results).toEqual(ended)
  await soon(async () => (await recordOf(theirs.id)).at(-1)?.move, 'mandateEnds')
  expect(tieIn(await son.syncs()) ?? tieIn(refused)).toMatchObject({ ended: true })
  expect(tieIn(await elder.syncs())).toMatchObject({ ended: false })
})

test('a ban and the end of her tie hold for whoever acts', async () => {
  const { elder, son, theirs } = await acting()
  const until = Date.now() + 30 * DAY_MS
  await admin.does(`${at}/kinships/${theirs.id}/ban`, { until, reason: 'order', note: '' })
  expect(tieIn(await son.syncs())).toMatchObject({ bannedUntil: until })
  expect((await son.syncs(letter(theirs))).results).toEqual([{ refused: { code: 'closed' } }])
  await admin.does(`${at}/kinships/${theirs.id}/lift`, {})
  const written = letter(theirs)
  expect((await son.syncs(written)).results).toMatchObject([{ done: {} }])
  await admin.does(`${at}/kinships/${theirs.id}/end`, {})
  expect((await son.syncs(letter(theirs))).results).toEqual(ended)
  expect((await anew(son)).changes.some((change) => 'matter' in change)).toBe(false)
  expect((await elder.syncs()).gone).toContain(written.matter)
})

test('a ban of his own is not got round by acting for somebody else', async () => {
  const { person, son, theirs } = await acting()
  const { tie: own } = (await take(son, await invite(person))).said as { tie: Tie }
  const until = Date.now() + 30 * DAY_MS
  await admin.does(`${at}/kinships/${own.id}/ban`, { until, reason: 'order', note: '' })
  expect((await son.syncs(letter(theirs))).results).toEqual([{ refused: { code: 'closed' } }])
})

test('a code is for one: looking changes nothing, nobody acts for themselves, and two never act for one', async () => {
  const { mother: elder, tie } = await tied('serving')
  const { code } = await gives(elder, tie)
  const [son, other] = [await anybody(), await anybody()]
  expect((await other.post('/api/mandates/look', { code })).said).toMatchObject({
    name: '王强',
    of: '李芳',
    kin: 'parent',
    person: '欧＊',
  })
  expect((await takes(elder, code)).status).toBe(403)
  const answers = await Promise.all([takes(son, code), takes(other, code)])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 404])
  expect(await takes(await anybody(), code)).toMatchObject(unknown)
  const body = { house, tie: tie.id, name: '王小强', until: Date.now() + DAY_MS }
  expect(await elder.post('/api/mandates', body)).toMatchObject({ status: 409, said: { refused: { code: 'taken' } } })
})

test('a newer code makes the older one good for nothing, and one that was taken back opens nothing', async () => {
  const { mother: elder, tie } = await tied('serving')
  const old = await gives(elder, tie)
  const { id, code } = await gives(elder, tie)
  const son = await anybody()
  expect(await takes(son, old.code)).toMatchObject(unknown)
  await ends(elder, id)
  expect(await takes(son, code)).toMatchObject(unknown)
})

test('only who has the tie gives a leave for it, for a year at most', async () => {
  const { mother: elder, tie } = await tied('serving')
  const said = { house, tie: tie.id, name: '王强', until: Date.now() + 30 * DAY_MS }
  expect((await (await anybody()).post('/api/mandates', said)).status).toBe(403)
  for (const until of [Date.now() - 1, Date.now() + 400 * DAY_MS])
    expect(await elder.post('/api/mandates', { ...said, until })).toMatchObject({
      status: 400,
      said: { refused: { code: 'check_input', field: 'until' } },
    })
  expect(await elder.post('/api/mandates', { ...said, name: ' ' })).toMatchObject({
    said: { refused: { field: 'name' } },
  })
})

test('for an elder without a phone the desk records a signed paper: without its photo nobody takes it', async () => {
  const { person } = await tied('serving')
  const desk = await hires('desk')
  const { tie } = await desk.does<{ tie: Id }>(`${at}/mandates/elder`, { person, kin: 'parent', name: '李老太' })
  const said = { name: '王强', until: Date.now() + 30 * DAY_MS }
  const { id, code } = await desk.does<{ id: Id; code: string }>(`${at}/mandates/${tie}`, said)
  const son = await anybody()
  expect(await takes(son, code)).toMatchObject(unknown)

  const { hash, bytes } = photo()
  const path = `${at}/mandates/${id}/paper/${hash}`
  expect((await sends(desk, 'PUT', path, bytes)).status).toBe(200)
  const { links } = await desk.does<{ links: string[] }>(`${at}/mandates/${id}/paper`, {})
  expect(links).toMatchObject([expect.stringMatching(new RegExp(`^${path}\\?`))])
  expect((await sends(desk, 'GET', links[0] ?? '')).headers).toContain('image/jpeg')
  for (const to of [path, `${links[0]}0`]) expect((await sends(desk, 'GET', to)).status).toBe(403)
  expect((await takes(son, code)).status).toBe(200)
  const theirs = tieIn(await son.syncs())
  expect(theirs).toMatchObject({ id: tie, of: { name: '李老太' } })
  expect((await son.syncs(letter(theirs as Tie))).results).toMatchObject([{ done: {} }])
  const { said: view } = await desk.ask('GET', at)
  expect(
    (view as { ties: { id: Id; mandates: unknown }[] }).ties.find((one) => one.id === tie)?.mandates,
  ).toMatchObject([{ id, ground: 'paper', name: '王强', paper: hash }])
  expect((await desk.post(`${at}/mandates/${id}/end`)).status).toBe(200)
  expect((await son.syncs(letter(theirs as Tie))).results).toEqual(ended)
})

/** What a phone hears that has forgotten all. */
const anew = async (who: Visitor): Promise<SyncAnswer> => {
  const { said } = await who.post('/api/sync', {
    v: protocol,
    cursor: {},
    limit: limitBytes.max,
    ask: [],
    commands: [],
  })
  return said as SyncAnswer
}
