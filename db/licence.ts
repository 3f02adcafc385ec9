// A lawyer's licence (律师执业证), and the certificate of a trainee (实习证): what their numbers say, and how they stand.

/** A lawyer, or somebody who learns with one and never acts alone. */
export const grades = ['lawyer', 'trainee'] as const
export type Grade = (typeof grades)[number]

/**
 * What the registry says. `notFound`: it knows no such number. `differs`: it knows the number, and name or document are
 * not those of its holder; how that licence stands is then not told.
 */
export const standings = ['valid', 'suspended', 'struckOff', 'differs', 'notFound'] as const
export type Standing = (typeof standings)[number]

/** GB/T 2260: the first two places of a province, a municipality or an autonomous region. */
const provinces = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82'.split(' '),
)
/** Licences were given again from then on (律师暂行条例, 1980, and a year before it). */
const FIRST_YEAR = 1979

/**
 * Seventeen digits without a check digit: 1 for a person's licence (2 is a firm's), province and city, the year in which
 * it was first given, the sort of practice (1 专职 … 9), the holder's sex (0 or 1), six of chance.
 * Source: 司法部律师执业证号编制规则（2010）, at second hand.
 */
export function isLicence(number: string): boolean {
  const [, province = '', year] = /^1(\d\d)\d\d(\d{4})[1-9][01]\d{6}$/.exec(number) ?? []
  return provinces.has(province) && Number(year) >= FIRST_YEAR && Number(year) <= new Date().getUTCFullYear()
}

/**
 * Fourteen digits: the bar association of a province by its own code, the city's, year and month, sex (1 or 2), sort of
 * practice (1 专职, 2 兼职), four of a series. Source: 申请律师执业人员实习证编号, as two provinces publish it.
 */
export const isTraineeNumber = (number: string): boolean => /^\d{6}(0[1-9]|1[0-2])[12][12]\d{4}$/.test(number)

export const licenceLooksRight: Readonly<Record<Grade, (number: string) => boolean>> = {
  lawyer: isLicence,
  trainee: isTraineeNumber,
}

/** What a lawyer's own page says of their licence. */
export interface LawyerCard {
  readonly grade: Grade
  /** all but its last four places hidden */
  readonly licence: string
  readonly firm: string
  readonly name: string
  /** null while the registry has not answered yet */
  readonly standing: Standing | null
  readonly heardAt: number | null // UTC milliseconds
}
