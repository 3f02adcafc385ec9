// Invites: a link or QR that ties a phone to a kinship. Looking at one changes nothing and it is not used up before
// the tie stands: a link scanner that opens it, a lost answer or a crash leaves it good.
import { eq, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { directory } from '#db/directory.ts'
import { Code, inviteBits, inviteDays, MakeInvite, type InviteLook } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Kin } from '#db/matter.ts'
import { reach, user } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { anybody, only } from '../doors.ts'
import type { Env, Signed } from '../env.ts'
import { addressOf, HOUR_MS, later, tooMany } from '../identity/limit.ts'
import { givePass } from '../identity/signedIn.ts'
import { append } from '../record/append.ts'
import { hashOf, houseOfCode, newCode, normalCode } from './code.ts'
import { brokeConstraint } from './constraint.ts'
import { tieNews } from './news.ts'
import { forbidden, may, type InHouse } from './may.ts'
import { selectTies, tieSql, tiesOf, type TieRow } from './ties.ts'

const DAY_MS = 24 * HOUR_MS

/** `POST /api/houses/:facility/invites`: the code is told once, to be printed or shown. */
export const invites = new Hono<InHouse>().post('/', ...may('invites'), checked(MakeInvite), async (c) => {
  const { person, kin, name } = c.var.input
  const { house } = c.var.post
  const db = ledger(c.env, house.id)
  const inside = await db
    .prepare(`SELECT 1 FROM detainee WHERE id = ? AND facility = ? AND left_at IS NULL`)
    .bind(person, house.id)
    .first()
  if (!inside) return forbidden(c)

  const code = newCode(house.code, inviteBits)
  const expiresAt = Date.now() + inviteDays * DAY_MS
  const write = db
    .prepare(
      `INSERT INTO invite (code_hash, facility, detainee, kin, name, made_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(await hashOf(code), house.id, person, kin, name, c.var.me.account, expiresAt)
  await append(
    c.env,
    house.id,
    c.var.actor,
    [{ subject: person, move: 'invite', facts: { kin }, content: { name } }],
    () => [write],
  )
  return c.json({ code, expiresAt }, 201)
})

/** `/api/invites`: what the holder of a code may do. One answer for a code unknown, expired or used by somebody else. */
export const invited = new Hono<Signed>()
  .post('/look', anybody, checked(Code), async (c) => {
    const waitMs = await tooMany(
      directory(c.env),
      [{ what: `invite:${addressOf(c)}`, most: 60, windowMs: HOUR_MS }],
      Date.now(),
    )
    if (waitMs > 0) return later(c, waitMs)
    const invite = await find(c.env, c.var.input.code)
    if (!invite || invite.tie) return refuse(c, 'wrong_code', 'code', 404)

    const look: InviteLook = {
      house: { id: invite.facility, name: invite.houseName, telephone: invite.telephone, hours: invite.hours },
      name: invite.name,
      kin: invite.kin,
      person: `${[...invite.person][0] ?? ''}＊`,
    }
    return c.json(look)
  })

  .post('/take', ...only('relatives'), checked(Code), async (c) => {
    const { account, facilities } = c.var.me
    const limits = [
      { what: `invite:${account}`, most: 20, windowMs: HOUR_MS },
      { what: `invite:${addressOf(c)}`, most: 60, windowMs: HOUR_MS },
    ]
    const waitMs = await tooMany(directory(c.env), limits, Date.now())
    if (waitMs > 0) return later(c, waitMs)

    const invite = await find(c.env, c.var.input.code)
    if (!invite || (invite.tie && invite.takenBy !== account)) return refuse(c, 'wrong_code', 'code', 404)

    // First the directory: that an account may reach a house in which it has no tie yet shows it nothing.
    await reachHouse(c.env, account, invite.facility, invite.name)
    if (!invite.tie && !(await tie(c.env, account, invite))) {
      // Somebody was faster: it may have been the same person's other tap.
      const now = await find(c.env, c.var.input.code)
      if (now?.takenBy !== account) return refuse(c, 'wrong_code', 'code', 404)
    }

    const now = Date.now()
    const row = await ledger(c.env, invite.facility)
      .prepare(selectTies(`kinship.account = ? AND kinship.detainee = ?`))
      .bind(account, invite.detainee)
      .all<TieRow>()
    await givePass(c, { account, facilities: [...new Set([...facilities, invite.facility])] }, now)
    return c.json({ tie: tiesOf(row.results, now)[0] })
  })

/**
 * A fresh invite proves that an account is somebody's: an officer made it for a tie that they have already, under the
 * name that they have there. It is used up by that.
 *
 * @returns false for every other code
 */
export async function retie(env: Env, account: Id, typed: string): Promise<boolean> {
  const invite = await find(env, typed)
  if (!invite || invite.tie) return false
  const standing = await ledger(env, invite.facility)
    .prepare(`SELECT 1 FROM kinship WHERE account = ? AND detainee = ? AND name = ? AND ended_at IS NULL`)
    .bind(account, invite.detainee, invite.name)
    .first()
  return standing !== null && (await tie(env, account, invite))
}

interface Invite {
  readonly codeHash: string
  readonly facility: Id
  readonly detainee: Id
  readonly kin: Kin
  /** the relative's name */
  readonly name: string
  readonly person: string
  readonly houseName: string
  readonly telephone: string
  readonly hours: string
  /** the tie that it became, and whose that is */
  readonly tie: Id | null
  readonly takenBy: Id | null
}

/** @returns undefined for what is unknown or has expired without being taken, or whose person has left */
async function find(env: Env, typed: string): Promise<Invite | undefined> {
  const code = normalCode(typed)
  const facility = await houseOfCode(env, code)
  if (!facility) return undefined
  const invite = await ledger(env, facility)
    .prepare(
      `SELECT invite.code_hash AS codeHash, invite.facility, invite.detainee, invite.kin, invite.name,
              detainee.name AS person, house.name AS houseName, house.telephone, house.hours,
              kinship.id AS tie, kinship.account AS takenBy
       FROM invite
       JOIN detainee ON detainee.id = invite.detainee
       JOIN house ON house.id = invite.facility
       LEFT JOIN kinship ON kinship.id = invite.kinship AND kinship.ended_at IS NULL
       WHERE invite.code_hash = ? AND invite.facility = ? AND detainee.left_at IS NULL
         AND (invite.kinship IS NOT NULL OR invite.expires_at > ?)
         AND (invite.kinship IS NULL OR kinship.id IS NOT NULL)`,
    )
    .bind(await hashOf(code), facility, Date.now())
    .first<Invite>()
  return invite ?? undefined
}

async function reachHouse(env: Env, account: Id, facility: Id, name: string): Promise<void> {
  const db = directory(env)
  await db.batch([
    db.insert(reach).values({ account, facility }).onConflictDoNothing(),
    db
      .update(user)
      .set({ name })
      .where(sql`${eq(user.id, account)} AND ${eq(user.name, '')}`),
  ])
}

/**
 * One batch: the tie, the mark on the invite, the event, the news.
 * @returns false where somebody else was faster: then nothing of it was written
 */
async function tie(env: Env, account: Id, invite: Invite): Promise<boolean> {
  const db = ledger(env, invite.facility)
  const now = Date.now()
  const before = await db
    .prepare(`SELECT id FROM kinship WHERE account = ? AND detainee = ?`)
    .bind(account, invite.detainee)
    .first<{ id: Id }>()
  const id = before?.id ?? newId()
  const also = [
    db
      .prepare(tieSql(`FROM invite WHERE code_hash = ?8 AND kinship IS NULL AND expires_at > ?7`))
      .bind(id, invite.facility, invite.detainee, account, invite.kin, invite.name, now, invite.codeHash),
    db.prepare(`UPDATE invite SET kinship = ? WHERE code_hash = ?`).bind(id, invite.codeHash),
  ]
  try {
    await append(
      env,
      invite.facility,
      { account, role: 'relative' },
      [
        {
          subject: id,
          move: 'tie',
          facts: { person: invite.detainee, kin: invite.kin },
          content: { name: invite.name },
          tell: [tieNews(invite.facility, { id, account })],
        },
      ],
      () => also,
    )
    return true
  } catch (error) {
    if (brokeConstraint(error, 'kinship.id')) return false
    throw error
  }
}
