// Who a relative says they are: an officer who has them before them sees what was stated, masked, compares it with the
// paper, and says so. Each look is on the record.
import { and, eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { directory } from '#db/directory.ts'
import { CheckDocument, Nothing, SetAdult } from '#db/house.ts'
import { ledger } from '#db/ledger.ts'
import { isMinor } from '#db/minor.ts'
import { document } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { ofAge, statedBy } from '../identity/document.ts'
import { append } from '../record/append.ts'
import { looksChain } from '../record/looks.ts'
import { standingTie } from './kinships.ts'
import { forbidden, idIn, may, type InHouse } from './may.ts'
import { tieNews } from './news.ts'

export const documents = new Hono<InHouse>()
  .post('/:tie/document', ...may('documents'), checked(Nothing), async (c) => {
    const facility = c.var.post.house.id
    const id = idIn(c, 'tie')
    const tie = id && (await standingTie(ledger(c.env, facility), facility, id))
    if (!tie) return forbidden(c)
    const stated = await statedBy(c.env, tie.account)
    if (stated)
      await append(c.env, facility, c.var.actor, [
        { subject: looksChain(tie.id), move: 'read', facts: { document: stated.kind, tie: tie.id } },
      ])
    return c.json({ document: stated })
  })

  // Only what was looked at: one that was stated anew meanwhile has to be looked at again.
  .post('/:tie/document/check', ...may('documents'), checked(CheckDocument), async (c) => {
    const facility = c.var.post.house.id
    const id = idIn(c, 'tie')
    const tie = id && (await standingTie(ledger(c.env, facility), facility, id))
    if (!tie) return forbidden(c)
    const { statedAt } = c.var.input
    const stated = await statedBy(c.env, tie.account)
    if (stated?.statedAt !== statedAt) return refuse(c, 'stale', 'statedAt', 409)
    const ofAgeAt = await ofAge(c.env, tie.account)
    const minor = isMinor({ ofAgeAt }, Date.now())
    await append(
      c.env,
      facility,
      c.var.actor,
      [
        {
          subject: tie.id,
          move: 'identify',
          facts: { document: stated.kind, statedAt, ...(minor && { minor }) },
          tell: [tieNews(facility, tie)],
        },
      ],
      (db) => [
        db
          .prepare(`UPDATE kinship SET of_age_at = ? WHERE account = ? AND facility = ?`)
          .bind(ofAgeAt, tie.account, facility),
      ],
    )
    await directory(c.env)
      .update(document)
      .set({ checkedAt: Date.now() })
      .where(and(eq(document.account, tie.account), eq(document.statedAt, statedAt)))
    return c.json({ document: await statedBy(c.env, tie.account) })
  })

  // The adult has a tie of their own to the same person, and is none who needs one along.
  .post('/:tie/adult', ...may('documents'), checked(SetAdult), async (c) => {
    const facility = c.var.post.house.id
    const db = ledger(c.env, facility)
    const id = idIn(c, 'tie')
    const tie = id && (await standingTie(db, facility, id))
    if (!tie) return forbidden(c)
    const { adult } = c.var.input
    const able =
      adult === null ||
      (await db
        .prepare(
          `SELECT 1 FROM kinship WHERE id = ?1 AND facility = ?2 AND detainee = ?3 AND account <> ?4
             AND ended_at IS NULL AND coalesce(of_age_at, 0) <= ?5`,
        )
        .bind(adult, facility, tie.detainee, tie.account, Date.now())
        .first()) !== null
    if (!able) return refuse(c, 'check_input', 'adult')
    const entry = {
      subject: tie.id,
      move: 'adult',
      facts: adult === null ? {} : { adult },
      tell: [tieNews(facility, tie)],
    }
    await append(c.env, facility, c.var.actor, [entry], () => [
      db.prepare(`UPDATE kinship SET adult = ? WHERE id = ?`).bind(adult, tie.id),
    ])
    return c.json({})
  })
