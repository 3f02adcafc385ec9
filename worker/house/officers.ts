// The officers of a house: given a post and a code for their first sign-in, their roles, another way in when they have
// lost theirs, and the end of a post.
import { eq, type InferInsertModel } from 'drizzle-orm'
import { Hono } from 'hono'
import type { OfficerRole } from '#db/actor.ts'
import { directory } from '#db/directory.ts'
import { AddOfficer, ChangeRoles, mayDo, Nothing } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Facts } from '#db/matter.ts'
import { enrolment, passkey, reach, session, tabletPin, user } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import type { Env } from '../env.ts'
import { newEnrolment } from '../identity/enrolment.ts'
import { postsOf } from '../identity/passkeys.ts'
import { endSessions } from '../identity/sessions.ts'
import { append } from '../record/append.ts'
import { brokeConstraint } from './constraint.ts'
import { answer, forbidden, idIn, may, type Asked, type InHouse } from './may.ts'

// What happens to a post is on the house's own chain: one account may have posts in several houses.
export const officers = new Hono<InHouse>()
  .post('/', ...may('officers'), checked(AddOfficer), async (c) => {
    const { name, roles } = c.var.input
    const { house } = c.var.post
    const account = newId()
    const code = await newEnrolment(house, account)
    // First the directory: an account without a post opens nothing, and its code is told only after both.
    const db = directory(c.env)
    await db.batch([
      db.insert(user).values(newOfficer(account, name)),
      db.insert(reach).values({ account, facility: house.id }),
      db.insert(enrolment).values(code.kept),
    ])
    const entry = { subject: house.id, move: 'officer', facts: { officer: account, roles }, content: { name } }
    await append(c.env, house.id, c.var.actor, [entry], (db) => [
      db
        .prepare(`INSERT INTO officer (facility, account, name, roles) VALUES (?, ?, ?, ?)`)
        .bind(house.id, account, name, JSON.stringify(roles)),
    ])
    return c.json(code.told, 201)
  })

  // For one who has lost what they signed in with: all of it is taken away, and they are signed out everywhere.
  .post('/:account/reset', ...may('reset'), checked(Nothing), async (c) => {
    const account = idIn(c, 'account')
    const { house } = c.var.post
    // Not for oneself: whoever finds a tablet open would have the account.
    if (!account || account === c.var.me.account || !(await mayReset(c, account))) return forbidden(c)
    const code = await newEnrolment(house, account)
    // First the record: after a crash between the two nothing has changed, and a second try does it.
    const entry = { subject: house.id, move: 'reset', facts: { officer: account } }
    await append(c.env, house.id, c.var.actor, [entry])
    const db = directory(c.env)
    await signOut(c.env, account)
    await db.batch([
      db.delete(passkey).where(eq(passkey.account, account)),
      db.delete(enrolment).where(eq(enrolment.account, account)),
      db.insert(enrolment).values(code.kept),
    ])
    return c.json(code.told)
  })

  // A tablet is lost, or was left signed in: they are out everywhere, and come back with what they sign in with.
  .post('/:account/end-sessions', ...may('reset'), checked(Nothing), async (c) => {
    const account = idIn(c, 'account')
    if (!account || !(await mayReset(c, account))) return forbidden(c)
    const entry = { subject: c.var.post.house.id, move: 'endSessions', facts: { officer: account } }
    await append(c.env, c.var.post.house.id, c.var.actor, [entry])
    return c.json({ ended: await signOut(c.env, account) })
  })

  .post('/:account/roles', ...may('officers'), checked(ChangeRoles), async (c) => {
    const { roles } = c.var.input
    const made = await change(c, idIn(c, 'account'), { move: 'roles', roles, facts: { roles } })
    return made === 'no admin left' ? refuse(c, 'not_allowed', 'roles', 409) : answer(c, made)
  })

  .post('/:account/disable', ...may('officers'), checked(Nothing), async (c) => {
    const account = idIn(c, 'account')
    const made = await change(c, account, { move: 'disable', roles: [], disabledAt: Date.now() })
    if (made === 'no admin left') return refuse(c, 'not_allowed', 'roles', 409)
    // The post ended with the row; that they are signed out as well clears what their tablets hold.
    if (account && made) await signOut(c.env, account)
    return answer(c, made)
  })

interface PostChange {
  readonly move: string
  readonly roles: readonly OfficerRole[]
  readonly disabledAt?: number
  readonly facts?: Facts
}

async function change(c: Asked, account: Id | undefined, step: PostChange): Promise<boolean | 'no admin left'> {
  const facility = c.var.post.house.id
  const post = account && (await postIn(ledger(c.env, facility), facility, account))
  if (!account || !post || post.disabledAt !== null) return false

  const staysAdmin = step.roles.includes('admin') ? 1 : 0
  const entry = { subject: facility, move: step.move, facts: { officer: account, ...step.facts } }
  try {
    return await append(c.env, facility, c.var.actor, [entry], (db) => [
      db.prepare(CHANGE_POST).bind(step.disabledAt ?? null, staysAdmin, JSON.stringify(step.roles), facility, account),
    ])
  } catch (error) {
    if (brokeConstraint(error, 'officer.roles')) return 'no admin left'
    throw error
  }
}

/** A house is never left without an admin, not even by two admins at once: roles may not be null. */
const CHANGE_POST = `
  UPDATE officer SET disabled_at = ?1, roles = CASE WHEN ?2 OR EXISTS (
    SELECT 1 FROM officer AS other, json_each(other.roles) AS role
    WHERE other.facility = ?4 AND other.account <> ?5 AND other.disabled_at IS NULL AND role.value = 'admin'
  ) THEN ?3 END
  WHERE facility = ?4 AND account = ?5`

const postIn = (db: D1Database, facility: Id, account: Id) =>
  db
    .prepare(`SELECT disabled_at AS disabledAt FROM officer WHERE facility = ? AND account = ?`)
    .bind(facility, account)
    .first<{ disabledAt: number | null }>()

/**
 * Everywhere, and no PIN brings a session back, not even of one that has run out. What their tablets hold goes when these
 * next ask; what was decided there and not sent waits, sealed, until the same officer has signed in again.
 *
 * @returns how many sessions there were
 */
async function signOut(env: Env, account: Id): Promise<number> {
  await directory(env).delete(tabletPin).where(eq(tabletPin.account, account))
  return endSessions(env, eq(session.userId, account))
}

/**
 * Whoever gives a new way into an account can use it themself: so they need the right to it in every house in which that
 * officer has a post.
 */
async function mayReset(c: Asked, account: Id): Promise<boolean> {
  const [theirs, own] = await Promise.all([postsOf(c.env, account), postsOf(c.env, c.var.me.account)])
  const rights = new Set(own.filter(({ actor }) => mayDo('reset', actor.roles)).map(({ house }) => house.id))
  const houses = theirs.map(({ house }) => house.id)
  return houses.includes(c.var.post.house.id) && houses.every((house) => rights.has(house))
}

/** An officer's account is its own, without a telephone number: the same person may have another as a relative. */
export function newOfficer(id: Id, name: string): InferInsertModel<typeof user> {
  const now = new Date()
  const email = `${id}@officer.invalid` // the library cannot think of an account without one
  return { id, name, email, emailVerified: false, officer: true, createdAt: now, updatedAt: now }
}
