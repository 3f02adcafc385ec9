// When the phone tries, and how the tabs share one wire.
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { longestPauseMs, startSync, type Live, type Status } from '#web/outbox/live.ts'
import { inTurn } from '#web/outbox/leader.ts'
import { openStore } from '#web/outbox/store.ts'
import { Mother, signedInKey } from './cast.ts'
import { House } from './house.ts'

/** What a browser has and Node has not. */
class Page extends EventTarget {
  visibilityState = 'visible'
}
let page: Page
let open: EventTarget
let house: House
let mother: Mother
let live: Live | undefined
let status: Status

beforeEach(async () => {
  page = new Page()
  open = new EventTarget()
  vi.stubGlobal('document', page)
  vi.stubGlobal('addEventListener', open.addEventListener.bind(open))
  vi.stubGlobal('removeEventListener', open.removeEventListener.bind(open))
  house = new House()
  mother = await Mother.of(house)
  // Only what paces the phone is faked: IndexedDB and its observers live in real time.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
})
afterEach(() => {
  live?.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function starts(random = () => 1) {
  live = startSync(mother.store, { link: mother.link, now: () => mother.now, random })
  live.subscribe((now) => (status = now))
}

const { setTimeout: later } = globalThis
/** Real time: long enough for a few reads and writes, and for what is sealed and opened with them. */
const restMs = 15

/** Lets what was started come to rest; fake time passes in small steps. */
async function passes(ms: number) {
  const steps = 20
  for (let step = 0; step < steps; step += 1) {
    await vi.advanceTimersByTimeAsync(ms / steps)
    await new Promise((done) => later(done, restMs))
  }
}

test('a letter goes by itself as soon as it is written', async () => {
  starts()
  await passes(10)
  const id = await mother.writes('天冷了，多穿点。')
  await passes(100)
  expect(await mother.sees(id)).toBe('已送达监所')
  expect(status).toMatchObject({ state: 'idle', waiting: 0 })
})

test('without a network it says so, and goes at once when there is one', async () => {
  mother.link.noNetwork = true
  starts()
  await mother.writes('天冷了，多穿点。')
  await passes(1000)
  expect(status).toMatchObject({ state: 'offline', waiting: 1 })

  mother.link.noNetwork = false
  open.dispatchEvent(new Event('online'))
  await passes(100)
  expect(status).toMatchObject({ state: 'idle', waiting: 0 })
  expect(house.letters()).toHaveLength(1)
})

test('a link that breaks after an answer is taken up again at once', async () => {
  starts()
  await passes(10)
  mother.link.weather.push('requestLost')
  await mother.writes('天冷了，多穿点。')
  await passes(100)
  expect(house.letters()).toHaveLength(1)
})

test('what waits is tried at least every five minutes, and not much more often than it must be', async () => {
  mother.link.noNetwork = true
  starts()
  await mother.writes('天冷了，多穿点。')
  await passes(20 * 60_000)
  const before = mother.link.requests
  await passes(60 * 60_000)
  const tries = mother.link.requests - before
  expect(tries).toBeGreaterThanOrEqual(60 / 6)
  expect(tries).toBeLessThanOrEqual(20)
  expect(longestPauseMs).toBeLessThanOrEqual(5 * 60_000)
})

test('a lone phone at rest asks for news now and then', async () => {
  starts(() => 0.5)
  await passes(1000)
  const before = mother.link.requests
  await passes(60 * 60_000)
  expect(mother.link.requests - before).toBeGreaterThan(10)
  expect(mother.link.requests - before).toBeLessThan(40)
})

test('somebody who comes back to the page does not wait for a timer', async () => {
  mother.link.noNetwork = true
  starts()
  await mother.writes('天冷了，多穿点。')
  await passes(3000)
  mother.link.noNetwork = false
  page.dispatchEvent(new Event('visibilitychange'))
  await passes(100)
  expect(house.letters()).toHaveLength(1)
})

test('a sign-in that has ended is said, and nothing is lost by it', async () => {
  mother.link.send = () => Promise.resolve({ silence: 'signedOut' })
  starts()
  await mother.writes('天冷了，多穿点。')
  await passes(1000)
  expect(status).toMatchObject({ state: 'signedOut', waiting: 1 })
})

test('a phone with no room left says so, and the letter goes later', async () => {
  const bulkPut = vi.spyOn(mother.store.outbox, 'bulkPut')
  bulkPut.mockRejectedValue(new DOMException('no room', 'QuotaExceededError'))
  starts()
  await mother.writes('天冷了，多穿点。')
  await passes(100)
  expect(status).toMatchObject({ state: 'full', waiting: 1 })

  bulkPut.mockRestore()
  open.dispatchEvent(new Event('online'))
  await passes(100)
  expect(house.letters()).toHaveLength(1)
})

test('an exchange that hangs for ever is overtaken', async () => {
  const send = mother.link.send.bind(mother.link)
  mother.link.send = () => new Promise(() => undefined)
  starts()
  await mother.writes('天冷了，多穿点。')
  await passes(1000)
  mother.link.send = send
  await passes(8 * 60_000)
  expect(house.letters()).toHaveLength(1)
})

test.each(['Web Locks', 'a lease'])('two tabs share one wire by %s: one exchange at a time', async (by) => {
  if (by === 'a lease') vi.stubGlobal('navigator', { onLine: true })
  const other = openStore(mother.who.account, signedInKey)
  let inside = 0
  let most = 0
  let done = 0
  const task = async () => {
    inside += 1
    most = Math.max(most, inside)
    await mother.store.meta.count()
    await other.meta.count()
    inside -= 1
    done += 1
  }
  const turn = (store: typeof other) => inTurn(store, () => mother.now, false, task)
  await Promise.all([turn(mother.store), turn(other), turn(mother.store), turn(other)])
  expect(most).toBe(1)
  expect(done).toBeGreaterThanOrEqual(1)
  other.close()
})

test('the lease of a tab that died lapses, and one from a clock that was set back binds nobody', async () => {
  vi.stubGlobal('navigator', { onLine: true })
  const { meta } = mother.store
  const turn = () =>
    inTurn(
      mother.store,
      () => mother.now,
      false,
      () => Promise.resolve('my turn'),
    )
  await meta.put({ key: 'lease', value: { by: 'another tab', until: mother.now + 4000 } })
  expect(await turn()).toBeUndefined()
  mother.now += 4001
  expect(await turn()).toBe('my turn')
  await meta.put({ key: 'lease', value: { by: 'another tab', until: mother.now + 86_400_000 } })
  expect(await turn()).toBe('my turn')
})
