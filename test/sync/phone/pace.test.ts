// How much a phone trusts its link with: all at once where it is fast, what one connection carries where it breaks.
import { expect, test } from 'vitest'
import { newId } from '#db/id.ts'
import { answered, broke, brokeOff, newPace, roomFor, roomForNews, type Pace } from '#web/outbox/pace.ts'

const seventy = 150_000
const ids = [newId()]
let now = 1_790_000_000_000

/** A link that carries so many bytes in a millisecond, and breaks every connection after so long a life. */
class Train {
  pace: Pace = newPace
  #bornAt = now
  readonly #bytesPerMs: number
  readonly #lifeMs: number
  /** what arrived without the phone's having heard of it */
  #silent = 0

  constructor(bytesPerMs: number, lifeMs: number) {
    this.#bytesPerMs = bytesPerMs
    this.#lifeMs = lifeMs
  }

  /** @returns bytes that arrived with the next request, heard or not */
  carries(most = Infinity): number {
    const room = roomFor(this.pace, now)
    const bytes = room === 'nothing' ? 0 : Math.min(Math.max(room, 2500), most)
    const arrivesMs = 200 + (bytes + 1500) / this.#bytesPerMs
    const leftMs = this.#lifeMs - (now - this.#bornAt)
    const heard = arrivesMs + 250 <= leftMs
    const tookMs = heard ? arrivesMs + 250 : leftMs
    const seen = { bytes, tookMs, atMs: now }
    now += tookMs
    const arrived = arrivesMs <= leftMs
    if (heard) {
      const wasFlying = this.pace.flying ? this.#silent > 0 : undefined
      this.pace = answered(this.pace, seen, wasFlying)
    } else {
      this.pace = broke(this.pace, seen, ids)
      this.#bornAt = now
    }
    this.#silent = !heard && arrived ? bytes : 0
    return arrived ? bytes : 0
  }
}

test('a link that has never broken is given all at once as soon as it has answered', () => {
  expect(roomFor(answered(newPace, { bytes: 100, tookMs: 5, atMs: now }, undefined), now)).toBeGreaterThan(seventy)
})

test('a link of which nothing is known is tried with little', () => {
  expect(roomFor(newPace, now)).toBeLessThan(10_000)
})

test('where every connection breaks after two seconds most of each is used, and only what arrives is sent', () => {
  const train = new Train(15, 2000)
  train.carries(0)
  let arrived = 0
  const began = now
  while (arrived < seventy) arrived += train.carries()
  const possible = (seventy / 15) * (2000 / (2000 - 300))
  expect(now - began).toBeLessThan(2 * possible)
})

test('who was cut off by the first break goes on with one', () => {
  const broken = broke(answered(newPace, { bytes: 100, tookMs: 5, atMs: now }, undefined), cutOff(seventy), ids)
  expect(roomFor(broken, now + 2000)).toBeLessThan(2500)
})

test('after three breaks without an answer only questions go', () => {
  let pace = answered(newPace, { bytes: 100, tookMs: 5, atMs: now }, undefined)
  for (let nth = 0; nth < 3; nth += 1) pace = broke(pace, cutOff(9000), ids)
  expect(roomFor(pace, now + 60_000)).toBe('nothing')
  pace = answered(pace, { bytes: 300, tookMs: 900, atMs: now + 60_000 }, undefined)
  expect(roomFor(pace, now + 120_000)).not.toBe('nothing')
})

test('no network at all says nothing about how long connections live', () => {
  const dead = broke(newPace, { bytes: 0, tookMs: 3, atMs: now }, ids)
  expect(dead.lifeMs).toBeNull()
})

test('a link that has healed is trusted with more and more', () => {
  let pace = broke(answered(newPace, { bytes: 100, tookMs: 5, atMs: now }, undefined), cutOff(seventy), ids)
  for (let nth = 0; nth < 40; nth += 1) pace = answered(pace, { bytes: 20_000, tookMs: 1000, atMs: now }, undefined)
  expect(roomFor(pace, now + 60_000)).toBeGreaterThan(seventy)
})

test('where a page that broke off was kept as far as it came, news are asked for without measure', () => {
  let pace = answered(newPace, { bytes: 100, tookMs: 5, atMs: now }, undefined)
  for (let nth = 0; nth < 5; nth += 1) pace = brokeOff(pace, { ...cutOff(12_000), atMs: now + nth * 2000 })
  expect(roomForNews(pace, now + 10_000)).toBeGreaterThan(seventy)
  expect(pace.unheard).toBe(0)
  expect(pace.bytesPerMs).toBeCloseTo(7)
})

test('where nothing comes of a page before all has come, news are asked for in pages that are answered in time', () => {
  let pace = answered(newPace, { bytes: 100, tookMs: 5, atMs: now }, undefined)
  for (let nth = 0; nth < 3; nth += 1) pace = broke(pace, { ...cutOff(0), atMs: now + nth * 2000 }, [])
  expect(roomForNews(pace, now + 60_000)).toBeLessThan(10_000)
  pace = answered(pace, { bytes: 8000, tookMs: 1900, atMs: now + 60_000 }, undefined)
  expect(roomForNews(pace, now + 90_000)).toBe(10_000)
})

const cutOff = (bytes: number) => ({ bytes, tookMs: 2000, atMs: now })
