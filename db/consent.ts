// What somebody of the case-handling body sees and says by a link that answers once.
import * as v from 'valibot'
import type { HouseCard, Kin } from './matter.ts'
import type { Kind } from './matters/index.ts'
import { text } from './text.ts'

const code = v.pipe(v.string(), v.maxLength(100))

/** Agreed, with the number of the paper and until when (UTC milliseconds, null for no end); or refused. */
export const Answer = v.union([
  v.strictObject({
    code,
    answer: v.picklist(['agrees']),
    document: v.pipe(text({ graphemes: 60, bytes: 480 }), v.trim()),
    until: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 53 - 1))),
  }),
  v.strictObject({ code, answer: v.picklist(['refuses']) }),
])
export type Answer = v.InferOutput<typeof Answer>

/** Enough to know which request it is, and no more: of every name the first character. */
export interface LinkLook {
  readonly house: HouseCard
  readonly person: string
  readonly relative: string
  readonly kin: Kin
  readonly kind: Kind
  /** UTC milliseconds */
  readonly expiresAt: number
}
