// Days that once broke a promise, shortened to what it took: each is played before all others, and breaks its promise
// again when its bug is put back (mutants.ts has it under this name).
import type { Happening, What } from './plan.ts'

export interface Named {
  /** the bug that it found, by its name among the deliberate ones */
  readonly bug: string
  readonly seed: number
  readonly plan: readonly Happening[]
}

const day = (bug: string, seed: number, ...steps: [what: What, seed: number][]): Named => ({
  bug,
  seed,
  plan: steps.map(([what, seed]) => ({ what, seed })),
})

export const named: readonly Named[] = [
  day(
    'a kiosk keeps the letter that it refused',
    13,
    ['reads', 1408350141],
    ['exchanges', 784524634],
    ['exchanges', 1507376261],
    ['decides', 253933734],
    ['clockIsSet', 249631312],
    ['exchanges', 1630011295],
    ['exchanges', 809323333],
  ),
  day(
    'what the house does not know yet may be undone, though it may be under way',
    3,
    ['writes', 1027161177],
    ['secondTab', 1294871691],
    ['secondTab', 740508162],
  ),
  day(
    'a place beyond the last event is believed',
    52,
    ['writes', 1382689853],
    ['exchanges', 1827166927],
    ['races', 458586600],
    ['cursorIsLost', 285783092],
  ),
  day(
    'the same request twice in a millisecond is counted twice',
    17,
    ['races', 1586722686],
    ['worksByItself', 579835851],
    ['looksAway', 1102677637],
    ['races', 84126736],
    ['decides', 1031897053],
  ),
  day(
    'a house in trouble is asked every few seconds for as long as it lasts',
    1,
    ['ledgerFails', 603665176],
    ['worksByItself', 1982838609],
  ),
  day(
    'nobody ends the turn of a frozen tab',
    4,
    ['writes', 514506296],
    ['exchanges', 1521878792],
    ['worksByItself', 1660290084],
  ),
  day(
    'a page ends where a letter was last heard of, and passes over what happened to it before',
    166,
    ['writes', 1380744773],
    ['writes', 524087031],
    ['exchanges', 587515118],
    ['races', 1684179567],
    ['races', 618366193],
    ['takesBack', 1164443519],
  ),
]
