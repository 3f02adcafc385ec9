// Somebody asks for all that is held about them: a relative on their phone, once they have proved that it is them;
// somebody inside at the desk. One table says what is held, and their copy is held against the database here.
import { expect, test } from 'vitest'
import { heldInDirectory, heldInLedger } from '#db/held.ts'
import type { Copied } from '#db/copy.ts'
import { newId, type Id } from '#db/id.ts'
import { copyPage as en } from '#db/words/en/copy.ts'
import { copyPage as zh } from '#db/words/zh/copy.ts'
import { hires, letter, recordOf, step, tied } from '#test/house/family.ts'
import { admin, at, house, served, withNewHouse } from '#test/newHouse.ts'
import { HOUR_MS, passes, type Visitor } from '#test/server.ts'

withNewHouse()

const asks = (who: Visitor, proof: object) => who.post('/api/identity/copy', proof)
const states = (who: Visitor) =>
  who.does('/api/identity/document', { kind: 'residentCard', number: '11010519491231002X', name: '李芳' })
/** A mother who stated her document some days ago, and has written. */
async function writer() {
  const family = await tied('serving')
  await states(family.mother)
  const written = letter(family.tie)
  await family.mother.syncs(written)
  return { ...family, written }
}
const later = () => passes(served.url, 4 * 24 * HOUR_MS)
const copyOf = async (mother: Visitor) => (await asks(mother, { lastSix: '31002X' })).said as Copied

test('a relative reads all that is held of them, with what is sealed opened, for a machine and on paper', async () => {
  const { mother, tie, written } = await writer()
  await admin.does(`${at}/consents`, { tie: tie.id, kind: 'letter', until: null, document: '衡检许字1号' })
  await later()
  const { copy, page } = await copyOf(mother)
  expect(copy).toMatchObject({
    format: 'etongban-copy/1',
    of: 'relative',
    account: {
      user: [{ phone: expect.stringMatching(/^\+86152/) as string }],
      document: [{ kind: 'residentCard', number: '11010519491231002X', name: '李芳' }],
    },
    houses: [
      { house: { id: house }, tables: { kinship: [{ id: tie.id, kin: 'parent' }], matter: [{ id: written.matter }] } },
    ],
  })
  const said = JSON.stringify(copy)
  for (const one of ['天冷了，多穿点。', '衡检许字1号', '李芳']) {
    expect(said).toContain(one)
    expect(page).toContain(one)
  }
  expect(page).toMatch(/^<!doctype html><html lang="zh-CN">/)
  expect(page).not.toContain('<script')
  expect((await recordOf(tie.id)).at(-1)).toMatchObject({ move: 'copy', role: 'relative' })
})

test('each column that is told of somebody stands in it, and none that is not', async () => {
  const { mother } = await writer()
  await later()
  const { copy } = await copyOf(mother)
  const parts = { ...copy.houses[0]?.tables, ...copy.account }
  const changed = ['event', 'content', 'user', 'document'] // read, or opened, as the tests beside this one say
  for (const [table, rows] of Object.entries(parts).filter(([table]) => !changed.includes(table))) {
    const columns = { ...heldInLedger, ...heldInDirectory }[table]?.columns ?? {}
    const told = Object.keys(columns).filter((column) => columns[column] === 'told')
    expect([table, Object.keys(rows[0] ?? {}).sort()]).toEqual([table, told.sort()])
  }
  expect(Object.keys(parts)).toEqual(
    expect.arrayContaining(['kinship', 'matter', 'session', 'user', 'invite', 'reach']),
  )
})

test('what it calls tables and columns has words in both languages', () => {
  for (const words of [zh, en])
    for (const [table, { person, account, columns }] of Object.entries({ ...heldInLedger, ...heldInDirectory })) {
      const told = Object.keys(columns).filter((column) => columns[column] === 'told' && column !== 'body')
      if ((person ?? account) === undefined || told.length === 0) continue
      expect(Object.keys(words.tables), table).toContain(table)
      for (const column of told) expect(Object.keys(words.columns), table).toContain(column)
    }
})

test('why somebody is restricted is for officers, and the copy says that something is not told', async () => {
  const { mother, tie } = await writer()
  const until = Date.now() + 9 * 24 * HOUR_MS
  await admin.does(`${at}/kinships/${tie.id}/ban`, { until, reason: 'safety', note: '同案人员家属' })
  await later()
  const { copy, page } = await copyOf(mother)
  expect(JSON.stringify(copy) + page).not.toMatch(/safety|同案人员家属/)
  expect(copy.houses[0]?.tables['event']).toContainEqual(expect.objectContaining({ move: 'ban', facts: { until } }))
  expect(copy.notTold.officers).toEqual(expect.arrayContaining(['kinship.ban_reason', 'kinship.ban_note']))
  expect(copy.notTold.officers.join()).not.toContain('detainee.')
})

test('without a proof, with a wrong one, or with a document that was stated just now, nothing is handed out', async () => {
  const { mother } = await writer()
  expect(await mother.ask('GET', '/api/identity/copy')).toMatchObject({ said: { passkey: false, lastSix: false } })
  expect(await asks(mother, { lastSix: '31002X' })).toMatchObject({
    status: 400,
    said: { refused: { field: 'lastSix' } },
  })
  await later()
  expect(await mother.ask('GET', '/api/identity/copy')).toMatchObject({ said: { lastSix: true } })
  for (const proof of [{}, { lastSix: '000000' }])
    expect(await asks(mother, proof)).toMatchObject({ status: 400, said: { refused: { code: 'wrong_code' } } })
})

test('a document that an officer has compared proves at once', async () => {
  const { mother, tie } = await writer()
  const { document } = await admin.does<{ document: { statedAt: number } }>(`${at}/kinships/${tie.id}/document`, {})
  await admin.does(`${at}/kinships/${tie.id}/document/check`, { statedAt: document.statedAt })
  expect((await asks(mother, { lastSix: '31002x' })).status).toBe(200)
})

test('five copies a day, and no more', async () => {
  const { mother } = await writer()
  await later()
  const answers = []
  for (let times = 0; times < 6; times += 1) answers.push((await asks(mother, { lastSix: '31002X' })).status)
  expect(answers).toEqual([200, 200, 200, 200, 200, 429])
})

test('somebody inside gets theirs at the desk, on the record: with letters that they may read, and no others', async () => {
  const { person, mother, tie, written } = await writer()
  const withheld: Id = newId()
  await mother.syncs({ ...letter(tie), matter: withheld, input: { to: tie.id, body: '不予转递的一封' } })
  const reviewer = await hires('reviewer')
  await reviewer.syncs(step(written, 'approve'))
  await reviewer.syncs({ ...step(written, 'withhold', { reasons: ['other'], note: '' }), matter: withheld })
  const desk = await hires('desk')
  const { copy, page } = (await desk.post(`${at}/people/${person}/copy`)).said as Copied
  const said = JSON.stringify(copy)
  expect(copy).toMatchObject({ of: 'person', houses: [{ tables: { detainee: [{ id: person, name: '欧阳强' }] } }] })
  expect(said).toContain('天冷了，多穿点。')
  expect(said + page).not.toContain('不予转递的一封')
  expect(said).not.toContain(withheld)
  expect(Object.keys(copy.houses[0]?.tables['detainee']?.[0] ?? {})).not.toContain('pin_hash')
  expect((await recordOf(person)).at(-1)).toMatchObject({ move: 'copy', role: 'desk', actor: desk.account })
  expect((await reviewer.post(`${at}/people/${person}/copy`)).status).toBe(403)
})

test('what somebody has typed is text on the page, whatever it looks like', async () => {
  const { person, tie, mother } = await writer()
  await mother.syncs({ ...letter(tie), input: { to: tie.id, body: '<img src=x onerror=alert(1)>' } })
  await later()
  const { page } = await copyOf(mother)
  expect(page).toContain('&#60;img src=x')
  expect(page).not.toContain('<img')
  expect(person).toBeTruthy()
})
