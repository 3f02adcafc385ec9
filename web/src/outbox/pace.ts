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
