// What a device knows of its link, kept over restarts: how much is worth asking for and trying at once. Pure.
import { limitBytes } from '#db/command.ts'

export interface Pace {
  /** something was answered once */
  readonly proven: boolean
  /**
   * bytes of news that are asked for at once. What breaks off is kept as far as it came, so a page may be larger than what
   * fits; but on some networks nothing comes before all has come
   */
  readonly page: number
  /** bytes of a request that are tried at once; a heavy one is kept as far as it comes, so that it may be all of it */
  readonly most: number
  /** what was seen of requests that broke: after how long, and what of them had arrived; null before the first */
  readonly break: { readonly tookMs: number; readonly bytes: number } | null
  /** how long a question takes, there and back */
  readonly lagMs: number
}

export const newPace: Pace = { proven: false, page: limitBytes.usual, most: Infinity, break: null, lagMs: 0 }

export const heardWhole = (pace: Pace): Pace => ({
  ...pace,
  proven: true,
  page: Math.min(limitBytes.usual, pace.page * 2),
})

/** Less than this at once would be mostly heads. */
export const leastPiece = 1024
/** What arrives differs by a packet from one time to the next, and what is brought twice costs less than a hole. */
const packetBytes = 1400
const packetShare = 0.15
const shortestMs = 200

/** @returns how many bytes of a request that broke after so long have probably arrived; undefined where nobody knows */
export function guessAt(pace: Pace, tookMs: number): number | undefined {
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
export function learnt(pace: Pace, { tookMs, bytes }: { tookMs: number; bytes: number }, tried: number): Pace {
  const most = bytes > 0 ? pace.most : Math.max(leastPiece, Math.min(tried, pace.most) / 2)
  // Where nothing is left of what breaks, somebody on the way hands on only what is whole.
  return { ...pace, most, break: { tookMs, bytes } }
}
