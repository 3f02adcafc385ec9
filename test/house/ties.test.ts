// An invite becomes a tie, a tie opens what the law opens, and ends: told by those who hold the phone.
import { expect, test } from 'vitest'
import type { SyncAnswer } from '#db/command.ts'
import { newId } from '#db/id.ts'
import type { Tie } from '#db/matter.ts'
import { defaults } from '#db/settings.ts'
import { admit, anybody, invite, letter, soon, stateIn, take, tied, tieIn } from '#test/house/family.ts'
import { admin, at, house, served, withNewHouse } from '#test/newHouse.ts'
import { HOUR_MS, passes, Visitor } from '#test/server.ts'

withNewHouse()

const unknown = { status: 404, said: { refused: { code: 'wrong_code', field: 'code' } } }

test('an invite says enough to know that it is meant for oneself, and no more', async () => {
  const code = await invite(await admit())
  expect(code).toMatch(/^songling-[0-9a-z]{26}$/)
  const { said } = await new Visitor(served.url).post('/api/invites/look', { code })
  expect(said).toMatchObject({
    name: '李芳',
    kin: 'parent',
    person: '欧＊',
    house: { name: '松岭看守所', telephone: '0000' },
  })
  expect(JSON.stringify(said)).not.toContain('阳')
})

test('looking at an invite changes nothing; taking it ties the phone to the person', async () => {
  const code = await invite(await admit())
  for (let looks = 0; looks < 3; looks += 1) await new Visitor(served.url).post('/api/invites/look', { code })
  const mother = await anybody()
  const { status, said } = await take(mother, ` ${code.toUpperCase()} `)
  expect(status).toBe(200)
  expect((said as { tie: Tie }).tie).toMatchObject({ name: '欧阳强', access: { letter: 'open' }, ended: false })
  // within the same five minutes, although the token of before knew of no house
  expect(tieIn(await mother.syncs())?.name).toBe('欧阳强')
  expect((await mother.ask('GET', '/api/me')).said).toMatchObject({ name: '李芳' })
})

test('two who take one invite at the same moment: one is tied, and nothing is left of the other', async () => {
  const code = await invite(await admit())
  const both = await Promise.all([anybody(), anybody()])
  const answers = await Promise.all(both.map((who) => take(who, code)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 404])
  const loser = both[answers.findIndex(({ status }) => status === 404)]
  expect((await loser?.syncs())?.changes).toEqual([])
})

test('one person who taps twice, or whose answer was lost, finds the same tie', async () => {
  const code = await invite(await admit())
  const mother = await anybody()
  const answers = [...(await Promise.all([take(mother, code), take(mother, code)])), await take(mother, code)]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(new Set(answers.map(({ said }) => (said as { tie: Tie }).tie.id)).size).toBe(1)
})

test('a server that died between its two databases is finished by trying again', async () => {
  const person = await admit()
  const code = await invite(person)
  const mother = await anybody()
  await served.db.prepare('INSERT INTO reach (account, facility) VALUES (?, ?)').bind(mother.account, house).run()
  expect((await mother.syncs()).changes).toEqual([])
  expect((await take(mother, code)).status).toBe(200)
})

test('unknown, used, expired, of somebody who has left: all look the same', async () => {
  const used = await invite(await admit())
  await take(await anybody(), used)
  const person = await admit()
  const left = await invite(person)
  await admin.post(`${at}/people/${person}/leave`, { because: 'released' })
  const old = await invite(await admit())

  const who = await anybody()
  for (const code of [used, left, `songling-${'0'.repeat(26)}`, 'nowhere-000', 'songling', '', '-'.repeat(90), '号']) {
    expect(await take(who, code)).toMatchObject(unknown)
    expect(await who.post('/api/invites/look', { code })).toMatchObject(unknown)
  }
  await passes(served.url, 15 * 24 * HOUR_MS)
  expect(await (await anybody()).post('/api/invites/look', { code: old })).toMatchObject(unknown)
})

test('nobody can try invites without end', async () => {
  const who = await anybody()
  const from = { 'cf-connecting-ip': '203.0.113.7' }
  const guess = () => who.ask('POST', '/api/invites/take', { code: `songling-${newId()}` }, from)
  for (let tried = 0; tried < 20; tried += 1) expect((await guess()).status).toBe(404)
  expect((await guess()).status).toBe(429)
})

test('a change of legal status is heard at once, and holds for the next letter', async () => {
  const { person, mother, tie } = await tied('untried')
  await mother.syncs()
  expect(tie.access.letter).toBe('consent')
  await admin.post(`${at}/people/${person}/status`, { status: 'serving' })
  expect(tieIn(await mother.syncs())?.access.letter).toBe('open')
})

test('a letter that waits for the case-handling body goes on when its paper is recorded', async () => {
  const { mother, tie } = await tied('untried')
  expect((await mother.syncs(letter(tie))).results).toMatchObject([{ done: { state: 'awaitingConsent' } }])
  const paper = { tie: tie.id, kind: 'letter', until: null, document: '同意字〔2026〕3号' }
  expect((await admin.post(`${at}/consents`, paper)).status).toBe(201)
  const heard = await mother.syncs() // with the tie alone, or with the letter too where the minute was faster
  expect(tieIn(heard)?.consented.letter).toBe(true)
  await soon(async () => stateIn(await mother.syncs()) ?? stateIn(heard), 'submitted')
  expect((await mother.syncs(letter(tie))).results).toMatchObject([{ done: { state: 'submitted' } }])
})

test('where a house closes letters, no letter goes, and why is not told', async () => {
  const { mother, tie } = await tied('serving')
  const settings = defaults.detention.letter
  const closed = { ...settings, access: { ...settings.access, serving: 'closed' } }
  await admin.post(`${at}/settings`, { kind: 'letter', settings: closed })
  expect(tieIn(await mother.syncs())?.access.letter).toBe('closed')
  expect((await mother.syncs(letter(tie))).results).toEqual([{ refused: { code: 'closed' } }])
  await admin.post(`${at}/settings`, { kind: 'letter', settings })
})

test('when a tie ends its letters leave the phone, what is open is closed, and none can be written', async () => {
  const { mother, tie } = await tied('serving')
  const written = letter(tie)
  await mother.syncs(written)
  await mother.syncs()
  await admin.post(`${at}/kinships/${tie.id}/end`)

  const { changes, gone } = await mother.syncs()
  expect(tieIn({ changes } as SyncAnswer)).toMatchObject({ id: tie.id, ended: true })
  expect(gone).toContain(written.matter)
  const state = async () =>
    (await served.db.prepare('SELECT state FROM matter WHERE id = ?').bind(written.matter).first<{ state: string }>())
      ?.state
  await soon(state, 'closed')
  expect(stateIn(await mother.syncs())).toBeUndefined()
  expect((await mother.syncs(letter(tie))).results).toEqual([{ refused: { code: 'not_allowed' } }])
})

test('a tie that ended is tied again with a new invite, under the same id', async () => {
  const { person, mother, tie } = await tied('serving')
  await admin.post(`${at}/kinships/${tie.id}/end`)
  const again = (await take(mother, await invite(person))).said as { tie: Tie }
  expect(again.tie).toMatchObject({ id: tie.id, ended: false })
  expect((await mother.syncs(letter(tie))).results).toMatchObject([{ done: { state: 'submitted' } }])
})

test('when somebody is released, what their family asked for is closed, and they are told so', async () => {
  const { person, mother, tie } = await tied('serving')
  await mother.syncs(letter(tie))
  await admin.post(`${at}/people/${person}/leave`, { because: 'released' })
  await soon(async () => stateIn(await mother.syncs()), 'closed')
  expect(await admin.post(`${at}/people/${person}/status`, { status: 'untried' })).toMatchObject({ status: 403 })
})
