// What this phone knows of its claims: asked of the houses, and kept like everything else of an account.
import type { ClaimCard } from '#db/claim.ts'
import type { HouseCard } from '#db/matter.ts'
import { myStore } from '#web/outbox/me.ts'
import { putMeta } from '#web/outbox/store.ts'
import { ask } from '#web/parts/ask.ts'

/** Where no answer comes, what is known stays. */
export async function hearClaims(): Promise<void> {
  const heard = await ask<{ claims: ClaimCard[] }>('/api/claims')
  if ('answer' in heard) await putMeta(myStore(), 'claims', heard.answer.claims)
}

/** The houses that there are; undefined where no answer came. */
export async function hearHouses(): Promise<HouseCard[] | undefined> {
  const heard = await ask<{ houses: HouseCard[] }>('/api/claims/houses')
  if (!('answer' in heard)) return undefined
  await putMeta(myStore(), 'houses', heard.answer.houses)
  return heard.answer.houses
}
