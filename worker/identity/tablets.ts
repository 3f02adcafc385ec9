// `/api/identity/tablets`: a PIN on a tablet that officers share. The tablet keeps a secret of each officer sealed under
// their PIN; whoever shows it gets that officer's session back, as long as it lasts. It begins with a passkey.
import { and, eq, inArray } from 'drizzle-orm'
import { Hono, type Context } from 'hono'
import { deleteCookie } from 'hono/cookie'
import * as v from 'valibot'
import { directory } from '#db/directory.ts'
import { Nothing } from '#db/house.ts'
import { Id, newId } from '#db/id.ts'
import { UsePasskey } from '#db/passkey.ts'
import { session, tabletPin } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { anybody, only } from '../doors.ts'
import type { Signed } from '../env.ts'
import { hashOf } from '../house/code.ts'
import { isSecure, sessionCookie } from './auth.ts'
import { newToken } from './browser.ts'
import { addressOf, HOUR_MS, later, tooMany } from './limit.ts'
import { postsOf } from './passkeys.ts'
import { sealKeyOf } from './sealKey.ts'
import { giveSession, tokenOf } from './session.ts'
import { hasEnded } from './signedIn.ts'
import { signedBy } from './webauthn.ts'

const Which = v.strictObject({ id: Id })
/** As many as may work on one tablet. */
const Several = v.strictObject({ ids: v.pipe(v.array(Id), v.maxLength(90)) })
const Unlock = v.strictObject({ id: Id, token: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)) })

export const tablets = new Hono<Signed>()
  // Somebody else at a tablet that was left open must not set a PIN of their own: a passkey has to agree first.
  .post('/', ...only('officers'), checked(UsePasskey), async (c) => {
    const { account } = c.var.me
    if (!(await signedBy(c, c.var.input.credential, 'confirm', account)))
      return refuse(c, 'not_allowed', 'credential', 403)
    const [id, token] = [newId(), newToken()]
    const tokenHash = await hashOf(token)
    const row = { id, account, tokenHash, session: (await tokenOf(c)) ?? '', since: Date.now() }
    await directory(c.env).insert(tabletPin).values(row)
    return c.json({ id, token, seal: await sealKeyOf(c.env.SEAL_SECRET, account) }, 201)
  })

  // They have signed in with a passkey anew: their PIN on this tablet opens this session from now on.
  .post('/bind', ...only('officers'), checked(Which), async (c) => {
    const bound = await directory(c.env)
      .update(tabletPin)
      .set({ session: (await tokenOf(c)) ?? '' })
      .where(and(eq(tabletPin.id, c.var.input.id), eq(tabletPin.account, c.var.me.account)))
      .returning({ id: tabletPin.id })
    return bound.length > 0 ? c.json({}) : refuse(c, 'not_allowed', 'id', 404)
  })

  .post('/forget', ...only('officers'), checked(Which), async (c) => {
    await directory(c.env)
      .delete(tabletPin)
      .where(and(eq(tabletPin.id, c.var.input.id), eq(tabletPin.account, c.var.me.account)))
    return c.json({})
  })

  // The session goes on, and this browser no longer has it.
  .post('/lock', anybody, checked(Nothing), (c) => {
    const secure = isSecure(c.req.raw)
    deleteCookie(c, sessionCookie(secure), { path: '/', secure })
    return c.json({ locked: true })
  })

  // A locked tablet is in nobody's name, and still has to hear that somebody's PIN has ended.
  .post('/standing', anybody, checked(Several), async (c) => {
    const { ids } = c.var.input
    const waitMs = await tooMany(directory(c.env), [triesOf(c)], Date.now())
    if (waitMs > 0) return later(c, waitMs)
    const standing = await directory(c.env)
      .select({ id: tabletPin.id })
      .from(tabletPin)
      .where(inArray(tabletPin.id, ids))
    return c.json({ standing: standing.map(({ id }) => id) })
  })

  // One answer for a secret that is unknown, a session that is over, and a post that has ended.
  .post('/unlock', anybody, checked(Unlock), async (c) => {
    const { id, token } = c.var.input
    const now = Date.now()
    const waitMs = await tooMany(directory(c.env), [triesOf(c)], now)
    if (waitMs > 0) return later(c, waitMs)
    const [found] = await directory(c.env)
      .select({ account: tabletPin.account, token: session.token, begun: session.createdAt, ends: session.expiresAt })
      .from(tabletPin)
      .innerJoin(session, and(eq(session.token, tabletPin.session), eq(session.userId, tabletPin.account)))
      .where(and(eq(tabletPin.id, id), eq(tabletPin.tokenHash, await hashOf(token))))
    if (!found || hasEnded({ officer: true, ...found }, now) || (await postsOf(c.env, found.account)).length === 0)
      return refuse(c, 'not_allowed', 'session', 403)
    await giveSession(c, found.account, found.token, found.ends)
    return c.json({ account: found.account })
  })

/** All tablets of a house may stand behind one address. */
const triesOf = (c: Context) => ({ what: `tablet:${addressOf(c)}`, most: 600, windowMs: HOUR_MS })
