// What somebody proves by who they are, and what its number looks like.
/** 居民身份证 · 护照 · 港澳台通行证和居住证 · 外国人永久居留身份证 */
export const documentKinds = ['residentCard', 'passport', 'hmtPass', 'residencePermit'] as const
export type DocumentKind = (typeof documentKinds)[number]

/** Eighteen places, the last of which checks the others: GB 11643-1999, ISO 7064 MOD 11-2. */
export function isCitizenNumber(number: string): boolean {
  if (!/^\d{17}[\dX]$/.test(number) || !isDate(number.slice(6, 14))) return false
  const sum = [...number].reduce((sum, place, at) => sum + (place === 'X' ? 10 : Number(place)) * 2 ** (17 - at), 0)
  return sum % 11 === 1
}

/** @param digits YYYYMMDD */
function isDate(digits: string): boolean {
  const date = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`
  const at = Date.parse(date)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date) && /^(19|20)/.test(digits)
}

export const looksRight: Readonly<Record<DocumentKind, (number: string) => boolean>> = {
  residentCard: isCitizenNumber,
  passport: (number) => /^[A-Z0-9]{6,12}$/.test(number),
  // 港澳: a letter and eight digits, two more on older ones. 台: eight digits. A residence card has a citizen's number.
  hmtPass: (number) => /^[HM]\d{8}(\d{2})?$|^\d{8}$/.test(number) || isCitizenNumber(number),
  // since 2023 a citizen's number that begins with 9
  residencePermit: (number) => /^[A-Z]{3}\d{12}$/.test(number) || isCitizenNumber(number),
}

/** A number as it is kept, from how somebody typed it. */
export const normalNumber = (typed: string): string => typed.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '')

/** What screens are told of it. */
export interface StatedDocument {
  readonly kind: DocumentKind
  /** all but its last four places hidden */
  readonly number: string
  readonly name: string
  readonly statedAt: number // UTC milliseconds
  /** when an officer saw the paper, UTC milliseconds; null before */
  readonly checkedAt: number | null
}

/** For a screen that others may look at: the last four places. */
export const maskedNumber = (number: string): string =>
  `${'•'.repeat(Math.max(0, number.length - 4))}${number.slice(-4)}`
