// What the registry says of a licence reaches the houses in which its holder acts: their engagements are flagged, on
// the record, and the flag goes when its cause does.
import { eq } from 'drizzle-orm'
import { directory } from '#db/directory.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Standing } from '#db/licence.ts'
import { reach } from '#db/tables/directory.ts'
import type { Env } from '../env.ts'
import { append } from '../record/append.ts'

/** Said once or twice, it is the same: only an engagement that says something else yet is changed. */
export async function flagEngagements(env: Env, account: Id, standing: Standing): Promise<void> {
  const trouble = standing === 'valid' ? null : standing
  const houses = await directory(env).select({ id: reach.facility }).from(reach).where(eq(reach.account, account))
  for (const { id: facility } of houses) {
    const db = ledger(env, facility)
    const { results } = await db
      .prepare(
        `SELECT id FROM engagement WHERE account = ?1 AND facility = ?2 AND state IN ('checking', 'accepted')
         AND licence_trouble IS NOT ?3`,
      )
      .bind(account, facility, trouble)
      .all<{ id: Id }>()
    if (results.length === 0) continue
    const entries = results.map(({ id }) => ({ subject: id, move: 'licence', facts: { standing } }))
    await append(env, facility, { account: facility, role: 'system' }, entries, () => [
      db
        .prepare(`UPDATE engagement SET licence_trouble = ?1 WHERE id IN (SELECT value FROM json_each(?2))`)
        .bind(trouble, JSON.stringify(results.map(({ id }) => id))),
    ])
  }
}
