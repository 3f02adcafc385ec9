// What the device in a cell keeps, and for how long.
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { putMeta } from '#web/outbox/store.ts'
import { forgetLetters, forgetUnheard, isUnheard } from '#web/routes/kiosk/device.ts'
import { kioskOf, Mother, type Phone } from './cast.ts'
import { House } from './house.ts'

let house: House
let mother: Mother
let kiosk: Phone
let letters: Id[]
beforeEach(async () => {
  house = new House()
  mother = await Mother.of(house)
  letters = [await mother.writes('天冷了，多穿点。'), await mother.writes('下个月来看你。')]
  await mother.syncs()
  for (const letter of letters) house.decides(letter, 'approve')
  kiosk = kioskOf(house, mother.tie.detainee)
  await kiosk.syncs()
  await kiosk.store.inmates.put(zhang())
})
afterEach(async () => {
  for (const { store } of [mother, kiosk]) await store.delete()
})

const zhang = () => ({
  ...{ id: mother.tie.detainee, number: '0231', name: '张伟', pinSalt: '', pinHash: '', lockedAt: 0, openedAt: 0 },
})
const dayMs = 24 * 3_600_000
const keeps = () => kiosk.store.matters.toCollection().primaryKeys()

/** A letter is opened while the network is down. */
async function opens(letter: Id): Promise<void> {
  const { matter } = await kiosk.holds(letter)
  expect(await kiosk.makes({ matter: letter, move: 'deliver', base: matter.edition })).toHaveProperty('made')
}

test('a device that is enrolled again has all its letters again, whatever was on its way when it was not', async () => {
  const [opened = newId()] = letters
  await opens(opened)
  kiosk.link.weather.push('requestLost')
  await kiosk.exchanges()
  const [sent] = await kiosk.store.outbox.toArray()
  const cursor = (await kiosk.store.meta.get('cursor'))?.value
  const begun = { asked: [], sent: [sent?.id], cursor, limit: 65_536 }
  await putMeta(kiosk.store, 'flight', { ...begun, of: 4000, have: [], unheard: [], breaks: 1, ageMs: 0 })

  await forgetLetters(kiosk.store)
  expect(await keeps()).toEqual([opened])
  await kiosk.syncs()
  expect(await keeps()).toEqual(letters)
  expect((await kiosk.holds(opened)).matter.state).toBe('delivered')
})

test('after three days without an answer people and letters are gone; what was not told yet goes with the next one', async () => {
  const [opened = newId()] = letters
  await opens(opened)
  expect(await forgetUnheard(kiosk.store, kiosk.now + 2 * dayMs)).toBe(false)
  expect(await keeps()).toEqual(letters)

  expect(await forgetUnheard(kiosk.store, kiosk.now + 3 * dayMs)).toBe(true)
  expect(await keeps()).toEqual([opened])
  expect(await kiosk.store.inmates.count()).toBe(0)
  expect(await isUnheard(kiosk.store, kiosk.now + 4 * dayMs)).toBe(true)

  kiosk.now += 4 * dayMs
  await kiosk.syncs()
  expect(await isUnheard(kiosk.store, kiosk.now)).toBe(false)
  expect(await keeps()).toEqual(letters)
  expect((await kiosk.holds(opened)).matter.state).toBe('delivered')
  for (const count of house.events.values()) expect(count).toBe(1)
})

test('an answer that comes while it waits for its turn keeps the letters', async () => {
  const later = kiosk.now + 4 * dayMs
  const asked = navigator.locks.request(`${kiosk.store.name}/exchange`, async () => {
    kiosk.now = later - 1
    await kiosk.exchanges()
  })
  expect(await forgetUnheard(kiosk.store, later)).toBe(false)
  await asked
  expect(await keeps()).toEqual(letters)
})

test('what was asked before people and letters went, and is answered after, brings them no less', async () => {
  const send = vi.spyOn(kiosk.link, 'send')
  const before = send.getMockImplementation() ?? kiosk.link.send.bind(kiosk.link)
  send.mockImplementationOnce(async (...request) => {
    const heard = await before(...request)
    await forgetLetters(kiosk.store) // a device that slept for days does all at once, and whose turn it is is forgotten
    return heard
  })
  await kiosk.exchanges()
  await kiosk.syncs()
  expect(await keeps()).toEqual(letters)
})

test('a clock that was years ahead once keeps no letters for years', async () => {
  const now = kiosk.now - 3650 * dayMs
  expect(await forgetUnheard(kiosk.store, now)).toBe(false)
  expect(await forgetUnheard(kiosk.store, now + 3 * dayMs)).toBe(true)
})
