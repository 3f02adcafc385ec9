// Which lawyers act for whom in a house now.
import { and, eq, ne } from 'drizzle-orm'
import { directory } from '#db/directory.ts'
import { obstacleTo, type Acting, type Obstacle } from '#db/engagement.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { lawyer, reach } from '#db/tables/directory.ts'
import type { Env } from '../env.ts'

/** All that stand in a house, in one text: an acceptance is written only while it is still what was thought about. */
export const standingSql = `
  SELECT json_group_array(json_array(e.id, e.licence, e.grade, e.firm, e.detainee, d.case_group, d.left_at IS NOT NULL))
  FROM (SELECT * FROM engagement WHERE facility = ?1 AND state = 'accepted' ORDER BY id) e
  JOIN detainee d ON d.id = e.detainee`

type Standing = Acting & { readonly left: boolean }

export const standing = async (db: D1Database, facility: Id): Promise<Standing[]> =>
  standingIn(await readStanding(db, facility))

export async function readStanding(db: D1Database, facility: Id): Promise<string> {
  const row = await db.prepare(`SELECT (${standingSql}) AS text`).bind(facility).first<{ text: string }>()
  return row?.text ?? '[]'
}

/**
 * What a lawyer, with whatever account, stands for in other houses, of one case: people of one case are often held apart.
 * Each house is read in its own database, so two that accept at the same moment do not see each other; a booking asks
 * again.
 */
export async function standingElsewhere(
  env: Env,
  facility: Id,
  { licence, caseGroup }: Pick<Acting, 'licence' | 'caseGroup'>,
): Promise<Standing[]> {
  if (caseGroup === null) return []
  const others = await directory(env)
    .selectDistinct({ house: reach.facility })
    .from(lawyer)
    .innerJoin(reach, eq(reach.account, lawyer.account))
    .where(and(eq(lawyer.licence, licence), ne(reach.facility, facility)))
  const each = await Promise.all(others.map(({ house }) => standing(ledger(env, house), house)))
  return each.flat().filter((one) => one.licence === licence && one.caseGroup === caseGroup)
}

/** What keeps one that stands from being used now, beside the licence. @param here all that stand in its house */
export async function obstacleNow(
  env: Env,
  facility: Id,
  own: Standing,
  here: readonly Standing[],
): Promise<'left' | Obstacle | undefined> {
  return own.left ? 'left' : obstacleTo(own, [...here, ...(await standingElsewhere(env, facility, own))])
}

export const standingIn = (text: string): Standing[] =>
  (JSON.parse(text) as [Id, string, Acting['grade'], string, Id, string | null, number][]).map(
    ([id, licence, grade, firm, detainee, caseGroup, left]) => ({
      ...{ id, licence, grade, firm, detainee, caseGroup },
      left: left === 1,
    }),
  )
