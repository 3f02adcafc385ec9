// A request under way that is too heavy to be sent in vain: of a connection that breaks the house keeps what came, and
// the next one goes on from there. All but `fly` is pure: it is told what was seen, and says what goes next.
import type { Cursor } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { joined, missing, sizeOf, type Range } from '#db/ranges.ts'
import { pieceText, uploadHeader } from '#db/upload.ts'
import { canHash, hashOf } from './hash.ts'
import type { Cargo, Heard } from './link.ts'
import type { Pace } from './pace.ts'

/** Kept on disk until its request is answered, so that the next page makes the same bytes of it. */
export interface Flight {
  /** of the commands that it asks after, and of those that it brings */
  readonly asked: readonly Id[]
  readonly sent: readonly Id[]
  readonly cursor: Cursor
  readonly limit: number
  /** bytes of its body */
  readonly of: number
  /** those that the house is known to have */
  readonly have: readonly Range[]
  /** the pieces after which nothing was heard, since the house last said what it has */
  readonly unheard: readonly Unheard[]
  /** how many connections broke since then */
  readonly breaks: number
  /** how long the connection that is open has carried requests that were answered, milliseconds */
  readonly ageMs: number
}

/** What a request holds, whatever has become of it. */
export type Begun = Pick<Flight, 'asked' | 'sent' | 'cursor' | 'limit'>

interface Unheard {
  readonly piece: Range
  /** bytes that left before it, with it */
  readonly before: number
  readonly tookMs: number
  /** how old its connection was when it left, milliseconds */
  readonly ageMs: number
}

export const newFlight = ({ asked, sent, cursor, limit }: Begun, of: number): Flight => ({
  ...{ asked, sent, cursor, limit, of },
  have: [],
  unheard: [],
  breaks: 0,
  ageMs: 0,
})

/**
 * A browser that zips otherwise than before makes another body of the same commands: that begins anew.
 *
 * @returns undefined where the browser hashes nothing: there it goes in one piece
 */
export function withBody(flight: Flight | Begun, of: number): Flight | undefined {
  if (!canHash()) return undefined
  return 'of' in flight && flight.of === of ? flight : newFlight(flight, of)
}

/** After so many breaks the house is asked what it has: a guess upon guesses goes astray. */
const mostUnheard = 4
/** After so many the answer is too large for this link, if all has come: then the fates are asked after, a few at once. */
const mostUnanswered = 3
const fewFates = 2048

/** Less than this at once would be mostly heads. */
const leastPiece = 1024
/** What arrives differs by a packet from one time to the next, and what is brought twice costs less than a hole. */
const packetBytes = 1400
const packetShare = 0.15
const shortestMs = 200

/** A piece that is to be answered before its connection breaks is a little smaller than what one has carried. */
const answeredShare = 0.9
/** Of pieces that are answered one by one more may be tried than arrives. */
const triedShare = 1.25
/** What was answered lets the next be larger: by much where there was time left, by little where there was none. */
const growth = { least: 1.04, most: 2, unknown: 1.25 }
const shrinks = 0.8

/** Over HTTP/2 and 3 so many go side by side, each no larger than what a browser seals at once. */
const mostLanes = 4
const sealedBytes = 2800

/** @returns how many requests share a connection without one waiting for another */
export const lanesOf = (timings: readonly PerformanceEntry[]): number =>
  timings.some(
    (one) => one.name.endsWith('/api/sync') && /^h[23]/.test((one as PerformanceResourceTiming).nextHopProtocol),
  )
    ? mostLanes
    : 1

/** It brings nothing, and is answered with what the house has. */
export const question: Range = [0, 0]

/**
 * @param quiet the device says that it has no network: only a question goes
 * @returns what was heard of each piece, and where the request stands after it
 */
export async function fly(
  cargo: Cargo,
  flight: Flight,
  pace: Pace,
  quiet: boolean,
  send: (piece: Cargo) => Promise<Heard>,
): Promise<{ readonly said: readonly Heard[]; readonly after: ReturnType<typeof goesOn> }> {
  const { body, headers } = cargo
  const hash = await hashOf(body)
  const lanes = lanesOf(performance.getEntriesByType('resource'))
  const pieces = quiet ? [question] : nextPieces(flight, pace, lanes)
  const said = await Promise.all(
    pieces.map(([from, to]) => {
      const upload = { [uploadHeader]: pieceText({ hash, from, of: body.byteLength }) }
      return send({ ...cargo, body: body.subarray(from, to), headers: { ...headers, ...upload } })
    }),
  )
  return { said, after: goesOn(flight, pace, pieces, said, lanes) }
}

/**
 * What goes next, side by side. Where the last connections broke without a word it goes on where they are guessed to
 * have come to: a question would take a quarter of the time that the next one lives.
 */
export function nextPieces(flight: Flight, pace: Pace, lanes: number): readonly Range[] {
  const { of, have, unheard, breaks } = flight
  if (breaks >= mostUnheard || mayBeWhole(flight, pace)) return [question]
  const guessed: Range[] = [...have]
  for (const { piece, before, tookMs } of unheard) {
    const arrived = guessAt(pace, tookMs, lanes)
    if (arrived === undefined) return [question]
    guessed.push([piece[0], Math.min(piece[1], piece[0] + Math.max(0, arrived - before))])
  }
  const size = sizeNow(flight, pace, lanes)
  const each = pace.break && size <= lanes * sealedBytes ? Math.max(leastPiece, size / lanes) : size
  const pieces = cut(missing(guessed, of), Math.round(each), each === size ? 1 : lanes)
  return pieces.length > 0 ? pieces : [question]
}

/** It may all have come, and the answer to it been lost: not what broke before it can have come half of the way. */
function mayBeWhole({ of, have, unheard }: Flight, { lagMs }: Pace): boolean {
  const arrived = unheard.filter(({ tookMs }) => tookMs >= lagMs / 2)
  return missing([...have, ...arrived.map(({ piece }) => piece)], of).length === 0
}

function cut(gaps: readonly Range[], each: number, most: number): Range[] {
  const pieces: Range[] = []
  for (const [from, to] of gaps)
    for (let at = from; at < to && pieces.length < most; at += each) pieces.push([at, Math.min(to, at + each)])
  return pieces
}

/**
 * @param heard of each piece, what came of it
 * @returns no flight where it is given up: what it brought is asked after, and goes anew where it has not arrived
 */
export function goesOn(
  flight: Flight,
  pace: Pace,
  pieces: readonly Range[],
  heard: readonly Heard[],
  lanes: number,
): { readonly flight?: Flight | undefined; readonly pace: Pace } {
  const tookMs = Math.max(...heard.map(({ tookMs = 0 }) => tookMs))
  const size = sizeOf(pieces)
  const silent = heard.flatMap((one) => ('silence' in one && one.silence !== 'offline' ? one.silence : []))[0]
  if (silent === 'tooLarge')
    return size <= leastPiece ? { pace } : { flight, pace: { ...pace, most: Math.max(leastPiece, size / 2) } }
  if (silent) return { flight, pace }

  const haves = heard.flatMap((one) => ('have' in one ? [one.have] : []))
  if (haves.length === 0) {
    const next = broken(flight, pieces, heard, tookMs)
    const givesUp = next.breaks >= mostUnanswered && mayBeWhole(next, pace)
    return givesUp ? { pace: { ...pace, page: Math.min(pace.page, fewFates) } } : { flight: next, pace }
  }
  const have = joined(haves.flat()) // not what was known before: the house may have forgotten some of it
  const known = learnt({ ...pace, proven: true }, flight, have, lanes)
  if (haves.some((one) => one.length === 0)) return { pace: known } // it may have come whole, and its answer been lost
  const next = { ...flight, have, unheard: [], breaks: 0 }
  if (haves.length < pieces.length) return { flight: broken(next, pieces, heard, tookMs), pace: known }
  const ageMs = flight.ageMs + tookMs
  const more = size === 0 ? { ...known, lagMs: tookMs } : grown(flight, known, size, ageMs, lanes)
  return { flight: { ...next, ageMs }, pace: more }
}

function broken(flight: Flight, pieces: readonly Range[], heard: readonly Heard[], tookMs: number): Flight {
  const { ageMs } = flight
  const lost = pieces.flatMap((piece, nth): Unheard[] =>
    'silence' in (heard[nth] as Heard) && sizeOf([piece]) > 0
      ? [{ piece, before: sizeOf(pieces.slice(0, nth)), tookMs, ageMs }]
      : [],
  )
  return {
    ...flight,
    ageMs: 0,
    breaks: flight.breaks + 1,
    unheard: [...flight.unheard, ...lost],
  }
}

/** What was not held down to what is tried says nothing of more. */
function grown(flight: Flight, pace: Pace, size: number, ageMs: number, lanes: number): Pace {
  if (size < Math.floor(sizeNow(flight, pace, lanes))) return pace
  const room = pace.break ? (answeredShare * pace.break.tookMs) / Math.max(1, ageMs) : growth.unknown
  return { ...pace, most: pace.most * Math.min(growth.most, Math.max(growth.least, room)) }
}

/**
 * What the last fresh connection that broke had brought, now that the house says it. Where nothing is left of what
 * breaks, somebody on the way hands on only what is whole: that gets through only in smaller pieces.
 */
function learnt(pace: Pace, { unheard }: Flight, have: readonly Range[], lanes: number): Pace {
  const fresh = unheard.filter(({ tookMs, ageMs }) => ageMs === 0 && lived(pace, tookMs))
  const last = fresh.filter(({ tookMs }) => tookMs === fresh.at(-1)?.tookMs)
  const [first] = last
  if (!first) return pace
  const bytes = last.reduce((sum, { piece }) => sum + arrivedOf(piece, have), first.before)
  const tried = first.before + sizeOf(last.map(({ piece }) => piece))
  const most = bytes > 0 ? (lanes > 1 ? triedShare : answeredShare) * bytes : Math.min(tried, pace.most) / 2
  return { ...pace, most: Math.max(leastPiece, most), break: { tookMs: first.tookMs, bytes } }
}

function arrivedOf([from, to]: Range, have: readonly Range[]): number {
  const until = have.find(([first, end]) => first <= from && from < end)?.[1] ?? from
  return Math.min(to, until) - from
}

/** One that broke sooner than a question is answered says nothing of others, and has hardly brought anything. */
const lived = ({ lagMs }: Pace, tookMs: number): boolean => tookMs >= lagMs

/** How many bytes are worth trying now: fewer on a connection that is about to break, as others of its age did. */
function sizeNow({ breaks, ageMs }: Flight, pace: Pace, lanes: number): number {
  const tried = lanes > 1 ? pace.most : pace.most * shrinks ** breaks
  if (!pace.break || ageMs === 0 || ageMs > pace.break.tookMs) return Math.max(leastPiece, tried)
  const usualMs = Math.max(shortestMs, pace.break.tookMs - pace.lagMs)
  return Math.max(leastPiece, (tried * (usualMs - ageMs)) / usualMs)
}

/** @returns how many bytes of what broke after so long have probably arrived; undefined where nobody knows */
function guessAt(pace: Pace, tookMs: number, lanes: number): number | undefined {
  if (!lived(pace, tookMs)) return 0
  if (!pace.break) return undefined
  const { bytes, tookMs: usualMs } = pace.break
  const perMs = bytes / Math.max(shortestMs, usualMs - pace.lagMs)
  // A hole among small pieces is soon filled.
  const sure = lanes > 1 ? bytes : bytes - Math.min(packetBytes, packetShare * bytes)
  return Math.max(0, Math.round(sure - perMs * Math.max(0, usualMs - tookMs)))
}
