// How much one request may bring. A link that breaks is given what one connection has been seen to carry before it
// broke, no more: what is cut off in the middle was sent in vain. Pure: an exchange tells what it saw, and asks.

import type { Id } from '#db/id.ts'

/** What this device knows of its link, kept over restarts. Bytes are those of the JSON, before it is gzipped. */
export interface Pace {
  /** how fast the last answered exchange went; 0 before the first */
  readonly bytesPerMs: number
  /** how long a connection lives, from its first request until it breaks; null while none has broken */
  readonly lifeMs: number | null
  /** what is worth trying: one connection has carried it, or not much less */
  readonly carried: number
  /** what went alone over a connection and did not arrive; null for nothing of the kind */
  readonly lost: number | null
  /**
   * How many bytes of news are worth asking for. What breaks off is kept as far as it came, so a page may be larger than
   * what fits; but on some networks nothing comes before all has come.
   */
  readonly page: number
  /** connections in a row that broke before any answer */
  readonly unheard: number
  /** for how long nothing has broken */
  readonly calmMs: number
  /** the one in use */
  readonly now: Connection
  /** what was on the wire when the last connection broke, and whether it was all that it had to carry */
  readonly flying: Flying | null
}

/** Since the last break, as far as a phone can know: one that breaks between two requests is not seen to. */
export interface Connection {
  readonly bytes: number
  /** UTC milliseconds, this device's clock: when it began, and when it was last heard of */
  readonly sinceMs: number
  readonly heardMs: number
  /** nothing has been heard of it yet but that the last one broke */
  readonly fresh: boolean
}

export interface Flying {
  readonly ids: readonly Id[]
  readonly bytes: number
  readonly alone: boolean
}

/** One exchange, as the link saw it. */
export interface Seen {
  /** what it carried there and back */
  readonly bytes: number
  readonly tookMs: number
  /** when it began, UTC milliseconds by this device's clock */
  readonly atMs: number
}

export const newPace: Pace = {
  bytesPerMs: 0,
  lifeMs: null,
  carried: 0,
  lost: null,
  page: Infinity,
  unheard: 0,
  calmMs: 0,
  now: { bytes: 0, sinceMs: 0, heardMs: 0, fresh: false },
  flying: null,
}

/** What every exchange carries beside the JSON, both ways: heads, cookies, a signature. */
const overheadBytes = 2000
/** before the first answer nobody knows what a link is */
const firstBytes = 8 * 1024
/** After so many lives without a break a link is trusted with twice as long a life. */
const calmLives = 6
/** After so many breaks in a row without an answer only questions go, which weigh least. */
const mostUnheard = 3
/** What fails sooner was no connection at all. */
const noConnectionMs = 200
/** After so long a silence the next request opens a connection of its own. */
const keptAliveMs = 1000

/**
 * @param atMs UTC milliseconds, this device's clock
 * @returns bytes of JSON that the next request may bring; one command goes even where it is larger. Nothing new goes
 * over a connection that will not live to carry it.
 */
export function roomFor(pace: Pace, atMs: number): number | 'nothing' {
  if (pace.bytesPerMs === 0) return firstBytes
  if (pace.lifeMs !== null && pace.unheard >= mostUnheard) return 'nothing'
  const { ageMs } = connection(pace, atMs)
  const within = (ms: number) => Math.max(0, pace.bytesPerMs * ms - overheadBytes)
  if (pace.lifeMs === null) return pace.unheard > 0 ? 0 : Infinity
  // One that should have broken by now probably has.
  if (ageMs > keptAliveMs / 10 && ageMs < pace.lifeMs) return within(pace.lifeMs - ageMs) || 'nothing'
  // A tenth more than would be answered in time: it need only arrive, for what became of it can be asked later.
  const room = Math.max(pace.carried, within(pace.lifeMs * 1.1))
  const most = pace.lost === null ? room : Math.min(room, pace.lost * 0.8)
  // Unheard once, it may have been the answer that was late; twice in a row, and less has to do.
  return most / 2 ** Math.max(0, pace.unheard - 1)
}

/** @returns bytes of news that the next answer may bring */
export function roomForNews(pace: Pace, atMs: number): number {
  if (pace.lifeMs !== null) return pace.page
  const room = roomFor(pace, atMs)
  return room === 'nothing' ? 0 : room
}

/** @param arrived whether what was flying at the last break had arrived; undefined where nobody knows */
export function answered(pace: Pace, { bytes, tookMs, atMs }: Seen, arrived: boolean | undefined): Pace {
  const before = connection(pace, atMs)
  const { flying, lifeMs } = pace
  // What arrived although no answer came back in time may not have been the most.
  const proved = flying && arrived ? flying.bytes * 1.25 : 0
  const calmMs = pace.calmMs + tookMs
  const healed = lifeMs !== null && calmMs > calmLives * lifeMs
  const now = { bytes: before.bytes + bytes, sinceMs: atMs - before.ageMs, heardMs: atMs + tookMs, fresh: false }
  return {
    bytesPerMs: (bytes + overheadBytes) / Math.max(1, tookMs),
    lifeMs: healed ? 2 * lifeMs : lifeMs,
    carried: Math.max(pace.carried, bytes, proved),
    lost: flying?.alone && arrived === false ? flying.bytes : pace.lost && pace.lost * 1.1,
    page: healed ? Infinity : Math.max(pace.page, bytes * 1.25),
    unheard: 0,
    calmMs: healed ? 0 : calmMs,
    now,
    flying: null,
  }
}

/** The answer broke off in the middle: what had come by then was carried, and nothing of it is lost. */
export function brokeOff(pace: Pace, seen: Seen): Pace {
  const after = broke(pace, seen, [])
  return {
    ...after,
    bytesPerMs: (seen.bytes + overheadBytes) / Math.max(1, seen.tookMs),
    carried: Math.max(after.carried, seen.bytes),
    page: Infinity,
    unheard: 0,
    flying: null,
  }
}

/** @param ids of the commands that were cut off with it */
export function broke(pace: Pace, { bytes, tookMs, atMs }: Seen, ids: readonly Id[]): Pace {
  const before = connection(pace, atMs)
  const livedMs = before.ageMs + tookMs
  const first = pace.lifeMs === null
  const alone = (before.followed || first) && before.ageMs < tookMs // what went before had little of its life
  const brokeMs = atMs + tookMs
  const after: Pace = {
    ...pace,
    page: alone ? Math.min(pace.page / 2, fits(pace)) : pace.page,
    unheard: alone ? pace.unheard + 1 : pace.unheard,
    calmMs: 0,
    now: { bytes: 0, sinceMs: brokeMs, heardMs: brokeMs, fresh: true },
    flying: { ids, bytes, alone: alone && livedMs >= noConnectionMs },
  }
  if (livedMs < noConnectionMs || !(before.followed || first)) return after
  // It broke much earlier than others did: this is another link, and what the last one carried is no promise of it.
  if (pace.lifeMs === null || livedMs < pace.lifeMs / 2)
    return {
      ...after,
      lifeMs: livedMs,
      lost: null,
      ...(alone ? { carried: 0, bytesPerMs: 1 } : { carried: before.bytes }),
    }
  // One that seems to have lived much longer may have been two.
  return {
    ...after,
    lifeMs: livedMs > pace.lifeMs ? Math.min(livedMs, 1.25 * pace.lifeMs) : (pace.lifeMs + livedMs) / 2,
  }
}

/** What is answered before a connection breaks. */
const fits = ({ bytesPerMs, lifeMs }: Pace): number =>
  lifeMs === null ? Infinity : Math.max(0, bytesPerMs * 0.9 * lifeMs - overheadBytes)

/** Over which the next request goes, and whether its age is known. */
function connection({ now }: Pace, atMs: number): { ageMs: number; bytes: number; followed: boolean } {
  const silentMs = atMs - now.heardMs
  const kept = silentMs >= -keptAliveMs && silentMs < keptAliveMs
  return kept
    ? { ageMs: Math.max(0, atMs - now.sinceMs), bytes: now.bytes, followed: true }
    : { ageMs: 0, bytes: 0, followed: now.fresh }
}
