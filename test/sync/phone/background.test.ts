// After the last page was closed: what waits goes all the same, where the browser lets it.
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { marker, type SyncRequest } from '#db/command.ts'
import { drain, giveWay } from '#web/outbox/background.ts'
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
  vi.stubGlobal('fetch', async (_path: string, { body }: RequestInit) => {
    if (!reached) throw new TypeError('network')
    house.sync(JSON.parse(await new Response(body).text()) as SyncRequest, mother.who)
    return new Response('{}', { headers: { [marker]: '1' } })
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

describe('a network that never answers', () => {
  let asked: PromiseWithResolvers<undefined>
  beforeEach(() => {
    asked = Promise.withResolvers()
    vi.stubGlobal('fetch', (_path: string, { signal }: RequestInit) => {
      asked.resolve(undefined)
      return new Promise((_, fail) => signal?.addEventListener('abort', () => fail(signal.reason as Error)))
    })
  })

  const theNextPageSends = async () => {
    await mother.syncs()
    await mother.syncs()
    expect(house.letters()).toHaveLength(1)
  }

  test('is given up, and no page waits for it any more', async () => {
    await mother.writes('天冷了，多穿点。')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const woken = expect(wakes()).rejects.toThrow()
      await asked.promise
      vi.advanceTimersByTime(40_000)
      await woken
    } finally {
      vi.useRealTimers()
    }
    await theNextPageSends()
  })

  test('keeps no page waiting that is opened meanwhile', async () => {
    await mother.writes('天冷了，多穿点。')
    const woken = expect(wakes()).rejects.toThrow()
    await asked.promise
    giveWay()
    await woken
    await theNextPageSends()
  })
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
