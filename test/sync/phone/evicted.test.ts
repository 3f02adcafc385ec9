// A browser that runs out of room throws away what a site keeps, and tells nobody: the phone notices, and says so once.
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { forgetKept, lookForLoss, noteKept } from '#web/outbox/canary.ts'
import { startSync } from '#web/outbox/live.ts'
import { getMeta } from '#web/outbox/store.ts'
import { Mother } from './cast.ts'
import { House } from './house.ts'

let mother: Mother
beforeEach(async () => {
  const marks = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => marks.get(key) ?? null,
    setItem: (key: string, value: string) => void marks.set(key, value),
    removeItem: (key: string) => void marks.delete(key),
  })
  mother = await Mother.of(new House())
  await lookForLoss(mother.store)
  noteKept(mother.who.account, 0)
})
afterEach(() => vi.unstubAllGlobals())

const opensAgain = async () => {
  mother.restarts()
  await lookForLoss(mother.store)
  return getMeta<number>(mother.store, 'lost')
}

test('a phone that kept everything says nothing', async () => {
  expect(await opensAgain()).toBeUndefined()
})

test('how much was not sent yet is known after all is gone', async () => {
  await mother.writes('天冷了，多穿点。')
  noteKept(mother.who.account, 1)
  await mother.store.delete()
  expect(await opensAgain()).toBe(1)
})

test('cleared under an open page, it is still known how much was not sent', async () => {
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', () => undefined)
  vi.stubGlobal('removeEventListener', () => undefined)
  mother.link.noNetwork = true
  await mother.writes('天冷了，多穿点。')
  const live = startSync(mother.store, { link: mother.link })
  const waits = (count: number) =>
    vi.waitFor(() => {
      let waiting: number | undefined
      live.subscribe((status) => (waiting = status.waiting))()
      expect(waiting).toBe(count)
    })
  await waits(1)
  await mother.store.transaction('rw', mother.store.tables, () =>
    Promise.all(mother.store.tables.map((table) => table.clear())),
  )
  await waits(0)
  live.stop()
  expect(await opensAgain()).toBe(1)
})

test('where all had been sent, the loss is said all the same: what was half written may be gone', async () => {
  await mother.store.delete()
  expect(await opensAgain()).toBe(0)
})

test('what somebody took away themself is no loss', async () => {
  await mother.store.delete()
  forgetKept(mother.who.account)
  expect(await opensAgain()).toBeUndefined()
})

test('a loss is said until it was read, and then no more', async () => {
  await mother.store.delete()
  await opensAgain()
  expect(await opensAgain()).toBe(0)
  await mother.store.meta.delete('lost')
  expect(await opensAgain()).toBeUndefined()
})
