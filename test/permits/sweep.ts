// Every cell of both matrices, tried as everybody over HTTP: who may come in where, who may move what in which state, and
// who may read how much of it. What is not named must be refused, and refused like what does not exist.
import { attackDesks } from './desks.ts'
import { attackDoors } from './doors.ts'
import { attackLawyers } from './lawyers.ts'
import { attackMoves } from './moves.ts'
import type { Province } from './province.ts'
import { attackReads, attackViews } from './reads.ts'
import { requests } from './requests.ts'
import { routes } from './routes.ts'
import { Tally, type Swept } from './tally.ts'

const parts = {
  moves: attackMoves,
  reads: attackReads,
  views: attackViews,
  lawyers: attackLawyers,
  desks: attackDesks,
  // last: whoever may come in changes what the others are about
  doors: attackDoors,
}

/** @param told how long each part has taken, milliseconds */
export async function sweep(province: Province, told?: (part: string, ms: number) => void): Promise<Swept> {
  const tally = new Tally()
  for (const [part, attack] of Object.entries(parts)) {
    const began = performance.now()
    await attack(province, tally)
    told?.(part, performance.now() - began)
  }
  return tally
}

/** Routes for which no request is known: a new one has to be tried too. */
export const untried = (): string[] => routes().flatMap(({ name }) => (requests.has(name) ? [] : name))
