// In a browser that is not known a code is half the way where an account holds matters: numbers are given to others.
// Whoever typed it proves that they are the one whose account it is, or begins anew with this number.
import { eq, lt } from 'drizzle-orm'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { directory } from '#db/directory.ts'
import { newId, type Id } from '#db/id.ts'
import { halfway } from '#db/tables/directory.ts'
import type { Env } from '../env.ts'
import { hashOf } from '../house/code.ts'
import { isSecure } from './auth.ts'
import { newToken } from './browser.ts'
import { lookupOf, sealNumber } from './numbers.ts'

const halfwayCookie = 'eth'
const PATIENCE_MS = 15 * 60_000
const cookiePath = '/api/identity'

export interface Halfway {
  readonly account: Id
  /** keyed hash of the number whose code was typed */
  readonly phone: string
  /** the account that they get if that one is not theirs, and the number sealed for it */
  readonly fresh: Id
  readonly phoneSealed: string
}

/**
 * @param phone E.164
 * @param now UTC milliseconds
 */
export async function goHalfway(c: Context, account: Id, phone: string, now: number): Promise<void> {
  const token = newToken()
  const fresh = newId()
  const env = c.env as Env
  const secret = env.PEOPLE_SECRET
  const db = directory(env)
  await db.batch([
    db.delete(halfway).where(lt(halfway.expiresAt, now)),
    db.insert(halfway).values({
      tokenHash: await hashOf(token),
      account,
      phone: await lookupOf(secret, 'phone', phone),
      fresh,
      phoneSealed: await sealNumber(secret, 'phone', fresh, phone),
      expiresAt: now + PATIENCE_MS,
    }),
  ])
  setCookie(c, halfwayCookie, token, {
    httpOnly: true,
    sameSite: 'Strict',
    secure: isSecure(c.req.raw),
    path: cookiePath,
    maxAge: PATIENCE_MS / 1000,
  })
}

/** @returns undefined for whoever has not come half the way, or too long ago */
export async function halfwayOf(c: Context, now: number): Promise<Halfway | undefined> {
  const token = getCookie(c, halfwayCookie)
  if (token === undefined) return undefined
  const [row] = await directory(c.env as Env)
    .select()
    .from(halfway)
    .where(eq(halfway.tokenHash, await hashOf(token)))
  return row && row.expiresAt > now ? row : undefined
}

/** It leads to one sign-in. @returns false where it has led to one already */
export async function endHalfway(c: Context): Promise<boolean> {
  const token = getCookie(c, halfwayCookie) ?? ''
  deleteCookie(c, halfwayCookie, { path: cookiePath, secure: isSecure(c.req.raw) })
  const ended = await directory(c.env as Env)
    .delete(halfway)
    .where(eq(halfway.tokenHash, await hashOf(token)))
    .returning({ account: halfway.account })
  return ended.length > 0
}
