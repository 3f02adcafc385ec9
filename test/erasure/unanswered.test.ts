// What nobody has answered ends by itself, and an account that no house knows of is not kept for ever.
import { expect, test } from 'vitest'
import { lawyer } from '#db/demo/qingshan.ts'
import { newId, type Id } from '#db/id.ts'
import { admit, invite, recordOf, take } from '#test/house/family.ts'
import { admin, at, house, served, withNewHouse } from '#test/newHouse.ts'
import { HOUR_MS, passes, Visitor } from '#test/server.ts'

withNewHouse()

const DAY_MS = 24 * HOUR_MS
/** So many days on, just after one at night in the house's zone. */
const nightAfter = (days: number): Promise<void> => {
  const then = new Date(Date.now() + days * DAY_MS)
  then.setUTCHours(17, 0, 20, 0)
  return passes(served.url, then.getTime() - Date.now())
}
const phone = (last: number) => `+86153333300${String(last).padStart(2, '0')}`
const signsIn = (last: number) => Visitor.signedIn(served.url, phone(last))
const claims = async (who: Visitor, person: string): Promise<Id> => {
  const claim = { id: newId(), house, person, born: '1990-03-07', name: '某家属', kin: 'spouse' }
  return (await who.does<{ id: Id }>('/api/claims', claim)).id
}
const rows = async (sql: string, ...given: unknown[]) =>
  (
    await served.db
      .prepare(sql)
      .bind(...given)
      .all()
  ).results
const standing = (claim: Id) => rows('SELECT outcome FROM claim WHERE id = ?', claim)
const isKept = async (who: Visitor) => (await rows('SELECT id FROM user WHERE id = ?', who.account)).length > 0

test('a claim that nobody answers for half a year is declined by itself, on the record, and forgotten like any other', async () => {
  const wife = await signsIn(1)
  const claim = await claims(wife, '司徒未答')
  await nightAfter(179)
  expect(await standing(claim)).toEqual([{ outcome: null }])
  await passes(served.url, 181 * DAY_MS - (Date.now() % DAY_MS) + 4 * HOUR_MS) // by day nothing ends
  expect(await standing(claim)).toEqual([{ outcome: null }])
  await nightAfter(182)
  expect(await standing(claim)).toEqual([{ outcome: 'declined' }])
  expect((await recordOf(claim)).at(-1)).toMatchObject({
    ...{ move: 'decline', role: 'system', facts: { reason: 'unanswered' } },
  })

  await nightAfter(182 + 91)
  expect(await standing(claim)).toEqual([])
  expect(await rows('SELECT * FROM reach WHERE account = ?', wife.account)).toEqual([])
  expect(JSON.stringify(await rows('SELECT * FROM content'))).not.toContain('司徒未答')
})

test('the house says after how many days', async () => {
  const claim = await claims(await signsIn(2), '早答')
  const said = { years: 3, answerDays: 30, source: '省厅规定' }
  expect((await admin.post(`${at}/settings/retention`, said)).status).toBe(200)
  expect((await admin.post(`${at}/settings/retention`, { ...said, answerDays: 3 })).said).toMatchObject({
    refused: { code: 'check_input', field: 'answerDays' },
  })
  await nightAfter(31)
  expect(await standing(claim)).toEqual([{ outcome: 'declined' }])
  await passes(served.url, 0)
  await admin.post(`${at}/settings/retention`, { ...said, answerDays: 180 })
})

test('an engagement that the desk never answers ends the same way', async () => {
  const { licence, firm, document } = lawyer
  const who = await signsIn(3)
  await who.does('/api/lawyers/me', { grade: 'lawyer', licence, firm, document })
  const asked = { id: newId(), house, person: '司徒未答', born: '1990-03-07', ground: 'entrusted' }
  const { id } = await who.does<{ id: Id }>('/api/engagements', asked)
  await nightAfter(182)
  expect(await rows('SELECT state, reason FROM engagement WHERE id = ?', id)).toEqual([
    { state: 'declined', reason: 'unanswered' },
  ])
})

test('an account that claimed nothing and that nobody has used for a year is erased, with all that it held', async () => {
  const [idle, came, tied] = [await signsIn(10), await signsIn(11), await signsIn(12)]
  await idle.does('/api/identity/document', { kind: 'passport', number: 'E87654321', name: '闲置人' })
  await take(tied, await invite(await admit()))
  await nightAfter(200)
  await signsIn(11)
  await nightAfter(364)
  expect(await isKept(idle)).toBe(true)
  await nightAfter(366)
  expect(await Promise.all([idle, came, tied, admin].map(isKept))).toEqual([false, true, true, true])
  expect(await rows('SELECT * FROM document WHERE account = ?', idle.account)).toEqual([])

  await passes(served.url, 0)
  const again = await signsIn(10)
  expect(again.account).not.toBe(idle.account)
})
