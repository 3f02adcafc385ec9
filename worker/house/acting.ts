// Which lawyers act for whom in a house now.
import type { Acting } from '#db/engagement.ts'
import type { Id } from '#db/id.ts'

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

export const standingIn = (text: string): Standing[] =>
  (JSON.parse(text) as [Id, string, Acting['grade'], string, Id, string | null, number][]).map(
    ([id, licence, grade, firm, detainee, caseGroup, left]) => ({
      ...{ id, licence, grade, firm, detainee, caseGroup },
      left: left === 1,
    }),
  )
