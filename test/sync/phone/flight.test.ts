// A request that is too heavy for one connection, as the phone leads it: whatever becomes of its pieces, it arrives.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joined, missing, sizeOf, type Range } from '#db/ranges.ts'
import { goesOn, newFlight, nextPiece, question, type Flight } from '#web/outbox/flight.ts'
import { heardWhole, newPace, type Pace } from '#web/outbox/pace.ts'

const begun = newFlight({ asked: [], sent: [], cursor: {}, limit: 1024 })

interface Journey {
  flight: Flight | undefined
  pace: Pace
  have: Range[]
  requests: number
  broughtBytes: number
}
const departure = (): Journey => ({
  flight: begun,
  pace: heardWhole(newPace),
  have: [],
  requests: 0,
  broughtBytes: 0,
})

/** @param share of a piece that arrives; all of it where the house answers too */
function goes(journey: Journey, of: number, share: number, tookMs: number, answers: boolean): void {
  const flight = journey.flight ?? begun
  const [from, to] = nextPiece(flight, journey.pace, of)
  journey.requests += 1
  const arrivedTo = answers ? to : from + Math.floor((to - from) * share)
  journey.broughtBytes += arrivedTo - from
  journey.have = joined([...journey.have, [from, arrivedTo]])
  const heard = answers ? { have: journey.have, tookMs } : { silence: 'offline' as const, tookMs }
  Object.assign(journey, { flight: undefined }, goesOn(flight, journey.pace, [from, to], heard))
}

test('whatever breaks, once nothing breaks any more all of it is there after a few requests', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2049, max: 1_000_000 }),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(30_000), fc.boolean()), { maxLength: 40 }),
      (of, breaks) => {
        const journey = departure()
        for (const [share, tookMs, answers] of breaks) goes(journey, of, share, tookMs, answers)
        const before = journey.requests
        while (missing(journey.have, of).length > 0 && journey.requests < before + 2000) goes(journey, of, 1, 500, true)
        expect(missing(journey.have, of)).toEqual([])
      },
    ),
  )
})

test('connections that live alike bring little twice, and are seldom asked what came', () => {
  const of = 42_000
  const journey = departure()
  while (missing(journey.have, of).length > 0) {
    const [from, to] = nextPiece(journey.flight ?? begun, journey.pace, of)
    goes(journey, of, Math.min(1, 9000 / Math.max(1, to - from)), 2000, from === to || to - from <= 9000)
  }
  expect(journey.requests).toBeLessThanOrEqual(9)
  expect(journey.broughtBytes).toBeLessThan(1.2 * of)
})

test('where only what is whole is handed on, pieces become small enough to get through', () => {
  const of = 42_000
  const journey = departure()
  while (missing(journey.have, of).length > 0 && journey.requests < 100) {
    const [from, to] = nextPiece(journey.flight ?? begun, journey.pace, of)
    goes(journey, of, 0, 2000, to - from <= 4000)
  }
  expect(missing(journey.have, of)).toEqual([])
})

test('what is called too large is halved, down to what is hardly more than its head', () => {
  const after = (piece: Range) => goesOn(begun, newPace, piece, { silence: 'tooLarge' })
  expect(after([0, 40_000]).pace.most).toBe(20_000)
  expect(after([500, 1800]).pace.most).toBe(1024)
  expect(after([0, 1024]).flight).toBeUndefined()
})

test('a house that has nothing of it may have all of it: its fate is asked after', () => {
  const broken = goesOn(begun, newPace, [0, 9000], { silence: 'offline', tookMs: 2000 })
  const told = goesOn(broken.flight ?? begun, broken.pace, question, { have: [], tookMs: 500 })
  expect(told.flight).toBeUndefined()
})

test('what may all have come is asked after, and not brought once more', () => {
  const known: Pace = { ...newPace, break: { tookMs: 2000, bytes: 9000 }, lagMs: 600, most: 8100 }
  const last: Flight = { ...begun, have: [[0, 36_000]] }
  const piece = nextPiece(last, known, 42_000)
  expect(piece).toEqual([36_000, 42_000])
  const { flight } = goesOn(last, known, piece, { silence: 'offline', tookMs: 1300 })
  expect(nextPiece(flight ?? begun, known, 42_000)).toEqual(question)
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
