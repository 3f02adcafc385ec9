// Days that once broke a promise, shortened to what it took: each is played before all others, and breaks its promise
// again when its bug is put back (mutants.ts has it under this name).
import type { Happening, What } from './plan.ts'

export interface Named {
  /** the bug that it found, by its name among the deliberate ones */
  readonly bug: string
  readonly seed: number
  readonly plan: readonly Happening[]
}

const day = (bug: string, seed: number, ...steps: (readonly [what: What, seed: number])[]): Named => ({
  bug,
  seed,
  plan: steps.map(([what, seed]) => ({ what, seed })),
})

/** A heavy letter to one house, while the ledger of another is down. */
const heavyWhileDown = [
  531,
  ['writes', 1967002427],
  ['writes', 1447274208],
  ['writes', 919890587],
  ['exchanges', 1518267753],
  ['writes', 1536616111],
] as const

export const named: readonly Named[] = [
  day('pieces are kept only in the ledger of the first house, also while it is down', ...heavyWhileDown),
  day(
    'a body that was zipped otherwise goes on where the one before had come to',
    453,
    ['writes', 1722143620],
    ['exchanges', 1354189917],
    ['isKilled', 571192271],
    ['exchanges', 936426127],
    ['exchanges', 887844834],
  ),
  day('what is heavy waits for a ledger that is down, whichever house it is for', ...heavyWhileDown),
  day(
    'a kiosk keeps the letter that it refused',
    22,
    ['writes', 288593736],
    ['exchanges', 1185562930],
    ['races', 907062050],
    ['decides', 1690470996],
    ['reads', 1886644646],
    ['decides', 261696050],
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
    305,
    ['writes', 1002367688],
    ['writes', 1477906518],
    ['isKilled', 1617326391],
    ['decides', 647923944],
    ['decides', 1844859499],
    ['losesPower', 693347116],
    ['ledgerFails', 667707068],
    ['races', 665969214],
    ['ledgerFails', 1096648582],
    ['races', 1683027474],
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
    'a letter that was written while its tie ended stays on the phone that asks after it',
    117,
    ['secondDevice', 306818047],
    ['takesBack', 1925531639],
    ['exchanges', 390164088],
    ['exchanges', 344884900],
  ),
  day('of a phone on which nothing waits nothing is noted where its first answer is fast', 91, [
    'isEvicted',
    1799498358,
  ]),
  day(
    'what an older app made is read as if it were one version newer',
    2,
    ['writes', 2045114516],
    ['housesMoveOn', 1632799280],
  ),
  day('an older house carries out what it cannot read', 4, ['appMovesOn', 1799868082]),
  day(
    'a command is another one for each version that reads it',
    7,
    ['isKilled', 1113260990],
    ['exchanges', 1885017328],
    ['takesBack', 1636111302],
    ['races', 1913547321],
    ['ledgerFails', 1799499976],
    ['ledgerFails', 1178041385],
    ['diskIsFull', 12240532],
    ['appMovesOn', 2138500223],
  ),
  day(
    'a newer app says of what an older one made that it is its own',
    7,
    ['races', 1913547321],
    ['appMovesOn', 2138500223],
  ),
  day(
    'what two versions made goes together as if one had',
    36,
    ['secondDevice', 1291087588],
    ['signsIn', 706881453],
    ['appMovesOn', 650698813],
  ),
  day(
    'a step after one that was refused an answer ago is tried all the same',
    3119,
    ['worksByItself', 31277884],
    ['races', 1544960787],
    ['takesBack', 336189876],
    ['exchanges', 1169898709],
    ['appeals', 982955449],
  ),
  day(
    'a letter that came between the look at a tie and its end stays on the phone',
    3332,
    ['reads', 1857377926],
    ['isKilled', 1415961620],
    ['isKilled', 1050419185],
    ['tieEnds', 669210665],
    ['takesBack', 2087972075],
  ),
  day(
    'what has come whole is read by a trip of its own',
    3811,
    ['writes', 1921607089],
    ['sharesConnections', 1835094579],
    ['exchanges', 2102662463],
    ['isKilled', 457609957],
    ['exchanges', 1300965000],
  ),
  day(
    'a day looks at its devices while something that happens besides is still under way',
    7690,
    ['secondTab', 1398205366],
    ['takesBack', 2132667057],
    ['secondDevice', 317728283],
  ),
  day(
    'a phone is said to spin that brings a heavy letter piece by piece',
    6183,
    ['writes', 36010986],
    ['writes', 1465424501],
    ['writes', 142537456],
    ['writes', 1715440259],
    ['secondTab', 1767014682],
    ['writes', 959000872],
    ['worksByItself', 859169623],
  ),
  day(
    'news set a letter back to what it was',
    3382,
    ['writes', 460763084],
    ['minutePasses', 2029626707],
    ['races', 1512405904],
  ),
  day(
    'what was refused meanwhile is written when its ledger wakes',
    58,
    ['writes', 1686807864],
    ['exchanges', 1469842312],
    ['exchanges', 994147027],
    ['exchanges', 308880011],
    ['exchanges', 912074830],
  ),
]
