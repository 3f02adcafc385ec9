// What a relative claims, and what they are told of it: that it is checked, since when, and what came of it.
import * as v from 'valibot'
import { endOfDay } from './calendar.ts'
import { Id } from './id.ts'
import { kins } from './kin.ts'
import type { HouseCard, Kin } from './matter.ts'
import { text } from './text.ts'

const personName = v.pipe(text({ graphemes: 40, bytes: 320 }), v.trim())

/** Somebody's day of birth, `1990-03-07`. */
export const Born = v.pipe(
  v.string(),
  v.check((day) => (endOfDay(day) ?? Infinity) < Date.now() && day >= '1900'),
)

/** That somebody is one's family. Its id is made on the phone, so that the same claim sent twice is one. */
export const Claim = v.strictObject({
  id: Id,
  house: Id,
  /** the person inside, as their papers call them */
  person: personName,
  born: Born,
  /** the relative's own name */
  name: personName,
  kin: v.picklist(kins),
})
export type Claim = v.InferOutput<typeof Claim>

/** photos of papers that one claim may bring, and how large each may be: the phone makes it smaller first */
export const mostPapers = 3
export const paperBytes = 1024 * 1024

/** A claim as its maker sees it. Why one was declined is not told: it would say whether somebody is held. */
export interface ClaimCard {
  readonly id: Id
  readonly house: HouseCard
  readonly person: string
  readonly kin: Kin
  /** UTC milliseconds */
  readonly at: number
  /** how many photos of papers came with it */
  readonly papers: number
  readonly outcome: 'accepted' | 'declined' | null
}
