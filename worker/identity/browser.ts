// The browser that somebody signs in with: known by a cookie of its own, from the first code that it asks for.
import { and, eq } from 'drizzle-orm'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { directory } from '#db/directory.ts'
import type { Id } from '#db/id.ts'
import { knownDevice } from '#db/tables/directory.ts'
import type { Env } from '../env.ts'
import { hashOf } from '../house/code.ts'
import { isSecure } from './auth.ts'

const browserCookie = 'etd'
/** Browsers keep no cookie for longer; each sign-in begins it anew. */
const cookieSeconds = 400 * 24 * 3600

/** @returns the hash under which the directory knows this browser; one that is new is given its cookie */
export async function browserOf(c: Context): Promise<string> {
  const token = getCookie(c, browserCookie) ?? newToken()
  setCookie(c, browserCookie, token, {
    httpOnly: true,
    sameSite: 'Strict',
    secure: isSecure(c.req.raw),
    path: '/api/identity',
    maxAge: cookieSeconds,
  })
  return hashOf(token)
}

/** Whether this account's owner has proved in this browser who they are. */
export async function knows(env: Env, browser: string, account: Id): Promise<boolean> {
  const rows = await directory(env)
    .select({ since: knownDevice.since })
    .from(knownDevice)
    .where(and(eq(knownDevice.tokenHash, browser), eq(knownDevice.account, account)))
  return rows.length > 0
}

/** @param now UTC milliseconds */
export async function getToKnow(env: Env, browser: string, account: Id, now: number): Promise<void> {
  await directory(env).insert(knownDevice).values({ tokenHash: browser, account, since: now }).onConflictDoNothing()
}

/** 256 bits, base64url: nobody guesses it, and only its hash is kept. */
export const newToken = (): string =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
