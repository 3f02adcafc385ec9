// Who asks: a relative by a token of five minutes or a session, an officer by a look-up each time, a kiosk by what it
// signs.
import { eq, sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { deleteCookie, getCookie, getSignedCookie, setCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { accountHeader } from '#db/command.ts'
import { isSigned } from '#db/kioskSignature.ts'
import { directory } from '#db/directory.ts'
import type { Id } from '#db/id.ts'
import { endedSession, erasedAccount, reach, session, user } from '#db/tables/directory.ts'
import type { Env, Me, Signed } from '../env.ts'
import { hashOf } from '../house/code.ts'
import { isSecure, sessionCookie } from './auth.ts'
import { signedKiosk } from './signedKiosk.ts'
import { open, seal, tokenCookie, tokenSeconds, type Pass } from './token.ts'

/** An officer signs in anew for each shift. */
const SHIFT_MS = 12 * 3_600_000

/**
 * Sets `c.var.me`, or answers 401 `{ signIn: true }`. Costs no trip to the directory for a relative whose token still
 * holds, else one. A browser may be a kiosk and hold a person's session as well: what is signed is the kiosk's. The
 * request's `x-etongban-account` says who is meant, and where that is somebody else the answer is 401.
 */
export const signedIn = createMiddleware<Signed>(async (c, next) => {
  const now = Date.now()
  const meant = c.req.header(accountHeader)

  if (isSigned(c.req.raw.headers)) {
    const kiosk = await signedKiosk(c, meant, now)
    if (kiosk instanceof Response) return kiosk
    c.set('me', kiosk)
    return next()
  }

  const token = getCookie(c, tokenCookie)
  const pass = token === undefined ? null : await open(c.env.SESSION_SECRET, token, now)
  const me =
    pass && (meant === undefined || meant === pass.account)
      ? { account: pass.account, officer: false, facilities: pass.facilities }
      : await lookUp(c, meant, now)
  if (!me) return c.json({ signIn: true, ...((await wasEnded(c)) && { ended: true }) }, 401)

  c.set('me', me)
  return next()
})

/** @param now UTC milliseconds */
export const hasEnded = (
  { officer, begun, ends }: { readonly officer: boolean; readonly begun: Date; readonly ends: Date },
  now: number,
): boolean => ends.getTime() <= now || (officer && begun.getTime() + SHIFT_MS <= now)

async function lookUp(c: Context<Signed>, meant: string | undefined, now: number): Promise<Me | null> {
  const cookie = await getSignedCookie(c, c.env.SESSION_SECRET, sessionCookie(isSecure(c.req.raw)))
  if (!cookie) return null

  const [person] = await directory(c.env)
    .select({
      account: user.id,
      officer: user.officer,
      begun: session.createdAt,
      ends: session.expiresAt,
      facilities: sql<string>`(SELECT json_group_array(${reach.facility}) FROM ${reach} WHERE ${reach.account} = ${user.id})`,
    })
    .from(session)
    .innerJoin(user, eq(user.id, session.userId))
    .where(eq(session.token, cookie))
  if (person && !hasEnded(person, now) && (meant === undefined || meant === person.account)) {
    const { account, officer } = person
    const facilities = JSON.parse(person.facilities) as Id[]
    if (!officer) await givePass(c, { account, facilities }, now)
    return { account, officer, facilities }
  }
  return null
}

/**
 * Whether this browser's session was ended from another device, or whose it was has been erased: it throws away what it
 * holds when it hears so.
 */
async function wasEnded(c: Context<Signed>): Promise<boolean> {
  const holder = c.req.header(accountHeader) as Id | undefined
  if (holder !== undefined && (await isErased(c.env, holder))) return true
  const token = await getSignedCookie(c, c.env.SESSION_SECRET, sessionCookie(isSecure(c.req.raw)))
  if (!token) return false
  const rows = await directory(c.env)
    .select({ endedAt: endedSession.endedAt })
    .from(endedSession)
    .where(eq(endedSession.tokenHash, await hashOf(token)))
  return rows.length > 0
}

/** A phone that was off for long has lost its session, and still says whose copy it holds. */
async function isErased(env: Env, account: Id): Promise<boolean> {
  const rows = await directory(env)
    .select({ account: erasedAccount.account })
    .from(erasedAccount)
    .where(eq(erasedAccount.account, account))
  return rows.length > 0
}

/** Gives a relative's browser a token for the next five minutes: after a look-up, and when a tie came to stand. */
export async function givePass(c: Context, pass: Pass, now: number): Promise<void> {
  const token = await seal((c.env as Signed['Bindings']).SESSION_SECRET, pass, now)
  if (token === null) return
  const secure = isSecure(c.req.raw)
  setCookie(c, tokenCookie, token, { httpOnly: true, sameSite: 'Lax', secure, path: '/api', maxAge: tokenSeconds })
}

/** Takes that token back: somebody else signs in, signs out, or becomes an officer. */
export const dropPass = (c: Context): void =>
  void deleteCookie(c, tokenCookie, { path: '/api', secure: isSecure(c.req.raw) })
