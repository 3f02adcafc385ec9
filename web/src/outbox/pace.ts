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

/** about what the fate of a command takes in an answer */
const fateBytes = 128
/** Where not even so much gets through, news come after the fates. */
const smallPage = 8 * 1024

/**
 * What one answer is to hold at most: what it has to carry before anything is heard is kept small on a link that breaks.
 *
 * @returns how many fates, and bytes of news
 */
export function worthAsking({ page }: Pace, asks: boolean, brings: boolean): { fates: number; limit: number } {
  const fates = Math.floor(page / fateBytes)
  if (asks && page < smallPage) return { fates, limit: 0 }
  return { fates, limit: brings ? limitBytes.min : Math.floor(page) }
}

/** What broke sooner than a question is answered says nothing of how much would have come, unless all break so soon. */
export const heardNothing = (pace: Pace, tookMs = 0): Pace =>
  tookMs < pace.lagMs ? { ...pace, lagMs: pace.lagMs / 2 } : { ...pace, page: Math.max(limitBytes.min, pace.page / 2) }

export const heardWhole = (pace: Pace): Pace => ({
  ...pace,
  proven: true,
  page: Math.min(limitBytes.usual, pace.page * 2),
})
