// Officers take turns at one tablet: each finds what is theirs, and of the others no more than how much waits.
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { decideOn } from '#web/routes/officer/decide.ts'
import { dropKey } from '#web/outbox/key.ts'
import { noteSeen, unsentOfOthers } from '#web/outbox/tablet.ts'
import { Mother, Phone, reviewerOf } from './cast.ts'
import { House } from './house.ts'

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
