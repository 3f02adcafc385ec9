// A ban: for a time a relative may ask for nothing new. It works on the next request, since every request reads the tie.
// What they asked for before stays with the officers, who see the ban beside it; what had been approved and not yet
// handed over comes back to a reviewer (worker/minute.ts); what they have may be taken back or appealed as always.
import type { Role } from '#db/actor.ts'
import type { Ban } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { idFrom } from '#db/record.ts'
import type { Env } from '../env.ts'
import { append, type Entry } from '../record/append.ts'
import { channels } from '../sync/feed.ts'
import type { StandingTie } from './kinships.ts'
import { tieNews } from './news.ts'

interface By {
  readonly account: Id
  readonly role: Role
}

/** @param now UTC milliseconds; a ban that stands is replaced, and has held since its own beginning */
export async function ban(env: Env, facility: Id, by: By, tie: StandingTie, said: Ban, now: number): Promise<void> {
  const { until, reason, note } = said
  const entry = {
    subject: tie.id,
    move: 'ban',
    facts: { until, reason },
    content: { note },
    tell: await newsOf(env, facility, tie),
  }
  await append(
    env,
    facility,
    by,
    [entry],
    (db) => [
      db
        .prepare(
          `UPDATE kinship SET banned_from = iif(banned_until > ?2, banned_from, ?2), banned_until = ?3,
             ban_reason = ?4, ban_note = ?5 WHERE id = ?1`,
        )
        .bind(tie.id, now, until, reason, note),
    ],
    now,
  )
}

/** An officer ends a ban before its time. @returns false where none stands */
export async function lift(env: Env, facility: Id, by: By, id: Id, now: number): Promise<boolean> {
  const tie = await ledger(env, facility)
    .prepare(`SELECT id, detainee, account FROM kinship WHERE id = ? AND facility = ? AND banned_until > ?`)
    .bind(id, facility, now)
    .first<StandingTie>()
  if (!tie) return false
  const entry = { subject: tie.id, move: 'lift', tell: await newsOf(env, facility, tie) }
  return append(env, facility, by, [entry], (db) => [db.prepare(`UPDATE kinship SET ${noBan} WHERE id = ?`).bind(id)])
}

/** Bans whose time is over hold no more by themselves; the record keeps their end, and the phone hears of it. */
export async function endBans(env: Env, facility: Id, now: number): Promise<void> {
  const { results } = await ledger(env, facility)
    .prepare(
      `SELECT id, detainee, account, banned_until AS until FROM kinship
       WHERE facility = ? AND banned_until <= ? LIMIT 20`,
    )
    .bind(facility, now)
    .all<StandingTie & { readonly until: number }>()
  for (const tie of results) {
    const entry: Entry = {
      subject: tie.id,
      move: 'banEnds',
      command: idFrom(`${tie.id} banEnds ${tie.until}`),
      tell: await newsOf(env, facility, tie),
    }
    await append(env, facility, { account: facility, role: 'system' }, [entry], (db) => [
      db.prepare(`UPDATE kinship SET ${noBan} WHERE id = ? AND banned_until = ?`).bind(tie.id, tie.until),
    ])
  }
}

const noBan = 'banned_from = NULL, banned_until = NULL, ban_reason = NULL, ban_note = NULL'

/** The relative's phone hears of the tie; the officers see the ban beside what is still open under it. */
async function newsOf(env: Env, facility: Id, tie: StandingTie): Promise<NonNullable<Entry['tell']>> {
  const { results } = await ledger(env, facility)
    .prepare(`SELECT id FROM matter WHERE detainee = ? AND tie = ? AND awaits IS NOT NULL`)
    .bind(tie.detainee, tie.id)
    .all<{ id: Id }>()
  const open = results.map(({ id }) => ({
    channel: channels.house(facility),
    subject: id,
    what: 'matter' as const,
  }))
  return [tieNews(facility, tie), ...open]
}
