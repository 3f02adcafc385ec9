// What happens in the houses themselves: their minute, ties that end, ledgers that fail.
import { minute } from '#worker/minute.ts'
import { endsTie, envOf, type House } from './cast.ts'
import type { Stage } from './stage.ts'

export const minuteOf = ({ clock }: Stage, house: House) => minute(envOf([house]), house.facility, clock.now)

/** @param besides whether something else is under way meanwhile */
export async function tieEnds({ chances, devices, houses, clock }: Stage, besides: boolean): Promise<void> {
  if (besides && !chances.hits(0.1)) return
  const relative = chances.one(devices.filter(({ kind }) => kind === 'relative'))
  await endsTie(chances.one(houses), relative.me.account, clock.now)
    .then(() => chances.met(besides ? 'tieEndedInSync' : 'tieEnded'))
    .catch(() => undefined) // its ledger failed: nothing of it was written
}

/** What hung is written after all, long after everybody has gone. */
export async function thaws({ chances }: Stage, { ledger }: Pick<House, 'ledger'>): Promise<void> {
  const [write] = ledger.stalled.splice(chances.below(ledger.stalled.length), 1)
  if (!write) return
  try {
    await write()
    chances.met('stalledWroteLate')
  } catch {
    chances.met('stalledLostLate') // its chain had moved on
  }
}
