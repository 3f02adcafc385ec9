// When a house holds nothing of an account any more the directory forgets that it ever did: then nothing keeps the
// account itself (worker/erasure/erase.ts).
import { sql } from 'drizzle-orm'
import { directory } from '#db/directory.ts'
import { heldInLedger } from '#db/held.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Env } from '../env.ts'

/** What was declined or has ended longer ago is forgotten; the record keeps that it was. */
export const keptMs = 90 * 86_400_000

/** @param now UTC milliseconds */
export async function leaveHouse(env: Env, facility: Id, account: Id, now: number): Promise<void> {
  const db = ledger(env, facility)
  const here = await db
    .prepare(
      `SELECT 1 FROM kinship WHERE account = ?1 AND facility = ?2
       UNION ALL SELECT 1 FROM mandate WHERE agent = ?1 AND facility = ?2
       UNION ALL SELECT 1 FROM claim WHERE account = ?1 AND facility = ?2 AND coalesce(decided_at, ?3) >= ?3
       UNION ALL SELECT 1 FROM engagement WHERE account = ?1 AND facility = ?2
         AND coalesce(ended_at, iif(state = 'declined', decided_at, NULL), ?3) >= ?3
       UNION ALL SELECT 1 FROM officer WHERE account = ?1 AND facility = ?2 LIMIT 1`,
    )
    .bind(account, facility, now - keptMs)
    .first()
  if (here) return
  await db.prepare(`DELETE FROM feed WHERE ${heldInLedger['feed']?.account}`).bind(account, facility).run()
  await directory(env).run(sql`DELETE FROM reach WHERE account = ${account} AND facility = ${facility}`)
}
