// A day's plan: what happens is a list, and how each thing happens is its own seed, so that a plan can be shortened.
import { chance } from '#test/chance.ts'

/** What can happen, and how often beside the others. */
const weights = {
  writes: 8,
  exchanges: 12,
  decides: 9,
  reads: 5,
  mends: 3,
  takesBack: 1.5,
  appeals: 2.5,
  undoes: 1.5,
  races: 3,
  looksAway: 1,
  timePasses: 3,
  minutePasses: 2,
  isKilled: 2.5,
  losesPower: 2,
  diskIsFull: 1,
  storageCloses: 1,
  secondTab: 2,
  sessionEnds: 1,
  signsIn: 2,
  getsKey: 0.15,
  clockIsSet: 1,
  cursorIsLost: 0.5,
  tieEnds: 0.2,
  worksByItself: 0.6,
  ledgerFails: 1,
  ledgerThaws: 1,
  lateArrives: 1,
} as const

/** What happens on some days, once, and on how many of them. */
const seldom = {
  secondDevice: 0.25,
  oneDatabase: 0.5,
  isEvicted: 0.15,
  looksAway: 0.3, // also in the middle of other days: seldom does anything else make a decision stale
  sharesConnections: 0.4,
  housesMoveOn: 0.3,
  appMovesOn: 0.3,
  wakesInTheMidst: 0.4,
} as const
export type What = keyof typeof weights | keyof typeof seldom

export interface Happening {
  readonly what: What
  readonly seed: number
}

/** @param seed of the day */
export function planOf(seed: number, length = 60): Happening[] {
  const random = chance(seed)
  const names = Object.keys(weights) as (keyof typeof weights)[]
  const total = names.reduce((sum, name) => sum + weights[name], 0)
  const plan = Array.from({ length }, (): Happening => {
    let at = random() * total
    const what = names.find((name) => (at -= weights[name]) < 0) ?? 'exchanges'
    return { what, seed: Math.floor(random() * 2 ** 31) }
  })
  // chances of their own, so that all else stays as it was
  const aside = chance(seed + 29)
  for (const [what, probability] of Object.entries(seldom) as [keyof typeof seldom, number][]) {
    const [hits, at, its] = [aside() < probability, Math.floor(aside() * plan.length), Math.floor(aside() * 2 ** 31)]
    if (hits) plan.splice(at, 0, { what, seed: its })
  }
  return plan
}
