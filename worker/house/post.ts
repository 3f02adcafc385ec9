// An officer's post: who they are in one house, looked up at every request.
import type { Actor, OfficerRole } from '#db/actor.ts'
import type { Id } from '#db/id.ts'

export interface Post {
  readonly name: string
  readonly actor: Actor & { readonly roles: readonly OfficerRole[] }
}

/** @returns undefined for somebody without a post in this house, or whose post is disabled: both look the same */
export async function postOf(database: D1Database, facility: Id, account: Id): Promise<Post | undefined> {
  const row = await database
    .prepare('SELECT name, roles FROM officer WHERE facility = ?1 AND account = ?2 AND disabled_at IS NULL')
    .bind(facility, account)
    .first<{ name: string; roles: string }>()
  return row
    ? { name: row.name, actor: { account, facility, roles: JSON.parse(row.roles) as OfficerRole[] } }
    : undefined
}
