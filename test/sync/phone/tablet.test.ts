// Officers take turns at one tablet: each finds what is theirs, and of the others no more than how much waits.
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { decideOn } from '#web/routes/officer/decide.ts'
import { dropKey, keyOf } from '#web/outbox/key.ts'
import { noteSeen, unsentOfOthers, wipeUnseen, wipeWhenLeft } from '#web/outbox/tablet.ts'
import { isUnseen } from '#web/outbox/unseen.ts'
import { Mother, Phone, reviewerOf } from './cast.ts'
import { House } from './house.ts'

const dayMs = 24 * 3_600_000
const nothing = { officers: 0, decisions: 0 }

let house: House
let mother: Mother
let zhou: Phone
let lin: Phone
beforeEach(async () => {
  house = new House()
  mother = await Mother.of(house)
  zhou = await onDuty(reviewerOf(house))
  lin = await onDuty(new Phone(house, { ...house.reviewer, account: newId() }))
})
afterEach(async () => {
  for (const { store } of [mother, zhou, lin]) await store.delete()
})

async function onDuty(officer: Phone): Promise<Phone> {
  await officer.syncs()
  await noteSeen(officer.store, officer.now)
  return officer
}

/** Leaves without having sent it. */
async function decides(officer: Phone, ...letters: Id[]): Promise<void> {
  await officer.syncs()
  for (const letter of letters) {
    const held = await officer.holds(letter)
    const made = await decideOn(
      officer.store,
      officer.who,
      held,
      held.matter.edition,
      'approve',
      undefined,
      officer.now,
    )
    expect(made).toHaveProperty('made')
  }
}

async function leaves(officer: Phone): Promise<void> {
  officer.store.close()
  await dropKey(officer.who.account)
}

const seenBy = (officer: Phone) => unsentOfOthers(officer.who.account)

async function letters(count: number): Promise<Id[]> {
  const written: Id[] = []
  for (let at = 0; at < count; at += 1) written.push(await mother.writes(`第 ${at} 封`))
  await mother.syncs()
  return written
}

test('three decisions that one has left here are counted for the other, until they have gone', async () => {
  await decides(zhou, ...(await letters(3)))
  await leaves(zhou)
  expect(await seenBy(lin)).toEqual({ officers: 1, decisions: 3 })
  expect(await seenBy(zhou)).toEqual(nothing)

  zhou.restarts() // signs in again
  zhou.now += 11_000
  await zhou.syncs()
  expect(await seenBy(lin)).toEqual(nothing)
})

test('nobody sends them for somebody else', async () => {
  const [letter = newId()] = await letters(1)
  await decides(zhou, letter)
  await leaves(zhou)
  lin.now += 60_000
  await lin.syncs()
  expect(await seenBy(lin)).toEqual({ officers: 1, decisions: 1 })
  expect((await lin.holds(letter)).matter.state).toBe('submitted')
})

test('what a relative has not sent from this device is said to no officer', async () => {
  await mother.writes('天冷了，多穿点。')
  expect(await seenBy(lin)).toEqual(nothing)
})

test('a letter that an officer writes to somebody of their own is no decision', async () => {
  const written = await mother.writes('天冷了，多穿点。')
  await noteSeen(mother.store, mother.now)
  expect(await mother.store.outbox.count()).toBe(1)
  expect(await seenBy(lin)).toEqual(nothing)
  expect(await mother.sees(written)).toBe('已存在手机')
})

test('looking makes no database, and is no hindrance to one that is being deleted', async () => {
  await leaves(zhou)
  const before = (await indexedDB.databases()).length
  await Promise.all([zhou.store.delete(), seenBy(lin)])
  expect(await indexedDB.databases()).toHaveLength(before - 1)
})

test.each([
  { noted: [5 * dayMs], unseen: false },
  { noted: [2 * dayMs + 1], unseen: false },
  { noted: [2 * dayMs], unseen: true },
  { noted: [0, 5 * dayMs], unseen: false }, // a page that has been open for days
  { noted: [0, 3650 * dayMs], unseen: true }, // by a clock that was wrong for a while
  { noted: [3650 * dayMs], unseen: 'unknown' },
])('somebody who was here at $noted has been away too long five days on: $unseen', ({ noted, unseen }) => {
  expect(isUnseen(noted, 5 * dayMs)).toBe(unseen)
})

test('three days after an officer was here their copy of the house is gone; what they have not sent goes when they are back', async () => {
  const [decided = newId(), other = newId()] = await letters(2)
  await decides(zhou, decided)
  zhou.store.close()

  await wipeUnseen(zhou.now + 2 * dayMs)
  zhou.restarts()
  expect((await zhou.holds(other)).contents).toHaveLength(1)
  zhou.store.close()

  await noteSeen(lin.store, zhou.now + 3 * dayMs)
  await wipeUnseen(zhou.now + 3 * dayMs)
  expect(await keyOf(zhou.who.account)).toBeNull()
  expect(await seenBy(lin)).toEqual({ officers: 1, decisions: 1 })

  zhou.restarts() // signs in again
  expect(await zhou.store.matters.toCollection().primaryKeys()).toEqual([decided])
  zhou.now += 3 * dayMs
  await zhou.syncs()
  expect((await zhou.holds(decided)).matter.state).toBe('approved')
  expect((await zhou.holds(other)).contents).toHaveLength(1)
  expect(await seenBy(lin)).toEqual(nothing)
  for (const count of house.events.values()) expect(count).toBe(1)
})

test('what was refused and has not been read yet is still there', async () => {
  const [letter = newId()] = await letters(1)
  await decides(zhou, letter)
  house.decides(letter, 'approve')
  zhou.now += 11_000
  await zhou.syncs()
  expect(await zhou.store.shelf.count()).toBe(1)
  zhou.store.close()
  await wipeUnseen(zhou.now + 10 * dayMs)
  zhou.restarts()
  expect(await zhou.store.shelf.count()).toBe(1)
})

test('an officer who leaves takes along what they could read, and leaves what they have not sent', async () => {
  const [decided = newId()] = await letters(3)
  await decides(zhou, decided)
  zhou.store.close()
  await wipeWhenLeft(zhou.who.account)
  zhou.restarts()
  expect(await zhou.store.matters.toCollection().primaryKeys()).toEqual([decided])
  expect(await zhou.store.outbox.count()).toBe(1)
})

test('a clock that was years ahead once keeps nothing here for years', async () => {
  await letters(1)
  await zhou.syncs()
  const now = zhou.now - 3650 * dayMs
  await zhou.store.meta.delete('heardAt')
  zhou.store.close()
  await wipeUnseen(now)
  await wipeUnseen(now + 3 * dayMs)
  zhou.restarts()
  expect(await zhou.store.matters.count()).toBe(0)
})

test('a relative’s phone keeps everything, however long nobody looks at it', async () => {
  const sent = await mother.writes('天冷了，多穿点。')
  await mother.syncs()
  const waits = await mother.writes('下个月来看你。')
  await wipeUnseen(mother.now + 100 * dayMs)
  expect(await mother.sees(sent)).toBe('已送达监所')
  expect(await mother.sees(waits)).toBe('已存在手机')
})
