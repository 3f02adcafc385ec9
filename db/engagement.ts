// That a lawyer acts for somebody inside (委托): what they say, where it stands, and what stands in its way.
import * as v from 'valibot'
import { Born } from './claim.ts'
import { Id } from './id.ts'
import type { Grade, Standing } from './licence.ts'
import type { HouseCard } from './matter.ts'
import { text } from './text.ts'

/** 委托书 · 法律援助公函 */
export const grounds = ['entrusted', 'legalAid'] as const
export type Ground = (typeof grounds)[number]
export type EngagementState = 'checking' | 'accepted' | 'declined' | 'ended'

/** That one acts for somebody. Its id is made in the browser, so that the same one sent twice is one. */
export const AskEngagement = v.strictObject({
  id: Id,
  house: Id,
  /** the person inside, as the papers call them */
  person: v.pipe(text({ graphemes: 40, bytes: 320 }), v.trim()),
  born: Born,
  ground: v.picklist(grounds),
})
export type AskEngagement = v.InferOutput<typeof AskEngagement>

/** 刑事诉讼法（2018）第三十三条: one or two defenders; a trainee may help them. */
const mostLawyers = 2
const mostTrainees = 1

/** One that stands, as the rule sees it. */
export interface Acting {
  readonly id: Id
  /** of the licence, whatever the account */
  readonly licence: string
  readonly grade: Grade
  readonly firm: string
  readonly detainee: Id
  /** null where no case was named */
  readonly caseGroup: string | null
}

export type Obstacle = 'already' | 'sameCase' | 'twoLawyers' | 'oneTrainee' | 'traineeAlone'

/**
 * What keeps a lawyer from acting for somebody, beside what acts already: no more than the law allows for one person, a
 * trainee never without a lawyer of their firm, and one lawyer never for two who are accused in one case.
 *
 * @param wanted the one in question; where it stands already it is passed over among the others
 * @param others all that stand for the same person, and all of the same licence
 */
export function obstacleTo(wanted: Acting, others: readonly Acting[]): Obstacle | undefined {
  const beside = others.filter(({ id }) => id !== wanted.id)
  const forThem = beside.filter(({ detainee }) => detainee === wanted.detainee)
  const own = beside.filter(({ licence }) => licence === wanted.licence)
  if (forThem.some(({ licence }) => licence === wanted.licence)) return 'already'
  if (own.some((one) => one.detainee !== wanted.detainee && inOneCase(one, wanted))) return 'sameCase'
  const lawyers = forThem.filter(({ grade }) => grade === 'lawyer')
  if (wanted.grade === 'lawyer') return lawyers.length >= mostLawyers ? 'twoLawyers' : undefined
  if (forThem.length - lawyers.length >= mostTrainees) return 'oneTrainee'
  return lawyers.some(({ firm }) => firm === wanted.firm) ? undefined : 'traineeAlone'
}

const inOneCase = (one: Acting, other: Acting) => one.caseGroup !== null && one.caseGroup === other.caseGroup

/** A case's number as it is kept, from how somebody typed it. */
export const normalCase = (typed: string): string => typed.normalize('NFKC').toUpperCase().replace(/\s/g, '')

/** Why the desk declines one: for officers, but that papers are missing, which says nothing of who is held. */
export const engagementDeclines = ['papers', 'nobody', 'twoLawyers', 'sameCase', 'other'] as const
/** Why one ends. */
export const engagementEnds = ['revoked', 'finished', 'replaced', 'other'] as const

/** What keeps an accepted one from being used now. */
export type EngagementTrouble = 'licence' | 'left' | Obstacle

/** One as its lawyer sees it. */
export interface EngagementCard {
  readonly id: Id
  readonly house: HouseCard
  readonly person: string
  readonly ground: Ground
  readonly at: number // UTC milliseconds
  readonly papers: number
  readonly state: EngagementState
  /** whether it was declined for want of papers; why else is not told */
  readonly papersMissing: boolean
  readonly trouble: EngagementTrouble | null
}

/** One as the house's officers see it, while it is checked or stands. */
export interface EngagementView {
  readonly id: Id
  readonly name: string
  readonly firm: string
  readonly grade: Grade
  readonly person: string
  readonly born: string
  readonly ground: Ground
  readonly at: number // UTC milliseconds
  readonly state: 'checking' | 'accepted'
  /** for whom it was accepted */
  readonly detainee: Id | null
  readonly licenceTrouble: Exclude<Standing, 'valid'> | null
  readonly obstacle: Obstacle | null
  /** the photos of papers, by hash */
  readonly papers: readonly string[]
  /** people inside with the same day of birth and a near name, the nearest first */
  readonly near: readonly Id[]
}
