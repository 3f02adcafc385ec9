// The case-handling body's leave: by a link that answers once, taken back, refused; and what a change of law does to what is
// open.
import { expect, test } from 'vitest'
import type { Command } from '#db/command.ts'
import type { HouseView } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { defaults, type Access } from '#db/settings.ts'
import { anybody, hires, letter, recordOf, soon, stateIn, step, tied, tieIn } from '#test/house/family.ts'
import { admin, at, served, withNewHouse } from '#test/newHouse.ts'
import { HOUR_MS, passes, Visitor } from '#test/server.ts'

withNewHouse()

const forbidden = { status: 403, said: { refused: { code: 'not_allowed' } } }
const useless = { status: 404, said: { refused: { code: 'wrong_code', field: 'code' } } }
const document = '同意字〔2026〕9号'
const consents = (tie: Id) => admin.post(`${at}/consents`, { tie, kind: 'letter', until: null, document })
const ends = (tie: Id, how: 'takenBack' | 'refused') => admin.post(`${at}/consents/end`, { tie, kind: 'letter', how })
const turns = (person: Id, status: string) => admin.post(`${at}/people/${person}/status`, { status })
const link = async (tie: Id, by = admin) =>
  ((await by.post(`${at}/consents/link`, { tie, kind: 'letter' })).said as { code: string }).code
/** Somebody at the case-handling body, in a browser of theirs, signed in nowhere. */
const body = () => new Visitor(served.url)
const looks = (code: string) => body().post('/api/consents/look', { code })
const agrees = (code: string, until: number | null = null) =>
  body().post('/api/consents/answer', { code, answer: 'agrees', document, until })
const refuses = (code: string) => body().post('/api/consents/answer', { code, answer: 'refuses' })
const stateOf = (written: Command) => async () =>
  (await served.db.prepare('SELECT state FROM matter WHERE id = ?').bind(written.matter).first<{ state: string }>())
    ?.state
const sets = (untried: Access, serving: Access) => {
  const settings = defaults.detention.letter
  return admin.post(`${at}/settings`, { kind: 'letter', settings: { ...settings, access: { untried, serving } } })
}

test('a link shows only what is needed, and opening it changes nothing', async () => {
  const { mother, tie } = await tied('untried')
  const written = letter(tie)
  await mother.syncs(written)
  const code = await link(tie.id)
  const before = await recordOf(tie.id)
  for (let seen = 0; seen < 3; seen += 1) {
    const { status, said } = await looks(code)
    expect(status).toBe(200)
    expect(said).toMatchObject({ person: '欧＊', relative: '李＊', kin: 'parent', kind: 'letter' })
    expect(JSON.stringify(said)).not.toMatch(/阳|芳|untried|3-02/)
  }
  expect(await recordOf(tie.id)).toEqual(before)
  expect(await stateOf(written)()).toBe('awaitingConsent')
})

test('an agreement by link lets what waits go on, once, and stands on the record', async () => {
  const { mother, tie } = await tied('untried')
  const written = letter(tie)
  await mother.syncs(written)
  const desk = await hires('desk')
  const code = await link(tie.id, desk)
  expect((await agrees(code, Date.now() + 90 * 24 * HOUR_MS)).status).toBe(200)
  expect(tieIn(await mother.syncs())?.consented.letter).toBe(true)
  await soon(stateOf(written), 'submitted')
  const last = (await recordOf(tie.id)).at(-1)
  expect(last).toMatchObject({
    move: 'consent',
    role: 'caseHandler',
    facts: { kind: 'letter', issuedBy: desk.account },
  })
  expect(last?.actor).not.toBe(desk.account)
  expect(((await admin.ask('GET', at)).said as HouseView).consents).toContainEqual(
    expect.objectContaining({ tie: tie.id, document }),
  )

  expect((await agrees(code)).status).toBe(200) // its answer was lost on the way: nothing is written twice
  expect(await recordOf(tie.id)).toHaveLength(3)
  expect(await refuses(code)).toMatchObject(useless)
  expect(await looks(code)).toMatchObject(useless)
})

test('a refusal by link ends what waits, and the family reads so', async () => {
  const { mother, tie } = await tied('untried')
  const written = letter(tie)
  await mother.syncs(written)
  await refuses(await link(tie.id))
  await soon(stateOf(written), 'declined')
  expect(stateIn(await mother.syncs())).toBe('declined')
  expect((await recordOf(written.matter)).at(-1)).toMatchObject({ move: 'refuseConsent', role: 'system' })
  // what is asked for later waits for an answer of its own
  const later = letter(tie)
  expect((await mother.syncs(later)).results).toMatchObject([{ done: { state: 'awaitingConsent' } }])
  await passes(served.url, HOUR_MS)
  expect(await stateOf(later)()).toBe('awaitingConsent')
})

test('two who answer one link at the same moment: one answer stands', async () => {
  const { tie } = await tied('untried')
  const code = await link(tie.id)
  const answers = await Promise.all([agrees(code), refuses(code)])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 404])
  expect((await recordOf(tie.id)).filter(({ role }) => role === 'caseHandler')).toHaveLength(1)
})

test('unknown, replaced, expired, of a tie that ended: all look the same', async () => {
  const { tie } = await tied('untried')
  const replaced = await link(tie.id)
  const old = await link(tie.id)
  const ended = await tied('untried')
  const orphan = await link(ended.tie.id)
  await admin.post(`${at}/kinships/${ended.tie.id}/end`)
  for (const code of [replaced, orphan, `songling-${'0'.repeat(26)}`, 'nowhere-0', '', '号']) {
    expect(await looks(code)).toMatchObject(useless)
    expect(await agrees(code)).toMatchObject(useless)
  }
  expect((await looks(old)).status).toBe(200)
  await passes(served.url, 8 * 24 * HOUR_MS)
  expect(await looks(old)).toMatchObject(useless)
})

test('nobody tries links without end; only a desk or an admin makes one', async () => {
  const from = { 'cf-connecting-ip': '203.0.113.9' }
  const guess = () => body().ask('POST', '/api/consents/look', { code: 'songling-1' }, from)
  for (let tried = 0; tried < 60; tried += 1) expect((await guess()).status).toBe(404)
  expect((await guess()).status).toBe(429)
  const { mother, tie } = await tied('untried')
  for (const who of [mother, ...(await Promise.all(['keeper', 'duty', 'reviewer'].map((role) => hires(role))))]) {
    expect(await who.post(`${at}/consents/link`, { tie: tie.id, kind: 'letter' })).toMatchObject(forbidden)
    expect(await who.post(`${at}/consents/end`, { tie: tie.id, kind: 'letter', how: 'refused' })).toMatchObject(
      forbidden,
    )
  }
})

test('what is not right in an answer is named, and the link stays good', async () => {
  const { tie } = await tied('untried')
  const code = await link(tie.id)
  const wants = (field: string) => ({ status: 400, said: { refused: { code: 'check_input', field } } })
  expect(await agrees(code, Date.now() - 1)).toMatchObject(wants('until'))
  expect(
    (await body().post('/api/consents/answer', { code, answer: 'agrees', document: ' ', until: null })).status,
  ).toBe(400)
  expect((await agrees(code)).status).toBe(200)
})

test('a leave that is taken back: what was not handed over waits again, and goes on when a new paper comes', async () => {
  const { mother, tie } = await tied('untried')
  await consents(tie.id)
  const [reviewed, approved] = [letter(tie), letter(tie)]
  await mother.syncs(reviewed, approved)
  await (await hires('reviewer')).syncs(step(approved, 'approve'))
  expect((await ends(tie.id, 'takenBack')).status).toBe(200)
  expect(tieIn(await mother.syncs())?.consented.letter).toBe(false)
  await soon(stateOf(reviewed), 'awaitingConsent')
  await soon(stateOf(approved), 'awaitingConsent')
  expect(await ends(tie.id, 'takenBack')).toMatchObject(forbidden) // nothing stands any more
  await consents(tie.id)
  await soon(stateOf(reviewed), 'submitted')
  await soon(stateOf(approved), 'submitted')
})

test('a leave that is refused after it was given ends what was not handed over', async () => {
  const { mother, tie } = await tied('untried')
  await consents(tie.id)
  const written = letter(tie)
  await mother.syncs(written)
  await ends(tie.id, 'refused')
  await soon(stateOf(written), 'awaitingConsent')
  await passes(served.url, 0)
  await soon(stateOf(written), 'declined')
})

test('from untried to serving what waits for consent goes on by itself', async () => {
  const { person, mother, tie } = await tied('untried')
  const written = letter(tie)
  await mother.syncs(written)
  await turns(person, 'serving')
  await soon(stateOf(written), 'submitted')
})

test('from serving to untried what is not handed over waits for consent; with consent nothing changes', async () => {
  const { person, mother, tie } = await tied('serving')
  const written = letter(tie)
  await mother.syncs(written)
  await turns(person, 'untried')
  await soon(stateOf(written), 'awaitingConsent')
  const heard = (await mother.syncs()).changes.find(
    (change) => 'matter' in change && change.matter.id === written.matter,
  )
  expect(heard).toMatchObject({ matter: { due: expect.any(Number) as number } })

  const other = await tied('serving')
  await consents(other.tie.id)
  const theirs = letter(other.tie)
  await other.mother.syncs(theirs)
  await turns(other.person, 'untried')
  await passes(served.url, 0)
  expect(await stateOf(theirs)()).toBe('submitted')
})

test('where the new status closes letters, what is open is closed with a sentence of its own', async () => {
  await sets('closed', 'open')
  const { person, mother, tie } = await tied('serving')
  const other = await tied('serving')
  const [written, theirs] = [letter(tie), letter(other.tie)]
  await mother.syncs(written)
  await other.mother.syncs(theirs)
  await turns(person, 'untried')
  await soon(stateOf(written), 'closed')
  expect((await recordOf(written.matter)).at(-1)).toMatchObject({ move: 'close', facts: { because: 'notOpen' } })
  expect(await stateOf(theirs)()).toBe('submitted') // another person's status did not change
  expect((await mother.syncs(letter(tie))).results).toEqual([{ refused: { code: 'closed' } }])
  await sets('consent', 'open')
})

test('a house that changes its settings closes nothing that was asked for before', async () => {
  const { mother, tie } = await tied('serving')
  const written = letter(tie)
  await mother.syncs(written)
  await sets('consent', 'closed')
  await passes(served.url, HOUR_MS)
  expect(await stateOf(written)()).toBe('submitted')
  await sets('consent', 'open')
})

test('a stranger who is signed in answers a link like anybody', async () => {
  const { tie } = await tied('untried')
  const stranger = await anybody()
  const said = { code: await link(tie.id), answer: 'refuses' }
  expect((await stranger.post('/api/consents/answer', said)).status).toBe(200)
  expect((await recordOf(tie.id)).at(-1)).toMatchObject({ move: 'refused', role: 'caseHandler' })
})
