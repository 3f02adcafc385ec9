// Nobody reads another's letters at a kiosk, with or without a network.
import 'fake-indexeddb/auto'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { pinRounds } from '#db/kiosk.ts'
import type { Inmate } from '#db/matter.ts'
import { openStore, type Store } from '#web/outbox/store.ts'
import { identify, isLocked, toldLocks, untoldLocks } from '#web/routes/kiosk/pin.ts'
import { signedInKey } from './cast.ts'

const now = 1_790_000_000_000
let kiosk: Id
let store: Store
let zhang: Inmate
let kept: Pick<Inmate, 'pinSalt' | 'pinHash'>

// What the server keeps of the PIN 204517.
beforeAll(async () => {
  const salt = new Uint8Array(16).fill(7)
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode('204517'), 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: pinRounds },
    key,
    256,
  )
  kept = { pinSalt: btoa(String.fromCharCode(...salt)), pinHash: btoa(String.fromCharCode(...new Uint8Array(bits))) }
})

beforeEach(async () => {
  zhang = { id: newId(), number: '3-0231a', name: '张伟', ...kept, lockedAt: 0, openedAt: 0 }
  kiosk = newId()
  store = openStore(kiosk, signedInKey)
  await store.inmates.put(zhang)
})

const tries = async (count: number, pin = '000000') => {
  for (let nth = 0; nth < count; nth += 1) await identify(store, '30231A', pin, now)
}
const locked = async () => {
  const inmate = await store.inmates.get(zhang.id)
  return inmate && isLocked(store, inmate)
}

test('the right number and PIN open, however the number is typed', async () => {
  for (const number of ['3-0231a', '30231A', ' 3 0231 a '])
    expect(await identify(store, number, '204517', now)).toEqual({ person: zhang })
})

test('somebody who is not here and a wrong PIN are told the same', async () => {
  expect(await identify(store, '9999', '204517', now)).toEqual({ refused: 'wrong' })
  expect(await identify(store, '30231A', '204518', now)).toEqual({ refused: 'wrong' })
})

test('the fifth wrong PIN locks, and the right one does not open any more', async () => {
  await tries(4)
  expect(await locked()).toBe(false)
  expect(await identify(store, '30231A', '000000', now)).toEqual({ refused: 'locked' })
  expect(await identify(store, '30231A', '204517', now)).toEqual({ refused: 'locked' })
})

test('a pulled plug or a reload gives no try back', async () => {
  await tries(3)
  store.close()
  store = openStore(kiosk, signedInKey)
  await tries(2)
  expect(await locked()).toBe(true)
})

test('tries at the same moment are all counted', async () => {
  await Promise.all(Array.from({ length: 5 }, () => identify(store, '30231A', '000000', now)))
  expect(await locked()).toBe(true)
})

test('a right PIN begins the count anew', async () => {
  await tries(4)
  await identify(store, '30231A', '204517', now)
  await tries(4)
  expect(await locked()).toBe(false)
})

test('an officer opens, whatever the clocks say, and a lock after that holds again', async () => {
  await tries(5)
  await store.inmates.put({ ...zhang, openedAt: 5 }) // the house's clock is years behind this kiosk's
  expect(await locked()).toBe(false)
  expect(await identify(store, '30231A', '204517', now)).toHaveProperty('person')

  await tries(5)
  expect(await locked()).toBe(true)
})

test('a lock from another kiosk of the cell holds here too', async () => {
  await store.inmates.put({ ...zhang, lockedAt: 9, openedAt: 8 })
  expect(await identify(store, '30231A', '204517', now)).toEqual({ refused: 'locked' })
})

test('a lock is told to the house once', async () => {
  await tries(4)
  expect(await untoldLocks(store)).toEqual([])
  await tries(2)
  const locks = await untoldLocks(store)
  expect(locks).toEqual([{ id: locks[0]?.id, person: zhang.id, at: now, opened: 0 }])
  await toldLocks(store, locks)
  expect(await untoldLocks(store)).toEqual([])
  expect(await locked()).toBe(true)
})
