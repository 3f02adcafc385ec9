// A request under way that is too heavy to be sent in vain: of a connection that breaks the house keeps what came, and
// the next one goes on from there. Pure: an exchange tells what it saw, and asks what goes next.
import type { Cursor } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { missing, sizeOf, type Range } from '#db/ranges.ts'
import type { Heard } from './link.ts'
import type { Pace } from './pace.ts'

/** Kept on disk until its request is answered, so that the next page makes the same bytes of it. */
export interface Flight {
  /** of the commands that it asks after, and of those that it brings */
  readonly asked: readonly Id[]
  readonly sent: readonly Id[]
  readonly cursor: Cursor
  readonly limit: number
  /** bytes of it that the house is known to have */
  readonly have: readonly Range[]
  /** how often it broke since the house last said what it has */
  readonly breaks: number
  /** those of them that had time to arrive: how many, for how long together, and how much the last one tried */
  readonly lived: { readonly times: number; readonly tookMs: number; readonly tried: number }
  /** how many bytes have probably arrived in that time; null where nobody knows */
  readonly guessed: number | null
}

const none = { times: 0, tookMs: 0, tried: 0 }

export const newFlight = (begun: Pick<Flight, 'asked' | 'sent' | 'cursor' | 'limit'>): Flight => ({
  ...begun,
  have: [],
  breaks: 0,
  lived: none,
  guessed: 0,
})

/** After so many breaks the house is asked what it has: a guess upon guesses goes astray. */
const mostUnheard = 4

/** What got through once is tried a little larger the next time. */
const growth = 1.1

/** Less than this at once would be mostly heads. */
const leastPiece = 1024
/** What arrives differs by a packet from one time to the next, and what is brought twice costs less than a hole. */
const packetBytes = 1400
const packetShare = 0.15
const shortestMs = 200

/** It brings nothing, and is answered with what the house has. */
export const question: Range = [0, 0]

/**
 * What goes next. Where the last connections broke without a word it goes on where they are guessed to have come to: a
 * question would take a quarter of the time that the next one lives.
 *
 * @param of bytes of the whole
 */
export function nextPiece({ have, breaks, guessed }: Flight, { most }: Pace, of: number): Range {
  if (guessed === null || breaks >= mostUnheard) return question
  let skip = guessed
  for (const [from, to] of missing(have, of)) {
    if (skip < to - from) return [from + skip, Math.min(to, from + skip + most)]
    skip -= to - from
  }
  return question
}

/** @returns no flight where it is given up: what it brought is asked after, and goes anew where it has not arrived */
export function goesOn(
  flight: Flight,
  pace: Pace,
  piece: Range,
  heard: Heard,
): { readonly flight?: Flight | undefined; readonly pace: Pace } {
  const { tookMs = 0 } = heard
  if ('have' in heard) return landed(flight, { ...pace, proven: true }, heard.have, piece, tookMs)
  if (!('silence' in heard)) return { pace }
  if (heard.silence === 'offline') return { flight: broken(flight, pace, piece, tookMs), pace }
  if (heard.silence !== 'tooLarge') return { flight, pace }
  const most = smaller(piece)
  return most === undefined ? { pace } : { flight, pace: { ...pace, most } }
}

/** @param piece the one after which nothing was heard */
export function broken(flight: Flight, pace: Pace, [from, to]: Range, tookMs: number): Flight {
  if (from === to) return flight
  const breaks = flight.breaks + 1
  // One that broke sooner than a question is answered says nothing of others, and has hardly brought anything.
  if (tookMs < pace.lagMs) return { ...flight, breaks }
  const { lived, guessed } = flight
  const guess = guessAt(pace, tookMs)
  return {
    ...flight,
    breaks,
    lived: { times: lived.times + 1, tookMs: lived.tookMs + tookMs, tried: to - from },
    guessed: guess === undefined || guessed === null ? null : guessed + Math.min(guess, to - from),
  }
}

/**
 * @param have what the house says that it has
 * @param piece the one that it answers
 * @returns no flight where nothing is there: it may have come whole, and its answer been lost
 */
export function landed(
  flight: Flight,
  pace: Pace,
  have: readonly Range[],
  [from, to]: Range,
  tookMs: number,
): { flight: Flight | undefined; pace: Pace } {
  const { times, tookMs: tookTogether, tried } = flight.lived
  const lag = from === to ? { ...pace, lagMs: tookMs } : { ...pace, most: pace.most * growth }
  const arrived = sizeOf(have) - sizeOf(flight.have) - (to - from)
  const each = { tookMs: tookTogether / times, bytes: Math.max(0, Math.floor(arrived / times)) }
  return {
    flight: have.length === 0 ? undefined : { ...flight, have, breaks: 0, lived: none, guessed: 0 },
    pace: times === 0 ? lag : learnt(lag, each, tried),
  }
}

/** @returns the most that is worth trying where this piece was called too large; undefined where no piece is smaller */
export const smaller = ([from, to]: Range): number | undefined =>
  to - from <= leastPiece ? undefined : Math.max(leastPiece, (to - from) / 2)

/** @returns how many bytes of a request that broke after so long have probably arrived; undefined where nobody knows */
function guessAt(pace: Pace, tookMs: number): number | undefined {
  if (!pace.break) return undefined
  const { bytes, tookMs: usualMs } = pace.break
  const perMs = bytes / Math.max(shortestMs, usualMs - pace.lagMs)
  const sure = bytes - Math.min(packetBytes, packetShare * bytes)
  return Math.max(0, Math.round(sure - perMs * Math.max(0, usualMs - tookMs)))
}

/**
 * @param tookMs, bytes of one request that broke, and what had arrived of it
 * @param tried how many bytes it had tried to bring
 */
function learnt(pace: Pace, { tookMs, bytes }: { tookMs: number; bytes: number }, tried: number): Pace {
  const most = bytes > 0 ? pace.most : Math.max(leastPiece, Math.min(tried, pace.most) / 2)
  // Where nothing is left of what breaks, somebody on the way hands on only what is whole.
  return { ...pace, most, break: { tookMs, bytes } }
}
