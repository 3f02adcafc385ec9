// A request under way that is too heavy to be sent in vain: of a connection that breaks the house keeps what came, and
// the next one goes on from there. Pure: an exchange tells what it saw, and asks what goes next.
import type { Cursor } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { joined, missing, type Range } from '#db/ranges.ts'
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
  /** the pieces after which nothing was heard, since the house last said what it has */
  readonly unheard: readonly Unheard[]
  /** how long the connection that is open has carried requests that were answered, milliseconds */
  readonly ageMs: number
}

interface Unheard {
  readonly piece: Range
  readonly tookMs: number
  /** how old its connection was when it left, milliseconds */
  readonly ageMs: number
}

export const newFlight = (begun: Pick<Flight, 'asked' | 'sent' | 'cursor' | 'limit'>): Flight => ({
  ...begun,
  have: [],
  unheard: [],
  ageMs: 0,
})

/** After so many of which nothing was heard the house is asked what it has: a guess upon guesses goes astray. */
const mostUnheard = 4

/** Less than this at once would be mostly heads. */
const leastPiece = 1024
/** What arrives differs by a packet from one time to the next, and what is brought twice costs less than a hole. */
const packetBytes = 1400
const packetShare = 0.15
const shortestMs = 200

/** A piece that is to be answered before its connection breaks is a little smaller than what one has carried. */
const answeredShare = 0.9
/** One that was answered lets the next be larger: by much where there was time left, by little where there was none. */
const growth = { least: 1.04, most: 2, unknown: 1.25 }
const shrinks = 0.8

/** It brings nothing, and is answered with what the house has. */
export const question: Range = [0, 0]

/**
 * What goes next. Where the last connections broke without a word it goes on where they are guessed to have come to: a
 * question would take a quarter of the time that the next one lives.
 *
 * @param of bytes of the whole
 */
export function nextPiece(flight: Flight, pace: Pace, of: number): Range {
  const { have, unheard } = flight
  if (unheard.length >= mostUnheard) return question
  // It may all have come, and the answer to it been lost.
  if (missing([...have, ...unheard.map(({ piece }) => piece)], of).length === 0) return question
  const guessed: Range[] = [...have]
  for (const { piece, tookMs } of unheard) {
    const arrived = guessAt(pace, tookMs)
    if (arrived === undefined) return question
    guessed.push([piece[0], Math.min(piece[1], piece[0] + arrived)])
  }
  const [next] = missing(joined(guessed), of)
  return next ? [next[0], Math.min(next[1], next[0] + Math.round(sizeNow(flight, pace)))] : question
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
  if (heard.silence === 'offline') return { flight: broken(flight, piece, tookMs), pace }
  if (heard.silence !== 'tooLarge') return { flight, pace }
  const size = piece[1] - piece[0]
  return size <= leastPiece ? { pace } : { flight, pace: { ...pace, most: Math.max(leastPiece, size / 2) } }
}

function broken(flight: Flight, piece: Range, tookMs: number): Flight {
  const { unheard, ageMs } = flight
  return { ...flight, ageMs: 0, unheard: isQuestion(piece) ? unheard : [...unheard, { piece, tookMs, ageMs }] }
}

/**
 * @param have what the house says that it has
 * @param piece the one that it answers
 * @returns no flight where nothing is there: it may have come whole, and its answer been lost
 */
function landed(
  flight: Flight,
  pace: Pace,
  have: readonly Range[],
  piece: Range,
  tookMs: number,
): { flight: Flight | undefined; pace: Pace } {
  const ageMs = flight.ageMs + tookMs
  return {
    flight: have.length === 0 ? undefined : { ...flight, have, unheard: [], ageMs },
    pace: learnt(isQuestion(piece) ? { ...pace, lagMs: tookMs } : grown(flight, pace, piece, ageMs), flight, have),
  }
}

const isQuestion = ([from, to]: Range): boolean => from === to

/** One that was not held down to what is tried says nothing of more. */
function grown(flight: Flight, pace: Pace, [from, to]: Range, ageMs: number): Pace {
  if (to - from < Math.floor(sizeNow(flight, pace))) return pace
  const room = pace.break ? (answeredShare * pace.break.tookMs) / Math.max(1, ageMs) : growth.unknown
  return { ...pace, most: pace.most * Math.min(growth.most, Math.max(growth.least, room)) }
}

/**
 * What the last fresh connection that broke had brought, now that the house says it. Where nothing is left of what
 * breaks, somebody on the way hands on only what is whole: that gets through only in smaller pieces.
 */
function learnt(pace: Pace, { unheard }: Flight, have: readonly Range[]): Pace {
  const told = unheard.filter(({ tookMs, ageMs }) => ageMs === 0 && lived(pace, tookMs)).at(-1)
  if (!told) return pace
  const [from, to] = told.piece
  const until = have.find(([first, end]) => first <= from && from < end)?.[1] ?? from
  const bytes = Math.min(to, until) - from
  const most = bytes > 0 ? answeredShare * bytes : Math.min(to - from, pace.most) / 2
  return { ...pace, most: Math.max(leastPiece, most), break: { tookMs: told.tookMs, bytes } }
}

/** One that broke sooner than a question is answered says nothing of others, and has hardly brought anything. */
const lived = ({ lagMs }: Pace, tookMs: number): boolean => tookMs >= lagMs

/** How many bytes are worth trying now: fewer on a connection that is about to break, as others of its age did. */
function sizeNow({ unheard, ageMs }: Flight, pace: Pace): number {
  const tried = pace.most * shrinks ** unheard.filter(({ tookMs }) => lived(pace, tookMs)).length
  if (!pace.break || ageMs === 0 || ageMs > pace.break.tookMs) return Math.max(leastPiece, tried)
  const usualMs = Math.max(shortestMs, pace.break.tookMs - pace.lagMs)
  return Math.max(leastPiece, (tried * (usualMs - ageMs)) / usualMs)
}

/** @returns how many bytes of a request that broke after so long have probably arrived; undefined where nobody knows */
function guessAt(pace: Pace, tookMs: number): number | undefined {
  if (!lived(pace, tookMs)) return 0
  if (!pace.break) return undefined
  const { bytes, tookMs: usualMs } = pace.break
  const perMs = bytes / Math.max(shortestMs, usualMs - pace.lagMs)
  const sure = bytes - Math.min(packetBytes, packetShare * bytes)
  return Math.max(0, Math.round(sure - perMs * Math.max(0, usualMs - tookMs)))
}
