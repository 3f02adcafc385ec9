// A minor comes with an adult. Who is one is read off the document that an officer has seen.
// Source: 民法典第十七条, whoever has not reached eighteen is a minor. That a minor writes only while an adult with a tie
// to the same person is named beside theirs is the house's own rule, for want of one in law.
import type { DocumentKind } from './document.ts'

const AGE_YEARS = 18
/** midnight in the houses' zone, before UTC's (ms) */
const ZONE_MS = 8 * 3_600_000

/**
 * @param number as it is kept; a resident card's, or one in its form, says on which day its holder was born
 * @returns when they are of age (UTC milliseconds: the beginning of that birthday); null where it does not say
 */
export function ofAgeAt(kind: DocumentKind, number: string): number | null {
  const found = kind === 'passport' ? null : /^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/.exec(number)
  if (!found) return null
  const [year = 0, month = 0, day = 0] = found.slice(1).map(Number)
  return Date.UTC(year + AGE_YEARS, month - 1, day) - ZONE_MS
}

/** Somebody who comes, or writes: null where nothing says that they are a minor. */
interface Comer {
  readonly ofAgeAt: number | null
}

export const isMinor = (who: Comer, now: number): boolean => who.ofAgeAt !== null && who.ofAgeAt > now

/**
 * Whether those who come to one person together may: where there is a minor among them, there is an adult as well.
 *
 * @param comers all of them with a tie to that person which stands
 */
export const accompanied = (comers: readonly Comer[], now: number): boolean => comers.some((who) => !isMinor(who, now))
