// The officers of a house: given a post by their phone number, their roles, and the end of a post.
import { eq, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import type { OfficerRole } from '#db/actor.ts'
import { directory } from '#db/directory.ts'
import { AddOfficer, ChangeRoles, Nothing } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Facts } from '#db/matter.ts'
import { reach, session, user } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import type { Env } from '../env.ts'
import { append } from '../record/append.ts'
import { brokeConstraint } from './constraint.ts'
import { answer, idIn, may, type Asked, type InHouse } from './may.ts'

// What happens to a post is on the house's own chain: one account may have posts in several houses.
export const officers = new Hono<InHouse>()
  .post('/', ...may('officers'), checked(AddOfficer), async (c) => {
    const { phone, name, roles } = c.var.input
    const { house } = c.var.post
    // First the directory: an account that may reach a house without a post in it sees nothing there, and a second
    // try after a crash between the two finishes what this one began.
    const account = await officerAccount(c.env, phone, name)
    await directory(c.env).insert(reach).values({ account, facility: house.id }).onConflictDoNothing()

    const db = ledger(c.env, house.id)
    const standing = await postIn(db, house.id, account)
    if (standing && standing.disabledAt === null) return refuse(c, 'taken', 'phone', 409)
    await append(
      c.env,
      house.id,
      c.var.actor,
      [
        {
          subject: house.id,
          move: 'officer',
          facts: { officer: account, roles },
          content: { name },
        },
      ],
      () => [
        db
          .prepare(
            `INSERT INTO officer (facility, account, name, roles) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (facility, account) DO UPDATE SET name = ?3, roles = ?4, disabled_at = NULL`,
          )
          .bind(house.id, account, name, JSON.stringify(roles)),
      ],
    )
    return c.json({ account }, 201)
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
    if (account && made) await directory(c.env).delete(session).where(eq(session.userId, account))
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

/** The account of this phone number, made where there is none: its owner signs in with a code like everybody. */
async function officerAccount(env: Env, phone: string, name: string): Promise<Id> {
  const id = newId()
  const now = new Date()
  const [row] = await directory(env)
    .insert(user)
    .values({
      id,
      name,
      email: `${id}@phone.invalid`,
      emailVerified: false,
      phoneNumber: phone,
      phoneNumberVerified: false,
      officer: true,
      createdAt: now,
      updatedAt: now,
    })
    .onConflictDoUpdate({
      target: user.phoneNumber,
      set: { officer: true, name: sql`CASE ${user.name} WHEN '' THEN ${name} ELSE ${user.name} END` },
    })
    .returning({ id: user.id })
  if (!row) throw new Error('the directory gave no account for a phone number')
  return row.id
}
