// How an officer gets in for the first time, and again when they have lost what they signed in with: a code that their
// house gives them once. Looking at it changes nothing.
import { and, eq, gt, sql } from 'drizzle-orm'
import { Hono, type Context } from 'hono'
import { directory } from '#db/directory.ts'
import { Code, officerBits, officerHours, type EnrolmentLook, type OfficerCode } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { TakeEnrolment } from '#db/passkey.ts'
import { enrolment, passkey } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { anybody } from '../doors.ts'
import type { Env } from '../env.ts'
import { hashOf, newCode, normalCode } from '../house/code.ts'
import { postOf, type Post } from '../house/post.ts'
import { append } from '../record/append.ts'
import { openSession } from './session.ts'
import { addressOf, HOUR_MS, later, tooMany } from './limit.ts'
import { askToRegister, registered } from './webauthn.ts'

/** Routes under `/api/identity/enrolment`. One answer for a code that is unknown, expired or used. */
export const enrolments = new Hono<{ Bindings: Env }>()
  .post('/look', anybody, checked(Code), async (c) => {
    const found = await known(c, c.var.input.code)
    if ('refused' in found) return found.refused
    const { house, name, actor } = found.post
    const { id, telephone, hours } = house
    const look: EnrolmentLook = { house: { id, name: house.name, telephone, hours }, name, roles: actor.roles }
    return c.json(look)
  })

  .post('/options', anybody, checked(Code), async (c) => {
    const found = await known(c, c.var.input.code)
    if ('refused' in found) return found.refused
    const { hash, account, post } = found
    const whose = { account, name: `${post.name} · ${post.house.name}` }
    return c.json(await askToRegister(c, 'enrol', hash, whose))
  })

  .post('/take', anybody, checked(TakeEnrolment), async (c) => {
    const { code, credential } = c.var.input
    const found = await known(c, code)
    if ('refused' in found) return found.refused
    const { hash, account, facility, command, post } = found
    const made = await registered(c, credential, 'enrol', hash)
    if (!made) return refuse(c, 'not_allowed', 'credential', 403)

    // First the record: after a crash between the two the code is still good, and taking it again is the same step.
    const actor = { account, role: post.actor.roles[0] ?? 'admin' }
    await append(c.env, facility, actor, [{ subject: facility, move: 'enrol', facts: { officer: account }, command }])
    if (!(await take(c.env, hash, made.passkey))) return refuse(c, 'wrong_code', 'code', 404) // somebody was faster
    await openSession(c, account)
    return c.json({ signedIn: true })
  })

interface Found {
  readonly hash: string
  readonly account: Id
  readonly facility: Id
  readonly command: Id
  readonly post: Post
}

async function known(c: Context, typed: string): Promise<Found | { readonly refused: Response }> {
  const env = c.env as Env
  const limit = { what: `officer:${addressOf(c)}`, most: 60, windowMs: HOUR_MS }
  const waitMs = await tooMany(directory(env), [limit], Date.now())
  if (waitMs > 0) return { refused: later(c, waitMs) }

  const hash = await hashOf(normalCode(typed))
  const [row] = await directory(env)
    .select()
    .from(enrolment)
    .where(and(eq(enrolment.codeHash, hash), gt(enrolment.until, Date.now())))
  const post = row && (await postOf(ledger(env, row.facility), row.facility, row.account))
  return row && post ? { ...row, hash, post } : { refused: refuse(c, 'wrong_code', 'code', 404) }
}

/** @returns false where the code is used up or has ended: then nothing was written */
async function take(env: Env, hash: string, made: Omit<typeof passkey.$inferInsert, 'account'>): Promise<boolean> {
  const db = directory(env)
  const good = and(eq(enrolment.codeHash, hash), gt(enrolment.until, Date.now()))
  const theirs = db
    .select({
      id: sql<string>`${made.id}`.as('id'),
      account: enrolment.account,
      publicKey: sql<string>`${made.publicKey}`.as('public_key'),
      counter: sql<number>`${made.counter}`.as('counter'),
      synced: sql<boolean>`${made.synced ? 1 : 0}`.as('synced'),
      transports: sql<string[]>`${JSON.stringify(made.transports)}`.as('transports'),
      since: sql<number>`${made.since}`.as('since'),
      usedAt: sql<number>`${made.usedAt}`.as('used_at'),
    })
    .from(enrolment)
    .where(good)
  const [, taken] = await db.batch([
    db.insert(passkey).select(theirs),
    db.delete(enrolment).where(good).returning({ account: enrolment.account }),
  ])
  return taken.length > 0
}

/** A code for one officer of a house, and how it is kept. */
export async function newEnrolment(
  house: { readonly id: Id; readonly code: string },
  account: Id,
): Promise<{ readonly told: OfficerCode; readonly kept: typeof enrolment.$inferInsert }> {
  const code = newCode(house.code, officerBits)
  const until = Date.now() + officerHours * HOUR_MS
  return {
    told: { account, code, until },
    kept: { codeHash: await hashOf(code), account, facility: house.id, command: newId(), until },
  }
}
