// An officer's post: who they are in one house, looked up at every request.
import type { Actor, OfficerRole } from '#db/actor.ts'
import type { House } from '#db/house.ts'
import type { Id } from '#db/id.ts'

export interface Post {
  readonly name: string
  readonly house: House
  readonly actor: Actor & { readonly roles: readonly OfficerRole[] }
}

/** @returns undefined for somebody without a post in this house, or whose post is disabled: both look the same */
export async function postOf(database: D1Database, facility: Id, account: Id): Promise<Post | undefined> {
  const row = await database
    .prepare(
      `SELECT officer.name AS officer, officer.roles,
              house.id, house.code, house.name, house.kind, house.telephone, house.hours
       FROM officer JOIN house ON house.id = officer.facility
       WHERE officer.facility = ?1 AND officer.account = ?2 AND officer.disabled_at IS NULL`,
    )
    .bind(facility, account)
    .first<House & { readonly officer: string; readonly roles: string }>()
  if (!row) return undefined
  const { officer, roles, ...house } = row
  return { name: officer, house, actor: { account, facility, roles: JSON.parse(roles) as OfficerRole[] } }
}
