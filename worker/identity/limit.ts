// How often something may be tried. A counter in the directory, exact and the same for every location of the server.
import { lt, sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { directory, type Directory } from '#db/directory.ts'
import { attempt } from '#db/tables/directory.ts'
import { refuse } from '../checked.ts'
import type { Env } from '../env.ts'
import { addressHeader } from './auth.ts'
import { browserOf } from './browser.ts'
import type { Asked } from './library.ts'

export interface Limit {
  /** what is counted, such as `code:+8613800000000` */
  readonly what: string
  /** how many are let through in a window */
  readonly most: number
  readonly windowMs: number
}

export const HOUR_MS = 3_600_000
const KEPT_MS = 24 * HOUR_MS

/**
 * Counts one try against each limit, in one trip.
 * @returns milliseconds after which it may be tried again; 0 where it may go on now
 */
export async function tooMany(directory: Directory, limits: readonly Limit[], now: number): Promise<number> {
  const windowOf = (limit: Limit) => Math.floor(now / limit.windowMs) * limit.windowMs
  const count = (limit: Limit) =>
    directory
      .insert(attempt)
      .values({ what: limit.what, window: windowOf(limit), count: 1 })
      .onConflictDoUpdate({ target: [attempt.what, attempt.window], set: { count: sql`${attempt.count} + 1` } })
      .returning({ count: attempt.count })

  const [first, ...rest] = limits.map(count)
  if (!first) return 0
  const counts = (await directory.batch([first, ...rest])).map((rows) => rows[0]?.count ?? 0)

  // A new window is opened seldom: the moment to forget who tried what a day ago.
  if (counts.includes(1)) await directory.delete(attempt).where(lt(attempt.window, now - KEPT_MS))

  return Math.max(
    ...limits.map((limit, at) => ((counts[at] ?? 0) > limit.most ? windowOf(limit) + limit.windowMs - now : 0)),
  )
}

/** Where a request comes from; requests without an address share one. */
export const addressOf = (c: Asked): string => c.req.header(addressHeader(c.env)) ?? 'unknown'

/** 429, with the seconds to wait in `retry-after`. */
export function later(c: Context, waitMs: number): Response {
  c.header('retry-after', String(Math.ceil(waitMs / 1000)))
  return refuse(c, 'too_many', undefined, 429)
}

/** Relatives and their passkeys, which nobody guesses: what is counted is the questions that the directory keeps. */
export const mayCome = createMiddleware<{ Bindings: Env }>(async (c, next) => {
  const limits = [
    { what: `passkey:${await browserOf(c)}`, most: 120, windowMs: HOUR_MS },
    { what: `passkey:${addressOf(c)}`, most: 600, windowMs: HOUR_MS },
  ]
  const waitMs = await tooMany(directory(c.env), limits, Date.now())
  return waitMs > 0 ? later(c, waitMs) : next()
})
