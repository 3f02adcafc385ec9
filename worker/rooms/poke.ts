// A house's desk, found by its facility.
import type { Id } from '#db/id.ts'
import type { Env } from '#worker/env.ts'
import type { Desk } from './Desk.ts'

export const deskOf = (env: Env, facility: Id): DurableObjectStub<Desk> =>
  (env.DESK as DurableObjectNamespace<Desk>).get((env.DESK as DurableObjectNamespace<Desk>).idFromName(facility))

/**
 * Tells the tablets of a house that there is news, and sees to it that the house's minute runs.
 *
 * @param moved matters whose claims end because they were decided or moved on
 * @param soon whether the minute has something to do at once: a consent came, somebody left
 */
export async function pokeDesk(
  env: Env,
  facility: Id,
  { moved = [], soon = false }: { moved?: readonly Id[]; soon?: boolean },
): Promise<void> {
  await deskOf(env, facility).poke(facility, moved, soon)
}
