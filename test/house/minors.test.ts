// A minor comes with an adult: told at the desk, and by what the minor's phone may ask for.
import { expect, test } from 'vitest'
import { accompanied, ofAgeAt } from '#db/minor.ts'
import type { Tie } from '#db/matter.ts'
import { anybody, hires, invite, letter, recordOf, take, tied, tieIn } from '#test/house/family.ts'
import { at, withNewHouse } from '#test/newHouse.ts'

withNewHouse()

/** A resident card's number of somebody born on that day, with its check digit (GB 11643). */
function card(day: string): string {
  const digits = `110105${day}001`
  const sum = [...digits].reduce((sum, digit, nth) => sum + Number(digit) * (2 ** (17 - nth) % 11), 0)
  return digits + '10X98765432'.charAt(sum % 11)
}
const years = (ago: number) => `${new Date().getUTCFullYear() - ago}0102`

test("who is of age is read off a card, to the day in the house's zone; a passport says nothing", () => {
  expect(ofAgeAt('residentCard', '110105200711281234')).toBe(Date.parse('2025-11-28T00:00:00+08:00'))
  expect(ofAgeAt('passport', 'E12345678')).toBeNull()
  expect(ofAgeAt('hmtPass', 'H12345678')).toBeNull()
})

test('minors come with an adult, however many they are', () => {
  const [child, adult] = [{ ofAgeAt: 2000 }, { ofAgeAt: null }]
  expect(accompanied([child], 1000)).toBe(false)
  expect(accompanied([child, child], 1000)).toBe(false)
  expect(accompanied([child, adult], 1000)).toBe(true)
  expect(accompanied([child], 2000)).toBe(true)
})

test("once an officer has seen a minor's card, they write only while an adult of the same person is named", async () => {
  const { person, mother: aunt, tie: adult } = await tied('serving')
  const child = await anybody()
  const { tie } = (await take(child, await invite(person))).said as { tie: Tie }
  const other = await tied('serving')
  const desk = await hires('desk')
  const states = { kind: 'residentCard', number: card(years(12)), name: '李小芳' }
  const { document } = await child.does<{ document: { statedAt: number } }>('/api/identity/document', states)
  expect((await child.syncs(letter(tie))).results).toMatchObject([{ done: {} }])
  await desk.does(`${at}/kinships/${tie.id}/document/check`, { statedAt: document.statedAt })
  expect(tieIn(await child.syncs())).toMatchObject({ access: { letter: 'closed' } })
  expect((await child.syncs(letter(tie))).results).toEqual([{ refused: { code: 'closed' } }])

  const names = (adult: string) => desk.post(`${at}/kinships/${tie.id}/adult`, { adult })
  for (const nobody of [tie.id, other.tie.id])
    expect(await names(nobody)).toMatchObject({ status: 400, said: { refused: { field: 'adult' } } })
  expect((await names(adult.id)).status).toBe(200)
  expect(tieIn(await child.syncs())).toMatchObject({ access: { letter: 'open' } })
  expect((await child.syncs(letter(tie))).results).toMatchObject([{ done: {} }])
  expect((await recordOf(tie.id)).at(-1)).toMatchObject({ move: 'adult', facts: { adult: adult.id } })
  expect((await aunt.syncs(letter(adult))).results).toMatchObject([{ done: {} }])
})
