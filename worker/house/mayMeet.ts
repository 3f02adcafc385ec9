// What a booking asks about a lawyer: the licence as the registry has it now, and the engagement as the house has it.
import type { EngagementTrouble } from '#db/engagement.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Env } from '../env.ts'
import { licenceNow } from '../lawyers/licences.ts'
import type { Registry } from '../outside/licences.ts'
import { obstacleNow, standing } from './acting.ts'

/** How old the registry's word may be where it is silent now: a registry that is down keeps nobody from their lawyer. */
const wordHoldsMs = 2 * 86_400_000

/** Why a lawyer may not be given a meeting now; `silent`: the registry has said nothing for too long. */
export type MayNot = 'notTheirs' | 'notAccepted' | 'silent' | EngagementTrouble

/**
 * Whether a lawyer may meet whom this engagement is for: what each booking asks first, and again when it is confirmed.
 * The licence is looked up now; where the registry is silent, what it said within two days holds.
 *
 * @param now UTC milliseconds
 */
export async function mayMeet(
  env: Env,
  registry: Registry,
  facility: Id,
  account: Id,
  engagement: Id,
  now: number,
): Promise<{ readonly detainee: Id } | { readonly no: MayNot }> {
  const db = ledger(env, facility)
  const row = await db
    .prepare(`SELECT state FROM engagement WHERE id = ? AND facility = ? AND account = ?`)
    .bind(engagement, facility, account)
    .first<{ state: string }>()
  if (!row) return { no: 'notTheirs' }
  if (row.state !== 'accepted') return { no: 'notAccepted' }

  const licence = await licenceNow(env, registry, account, now)
  const heard = licence?.fresh || (licence?.heardAt ?? 0) > now - wordHoldsMs
  if (!licence || !heard) return { no: 'silent' }
  if (licence.standing !== 'valid') return { no: 'licence' }

  // Read after the registry has answered: that may have taken seconds.
  const acting = await standing(db, facility)
  const own = acting.find(({ id }) => id === engagement)
  if (!own) return { no: 'notAccepted' }
  const trouble = await obstacleNow(env, facility, own, acting)
  return trouble ? { no: trouble } : { detainee: own.detainee }
}
