// After the last page was closed: what waits goes all the same, where the browser lets it.
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { marker, type SyncRequest } from '#db/command.ts'
import { drain } from '#web/outbox/background.ts'
import { tagOf } from '#web/outbox/tag.ts'
import { Mother, reviewerOf } from './cast.ts'
import { House } from './house.ts'

let house: House
let mother: Mother
let reached = true
beforeEach(async () => {
  house = new House()
  mother = await Mother.of(house)
  reached = true
  vi.stubGlobal('fetch', (_path: string, options: RequestInit) => {
    if (!reached) return Promise.reject(new TypeError('network'))
    house.sync(JSON.parse(options.body as string) as SyncRequest, mother.who)
    return Promise.resolve(new Response('{}', { headers: { [marker]: '1' } }))
  })
})
afterEach(() => vi.unstubAllGlobals())

const wakes = () => drain(tagOf(mother.who.account), mother.now)

test('a letter goes without any page, and the next page learns what became of it', async () => {
  const id = await mother.writes('天冷了，多穿点。')
  await wakes()
  expect(house.letters()).toHaveLength(1)
  expect(await mother.sees(id)).toBe('已存在手机') // nobody has said otherwise yet

  await mother.syncs()
  expect(await mother.sees(id)).toBe('已送达监所')
  expect(house.letters()).toHaveLength(1)
  expect(mother.link.onWire.size).toBe(0) // asked after, not sent again
})

test('where the house is not reached the browser is told to come again, and the letter goes once', async () => {
  await mother.writes('天冷了，多穿点。')
  reached = false
  await expect(wakes()).rejects.toThrow()
  reached = true
  await wakes()
  await wakes()
  expect(house.letters()).toHaveLength(1)
  for (const count of house.events.values()) expect(count).toBe(1)
})

test('a decision that can still be undone stays', async () => {
  const id = await mother.writes('天冷了，多穿点。')
  await mother.syncs()
  const reviewer = reviewerOf(house)
  await reviewer.syncs()
  await reviewer.makes({ matter: id, move: 'approve' }, { holdMs: 10_000 })
  await drain(tagOf(reviewer.who.account), reviewer.now)
  expect(house.letters()[0]?.state).toBe('submitted')
})

test('a page that is open keeps the turn', async () => {
  await mother.writes('天冷了，多穿点。')
  await navigator.locks.request(`${mother.store.name}/exchange`, wakes)
  expect(house.letters()).toHaveLength(0)
})

test('looking for an outbox makes none', async () => {
  await drain(tagOf('somebody-else'), mother.now)
  const names = (await indexedDB.databases()).map(({ name }) => name)
  expect(names).not.toContain('etongban/somebody-else')
})
