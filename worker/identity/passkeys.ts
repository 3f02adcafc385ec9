// Officers sign in with a passkey and with nothing else; relatives may, in place of a code and what a new phone asks for
// beside it. One button, and the browser asks which. Here too is the list of their own.
import { and, eq, ne, sql } from 'drizzle-orm'
import { Hono, type Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { directory } from '#db/directory.ts'
import { Nothing } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { AddPasskey, AskForPasskey, UsePasskey, type PasskeyView } from '#db/passkey.ts'
import { masked } from '#db/phone.ts'
import { passkey, reach, session, user } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { anybody, only } from '../doors.ts'
import type { Env, Signed } from '../env.ts'
import { postOf, type Post } from '../house/post.ts'
import { append } from '../record/append.ts'
import { browserOf } from './browser.ts'
import type { Asked } from './library.ts'
import { isFresh, openSession, signIn, tokenOf } from './session.ts'
import { endSessions } from './sessions.ts'
import { addressOf, HOUR_MS, later, mayCome, tooMany } from './limit.ts'
import { openNumber } from './numbers.ts'
import { askToRegister, askToSign, registered, signedBy } from './webauthn.ts'

/** A whole house comes to its shift behind one address. */
const mayTry = createMiddleware<{ Bindings: Env }>(async (c, next) => {
  const limit = { what: `passkey:${addressOf(c)}`, most: 600, windowMs: HOUR_MS }
  const waitMs = await tooMany(directory(c.env), [limit], Date.now())
  return waitMs > 0 ? later(c, waitMs) : next()
})

/** Routes under `/api/identity/passkeys`. */
export const passkeys = new Hono<Signed>()
  .post('/sign-in/options', anybody, mayTry, checked(Nothing), async (c) => c.json(await askToSign(c, 'signIn')))

  // One answer for a passkey that is unknown or removed, an answer that is not right, and a post that has ended.
  .post('/sign-in', anybody, mayTry, checked(UsePasskey), async (c) => {
    const account = await signedBy(c, c.var.input.credential, 'signIn')
    if (!account || (await postsOf(c.env, account)).length === 0) return refuse(c, 'not_allowed', 'credential', 403)
    await openSession(c, account)
    return c.json({ signedIn: true })
  })

  // A relative: the browser is known from now on. An officer's passkey opens their post, and no door of the families'.
  .post('/relatives/sign-in/options', anybody, mayCome, checked(Nothing), async (c) =>
    c.json(await askToSign(c, 'comeIn')),
  )

  .post('/relatives/sign-in', anybody, mayCome, checked(UsePasskey), async (c) => {
    const account = await signedBy(c, c.var.input.credential, 'comeIn')
    const person = account && (await personOf(c.env, account))
    if (!person || person.officer) return refuse(c, 'not_allowed', 'credential', 403)
    await signIn(c, await browserOf(c), account, Date.now())
    return c.json({ signedIn: true })
  })

  .get('/', ...only('people'), async (c) => {
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
  .post('/confirm', ...only('people'), mayTry, checked(Nothing), async (c) =>
    c.json(await askToSign(c, 'confirm', c.var.me.account)),
  )

  // A relative has none to begin with: that they have signed in just now is as good.
  .post('/options', ...only('people'), mayTry, checked(AskForPasskey), async (c) => {
    const { account, officer } = c.var.me
    const { credential } = c.var.input
    if (!credential && (officer || !(await isFresh(c, Date.now())))) return refuse(c, 'not_allowed', 'session', 403)
    if (credential && !(await signedBy(c, credential, 'confirm', account)))
      return refuse(c, 'not_allowed', 'credential', 403)
    return c.json(await askToRegister(c, 'add', account, { account, name: await nameOf(c.env, account) }))
  })

  .post('/', ...only('people'), mayTry, checked(AddPasskey), async (c) => {
    const { account } = c.var.me
    const made = await registered(c, c.var.input.credential, 'add', account)
    if (!made) return refuse(c, 'not_allowed', 'credential', 403)
    await record(c, 'addPasskey')
    await directory(c.env)
      .insert(passkey)
      .values({ ...made.passkey, account })
    return c.json({ id: made.passkey.id }, 201)
  })

  // Whoever holds the device of that passkey is out as well: all sessions end but this one. An officer's last one stays;
  // a relative has other ways in.
  .post('/:passkey/remove', ...only('people'), checked(Nothing), async (c) => {
    const { account, officer } = c.var.me
    const db = directory(c.env)
    const own = eq(passkey.account, account)
    const spare = officer ? sql`(SELECT count(*) FROM passkey WHERE ${own}) > 1` : undefined
    const [gone] = await db
      .delete(passkey)
      .where(and(own, eq(passkey.id, c.req.param('passkey')), spare))
      .returning({ id: passkey.id })
    if (!gone) return refuse(c, 'not_allowed', 'passkey', 409)
    const others = and(eq(session.userId, account), ne(session.token, (await tokenOf(c)) ?? ''))
    if (officer) await db.delete(session).where(others)
    else await endSessions(c.env, others)
    await record(c, 'removePasskey')
    return c.json({})
  })

/** The posts of an account that have not ended, whatever house they are in. */
export async function postsOf(env: Env, account: Id): Promise<Post[]> {
  const houses = await directory(env).select({ id: reach.facility }).from(reach).where(eq(reach.account, account))
  const posts = await Promise.all(houses.map(({ id }) => postOf(ledger(env, id), id, account)))
  return posts.filter((post) => post !== undefined)
}

/** In each house in which the officer has a post; with each tie of a relative. */
async function record(c: Signing, move: string): Promise<void> {
  const { account, officer, facilities } = c.var.me
  if (officer)
    for (const { house, actor } of await postsOf(c.env, account)) {
      const by = { account, role: actor.roles[0] ?? 'admin' }
      await append(c.env, house.id, by, [{ subject: house.id, move, facts: { officer: account } }])
    }
  else
    for (const facility of facilities) {
      const { results: ties } = await ledger(c.env, facility)
        .prepare(`SELECT id FROM kinship WHERE account = ? AND facility = ? AND ended_at IS NULL`)
        .bind(account, facility)
        .all<{ id: Id }>()
      const entries = ties.map(({ id }) => ({ subject: id, move }))
      await append(c.env, facility, { account, role: 'relative' }, entries)
    }
}

type Signing = Asked & Pick<Context<Signed>, 'var'>

const personOf = async (env: Env, account: Id) =>
  (await directory(env).select().from(user).where(eq(user.id, account)))[0]

/** What their device calls it by: an officer's name, or where a relative's number ends. */
async function nameOf(env: Env, account: Id): Promise<string> {
  const person = await personOf(env, account)
  if (!person || person.phoneSealed === null) return person?.name ?? ''
  return masked(await openNumber(env.PEOPLE_SECRET, 'phone', account, person.phoneSealed))
}
