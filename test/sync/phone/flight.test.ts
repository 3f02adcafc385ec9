// A request that is too heavy for one connection, as the phone leads it: whatever becomes of its pieces, it arrives.
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { newId } from '#db/id.ts'
import { joined, missing, sizeOf, type Range } from '#db/ranges.ts'
import { goesOn, lanesOf, newFlight, nextPieces, question, withBody, type Flight } from '#web/outbox/flight.ts'
import type { Heard } from '#web/outbox/link.ts'
import { heardNothing, heardWhole, newPace, worthAsking, type Pace } from '#web/outbox/pace.ts'

const begin = (of: number) => newFlight({ asked: [], sent: [], cursor: {}, limit: 1024 }, of)
const begun = begin(42_000)

/** Where requests wait for each other there goes one at a time. */
const next = (flight: Flight, pace: Pace): Range => nextPieces(flight, pace, 1)[0] ?? question

interface Journey {
  readonly of: number
  flight: Flight | undefined
  pace: Pace
  have: Range[]
  requests: number
  broughtBytes: number
}
const departure = (of = begun.of): Journey => ({
  of,
  flight: begin(of),
  pace: heardWhole(newPace),
  have: [],
  requests: 0,
  broughtBytes: 0,
})

/** @param share of what goes that arrives, in the order in which it goes; all of it where the house answers too */
function goes(journey: Journey, share: number, tookMs: number, answers: boolean, lanes = 1): void {
  const flight = journey.flight ?? begin(journey.of)
  const pieces = nextPieces(flight, journey.pace, lanes)
  const size = sizeOf(pieces)
  let left = answers ? size : Math.floor(size * share)
  const heard = pieces.map(([from, to], nth): Heard => {
    const arrived = Math.min(to - from, left)
    left -= arrived
    journey.requests += 1
    journey.broughtBytes += arrived
    journey.have = joined([...journey.have, [from, from + arrived]])
    const answered = answers || (nth < pieces.length - 1 && arrived === to - from)
    return answered ? { have: journey.have, tookMs } : { silence: 'offline', tookMs }
  })
  Object.assign(journey, { flight: undefined }, goesOn(flight, journey.pace, pieces, heard, lanes))
}

test.each([1, 4])('whatever breaks of %s at a time, once nothing breaks any more all of it is there', (lanes) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2049, max: 1_000_000 }),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(30_000), fc.boolean()), { maxLength: 40 }),
      (of, breaks) => {
        const journey = departure(of)
        for (const [share, tookMs, answers] of breaks) goes(journey, share, tookMs, answers, lanes)
        const before = journey.requests
        while (missing(journey.have, of).length > 0 && journey.requests < before + 2000)
          goes(journey, 1, 500, true, lanes)
        expect(missing(journey.have, of)).toEqual([])
      },
    ),
  )
})

test('connections that live alike bring little twice, and are seldom asked what came', () => {
  const { of } = begun
  const journey = departure()
  while (missing(journey.have, of).length > 0) {
    const [from, to] = next(journey.flight ?? begun, journey.pace)
    goes(journey, Math.min(1, 9000 / Math.max(1, to - from)), 2000, from === to || to - from <= 9000)
  }
  expect(journey.requests).toBeLessThanOrEqual(9)
  expect(journey.broughtBytes).toBeLessThan(1.2 * of)
})

test('where only what is whole is handed on, pieces become small enough to get through', () => {
  const { of } = begun
  const journey = departure()
  while (missing(journey.have, of).length > 0 && journey.requests < 100) {
    const [from, to] = next(journey.flight ?? begun, journey.pace)
    goes(journey, 0, 2000, to - from <= 4000)
  }
  expect(missing(journey.have, of)).toEqual([])
})

test('what is called too large is halved, down to what is hardly more than its head', () => {
  const after = (piece: Range) => goesOn(begun, newPace, [piece], [{ silence: 'tooLarge' }], 1)
  expect(after([0, 40_000]).pace.most).toBe(20_000)
  expect(after([500, 1800]).pace.most).toBe(1024)
  expect(after([0, 1024]).flight).toBeUndefined()
})

test('a house that has nothing of it may have all of it: its fate is asked after', () => {
  const broken = goesOn(begun, newPace, [[0, 9000]], [{ silence: 'offline', tookMs: 2000 }], 1)
  const told = goesOn(broken.flight ?? begun, broken.pace, [question], [{ have: [], tookMs: 500 }], 1)
  expect(told.flight).toBeUndefined()
})

test('a phone that zips otherwise than before begins anew, of the same commands', () => {
  const flight: Flight = { ...begun, sent: [newId()], have: [[0, 30_000]] }
  expect(withBody(flight, 42_000)).toBe(flight)
  expect(withBody(flight, 39_000)).toEqual({ ...begin(39_000), sent: flight.sent })
})

test('what the house has forgotten is brought once more', () => {
  const flight: Flight = { ...begun, have: [[0, 30_000]] }
  const after = goesOn(flight, newPace, [[30_000, 42_000]], [{ have: [[30_000, 42_000]], tookMs: 500 }], 1)
  expect(next(after.flight ?? begun, after.pace)).toEqual([0, 30_000])
})

test('what may all have come is asked after, and not brought once more', () => {
  const known: Pace = { ...newPace, break: { tookMs: 2000, bytes: 9000 }, lagMs: 600, most: 8100 }
  const last: Flight = { ...begun, have: [[0, 36_000]] }
  const piece = next(last, known)
  expect(piece).toEqual([36_000, 42_000])
  const { flight } = goesOn(last, known, [piece], [{ silence: 'offline', tookMs: 1300 }], 1)
  expect(next(flight ?? begun, known)).toEqual(question)
})

test('ranges are joined, and what is missing between them is known', () => {
  const have: Range[] = [
    [500, 700],
    [0, 100],
    [90, 200],
  ]
  expect(joined(have)).toEqual([
    [0, 200],
    [500, 700],
  ])
  expect(missing(have, 1000)).toEqual([
    [200, 500],
    [700, 1000],
  ])
  expect(sizeOf(have)).toBe(400)
})

test('side by side small pieces go, each answered by itself, and what was heard of none goes on where it broke', () => {
  const known: Pace = { ...newPace, break: { tookMs: 2000, bytes: 3000 }, lagMs: 1600, most: 4000 }
  const first: readonly Range[] = [
    [0, 1024],
    [1024, 2048],
    [2048, 3072],
    [3072, 4096],
  ]
  expect(nextPieces(begun, known, 4)).toEqual(first)
  const lost = { silence: 'offline', tookMs: 2000 } as const
  const after = goesOn(begun, known, first, [{ have: [[0, 1024]], tookMs: 1800 }, lost, lost, lost], 4)
  expect(after.flight?.have).toEqual([[0, 1024]])
  expect(nextPieces(after.flight ?? begun, after.pace, 4)[0]).toEqual([3000, 4024])

  // The next answer tells what had come of those: a hole is filled beside what goes on.
  const second = nextPieces(after.flight ?? begun, after.pace, 4)
  const told = {
    have: [
      [0, 2048],
      [3000, 4024],
    ] as Range[],
    tookMs: 1800,
  }
  const then = goesOn(after.flight ?? begun, after.pace, second, [told, lost, lost, lost], 4)
  expect(nextPieces(then.flight ?? begun, then.pace, 4)[0]).toEqual([2048, 3000])
})

test('an answer that is too large for the link is given up for the fates, a few at once', () => {
  const whole: Flight = { ...begun, have: [[0, 42_000]] }
  let at: ReturnType<typeof goesOn> = { flight: whole, pace: { ...newPace, lagMs: 600 } }
  for (let breaks = 0; breaks < 3; breaks += 1) {
    expect(nextPieces(at.flight ?? begun, at.pace, 1)).toEqual([question])
    at = goesOn(at.flight ?? begun, at.pace, [question], [{ silence: 'offline', tookMs: 1900 }], 1)
  }
  expect(at.flight).toBeUndefined()
  expect(worthAsking(at.pace, true, false)).toEqual({ fates: 16, limit: 0 })
})

test('requests go side by side where the last ones shared a connection', () => {
  const over = (nextHopProtocol: string, name = 'https://e.example/api/sync') => [
    { name, nextHopProtocol } as unknown as PerformanceEntry,
  ]
  expect(lanesOf(over('h2'))).toBe(4)
  expect(lanesOf(over('h3'))).toBe(4)
  expect(lanesOf(over('http/1.1'))).toBe(1)
  expect(lanesOf(over('h2', 'https://e.example/app.js'))).toBe(1)
})

test('where the browser hashes nothing a heavy request goes in one piece', () => {
  vi.stubGlobal('crypto', { ...crypto, subtle: undefined })
  expect(withBody(begun, begun.of)).toBeUndefined()
  vi.unstubAllGlobals()
})

test('what breaks sooner than a question is answered does not make the phone ask for less, unless all breaks so soon', () => {
  const known: Pace = { ...newPace, page: 4096, lagMs: 1700 }
  expect(heardNothing(known, 2000).page).toBe(2048)
  expect(heardNothing(known, 200).page).toBe(4096)
  let pace = known
  for (let breaks = 0; breaks < 6; breaks += 1) pace = heardNothing(pace, 200)
  expect(pace.page).toBeLessThan(4096)
})
