// Officers sign in with a passkey and with nothing else: one button, and the browser asks which. Here too is the list of
// their own, to which another one is added by one of those that are there.
import { and, eq, ne, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { getSignedCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { directory } from '#db/directory.ts'
import { Nothing } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { AddPasskey, UsePasskey, type PasskeyView } from '#db/passkey.ts'
import { passkey, reach, session, user } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import type { Env, Signed } from '../env.ts'
import { postOf, type Post } from '../house/post.ts'
import { append } from '../record/append.ts'
import { isSecure, sessionCookie } from './auth.ts'
import type { Asked } from './library.ts'
import { openSession } from './session.ts'
import { addressOf, HOUR_MS, later, tooMany } from './limit.ts'
import { signedIn } from './signedIn.ts'
import { askToRegister, askToSign, registered, signedBy } from './webauthn.ts'

/** A whole house comes to its shift behind one address. */
const mayTry = createMiddleware<{ Bindings: Env }>(async (c, next) => {
  const limit = { what: `passkey:${addressOf(c)}`, most: 600, windowMs: HOUR_MS }
  const waitMs = await tooMany(directory(c.env), [limit], Date.now())
  return waitMs > 0 ? later(c, waitMs) : next()
})

const officersOnly = createMiddleware<Signed>(async (c, next) =>
  c.var.me.officer ? next() : refuse(c, 'not_allowed', undefined, 403),
)

/** Routes under `/api/identity/passkeys`. */
export const passkeys = new Hono<Signed>()
  .post('/sign-in/options', mayTry, checked(Nothing), async (c) => c.json(await askToSign(c, 'signIn')))

  // One answer for a passkey that is unknown or removed, an answer that is not right, and a post that has ended.
  .post('/sign-in', mayTry, checked(UsePasskey), async (c) => {
    const account = await signedBy(c, c.var.input.credential, 'signIn')
    if (!account || (await postsOf(c.env, account)).length === 0) return refuse(c, 'not_allowed', 'credential', 403)
    await openSession(c, account)
    return c.json({ signedIn: true })
  })

  .use('*', signedIn, officersOnly)

  .get('/', async (c) => {
    const rows = await directory(c.env)
      .select()
      .from(passkey)
      .where(eq(passkey.account, c.var.me.account))
      .orderBy(passkey.since)
    const own: PasskeyView[] = rows.map(({ id, synced, transports, since, usedAt }) => ({
      id,
      kind: synced ? 'synced' : transports.some((way) => way === 'usb' || way === 'nfc') ? 'securityKey' : 'device',
      since,
      usedAt,
    }))
    return c.json({ own })
  })

  // Somebody else at a tablet that was left open must not add their own: one that is there has to agree first.
  .post('/confirm', mayTry, checked(Nothing), async (c) => c.json(await askToSign(c, 'confirm', c.var.me.account)))

  .post('/options', mayTry, checked(UsePasskey), async (c) => {
    const { account } = c.var.me
    if (!(await signedBy(c, c.var.input.credential, 'confirm', account)))
      return refuse(c, 'not_allowed', 'credential', 403)
    const [person] = await directory(c.env).select({ name: user.name }).from(user).where(eq(user.id, account))
    return c.json(await askToRegister(c, 'add', account, { account, name: person?.name ?? '' }))
  })

  .post('/', mayTry, checked(AddPasskey), async (c) => {
    const { account } = c.var.me
    const made = await registered(c, c.var.input.credential, 'add', account)
    if (!made) return refuse(c, 'not_allowed', 'credential', 403)
    await record(c, account, 'addPasskey')
    await directory(c.env)
      .insert(passkey)
      .values({ ...made.passkey, account })
    return c.json({ id: made.passkey.id }, 201)
  })

  // Whoever holds the device of that passkey is out as well: all sessions end but this one.
  .post('/:passkey/remove', checked(Nothing), async (c) => {
    const { account } = c.var.me
    const db = directory(c.env)
    const own = eq(passkey.account, account)
    const [gone] = await db
      .delete(passkey)
      .where(and(own, eq(passkey.id, c.req.param('passkey')), sql`(SELECT count(*) FROM passkey WHERE ${own}) > 1`))
      .returning({ id: passkey.id })
    if (!gone) return refuse(c, 'not_allowed', 'passkey', 409)
    const cookie = await getSignedCookie(c, c.env.SESSION_SECRET, sessionCookie(isSecure(c.req.raw)))
    await db.delete(session).where(and(eq(session.userId, account), ne(session.token, cookie || '')))
    await record(c, account, 'removePasskey')
    return c.json({})
  })

/** The posts of an account that have not ended, whatever house they are in. */
export async function postsOf(env: Env, account: Id): Promise<Post[]> {
  const houses = await directory(env).select({ id: reach.facility }).from(reach).where(eq(reach.account, account))
  const posts = await Promise.all(houses.map(({ id }) => postOf(ledger(env, id), id, account)))
  return posts.filter((post) => post !== undefined)
}

/** In each house in which the officer has a post. */
async function record(c: Asked, account: Id, move: string): Promise<void> {
  for (const { house, actor } of await postsOf(c.env, account)) {
    const by = { account, role: actor.roles[0] ?? 'admin' }
    await append(c.env, house.id, by, [{ subject: house.id, move, facts: { officer: account } }])
  }
}
