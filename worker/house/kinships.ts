// Ties: what is shut under one, bans, their end.
import { Hono } from 'hono'
import { Ban, Nothing, SetRights } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { checked, refuse } from '../checked.ts'
import type { Env } from '../env.ts'
import { append } from '../record/append.ts'
import { ban, lift } from './bans.ts'
import { allGone, tieNews } from './news.ts'
import { answer, forbidden, idIn, may, type InHouse } from './may.ts'

export const kinships = new Hono<InHouse>()
  .post('/:tie/end', ...may('kinships'), checked(Nothing), async (c) => {
    const facility = c.var.post.house.id
    const id = idIn(c, 'tie')
    const tie = id && (await standingTie(ledger(c.env, facility), facility, id))
    if (!tie) return forbidden(c)
    await endTie(c.env, facility, c.var.actor, tie, Date.now())
    return c.json({})
  })

  // What was asked for before goes on as it stands: the law that held then has let it in.
  .post('/:tie/rights', ...may('rights'), checked(SetRights), async (c) => {
    const facility = c.var.post.house.id
    const id = idIn(c, 'tie')
    const tie = id && (await standingTie(ledger(c.env, facility), facility, id))
    if (!tie) return forbidden(c)
    const shut = [...new Set(c.var.input.shut)].sort()
    const entry = { subject: tie.id, move: 'rights', facts: { shut }, tell: [tieNews(facility, tie)] }
    await append(c.env, facility, c.var.actor, [entry], (db) => [
      db.prepare(`UPDATE kinship SET shut = ? WHERE id = ?`).bind(JSON.stringify(shut), tie.id),
    ])
    return c.json({})
  })

  .post('/:tie/ban', ...may('bans'), checked(Ban), async (c) => {
    const facility = c.var.post.house.id
    const now = Date.now()
    const id = idIn(c, 'tie')
    const tie = id && (await standingTie(ledger(c.env, facility), facility, id))
    if (!tie) return forbidden(c)
    if (c.var.input.until <= now) return refuse(c, 'check_input', 'until')
    await ban(c.env, facility, c.var.actor, tie, c.var.input, now)
    return c.json({})
  })

  .post('/:tie/lift', ...may('bans'), checked(Nothing), async (c) => {
    const id = idIn(c, 'tie')
    const lifted = id && (await lift(c.env, c.var.post.house.id, c.var.actor, id, Date.now()))
    return answer(c, lifted === true)
  })

/**
 * Ends a tie: its matters leave the relative's phone; what is open is closed by the minute, which the record wakes.
 *
 * @param now UTC milliseconds
 */
export async function endTie(
  env: Env,
  facility: Id,
  actor: InHouse['Variables']['actor'],
  tie: StandingTie,
  now: number,
) {
  const ending = [{ subject: tie.id, move: 'end', tell: [tieNews(facility, tie)] }]
  const also = (db: D1Database) => [
    allGone(db, facility, tie),
    db.prepare(`UPDATE kinship SET ended_at = ? WHERE id = ?`).bind(now, tie.id),
    db.prepare(`UPDATE mandate SET ended_at = ? WHERE tie = ? AND ended_at IS NULL`).bind(now, tie.id),
  ]
  await append(env, facility, actor, ending, also, now)
}

export interface StandingTie {
  readonly id: Id
  readonly detainee: Id
  readonly account: Id
}

export const standingTie = (db: D1Database, facility: Id, tie: Id) =>
  db
    .prepare(`SELECT id, detainee, account FROM kinship WHERE id = ? AND facility = ? AND ended_at IS NULL`)
    .bind(tie, facility)
    .first<StandingTie>()
