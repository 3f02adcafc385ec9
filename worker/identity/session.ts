// Where a sign-in ends well: the library's session, in the library's cookie.
import { eq } from 'drizzle-orm'
import type { Context } from 'hono'
import { getSignedCookie, setSignedCookie } from 'hono/cookie'
import { directory } from '#db/directory.ts'
import type { Id } from '#db/id.ts'
import { session } from '#db/tables/directory.ts'
import type { Env } from '../env.ts'
import { auth, isSecure, sessionCookie } from './auth.ts'
import { getToKnow } from './browser.ts'
import { dropPass } from './signedIn.ts'

/**
 * A relative: the browser is theirs from this answer on, and known from now on.
 *
 * @param browser the hash under which the directory knows it
 * @param now UTC milliseconds
 */
export async function signIn(c: Context, browser: string, account: Id, now: number): Promise<void> {
  const env = c.env as Env
  await getToKnow(env, browser, account, now)
  const token = await openSession(c, account)
  await directory(env).update(session).set({ browser }).where(eq(session.token, token))
}

/** Whoever it is whom we know by now. @returns the session's token, which no script may hold */
export async function openSession(c: Context, account: Id): Promise<string> {
  const env = c.env as Env
  const secure = isSecure(c.req.raw)
  const { internalAdapter } = await auth(env, secure).$context
  const userAgent = (c.req.header('user-agent') ?? '').slice(0, 300)
  const { token, expiresAt } = await internalAdapter.createSession(account, false, { userAgent })
  await giveSession(c, account, token, expiresAt)
  return token
}

/** From this answer on the browser has that session. */
export async function giveSession(c: Context, account: Id, token: string, expires: Date): Promise<void> {
  c.set('signedIn', account)
  const secure = isSecure(c.req.raw)
  await setSignedCookie(c, sessionCookie(secure), token, (c.env as Env).SESSION_SECRET, {
    httpOnly: true,
    sameSite: 'Lax',
    secure,
    path: '/',
    expires,
  })
  dropPass(c)
}

/** @returns the token of the session that asks; undefined where there is none, or it is not signed */
export async function tokenOf(c: Pick<Context, 'env' | 'req'>): Promise<string | undefined> {
  const { SESSION_SECRET } = c.env as Env
  return (await getSignedCookie(c as Context, SESSION_SECRET, sessionCookie(isSecure(c.req.raw)))) || undefined
}

/** Whoever signed in so long ago may have put the phone down since. */
const FRESH_MS = 15 * 60_000

/** Whether whoever asks has signed in just now. */
export async function isFresh(c: Pick<Context, 'env' | 'req'>, now: number): Promise<boolean> {
  const [row] = await directory(c.env as Env)
    .select({ begun: session.createdAt })
    .from(session)
    .where(eq(session.token, (await tokenOf(c)) ?? ''))
  return row !== undefined && now - row.begun.getTime() < FRESH_MS
}
