// What the device in a cell keeps, and for how long.
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { putMeta } from '#web/outbox/store.ts'
import { forgetLetters } from '#web/routes/kiosk/device.ts'
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
