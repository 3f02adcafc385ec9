// What a kiosk says to its house, and is told, beside the letters: those travel through sync like everybody's.
import * as v from 'valibot'
import { Id } from './id.ts'
import type { HouseCard } from './matter.ts'

/** What an enrolled device is. */
export interface KioskCard {
  readonly kiosk: Id
  readonly cell: string
  readonly name: string
  readonly house: HouseCard
}

/** An officer has typed the code; the key is the public half of the one that the device has just made. */
export const Enrolling = v.strictObject({
  code: v.pipe(v.string(), v.maxLength(100)),
  /** the point on P-256, 65 bytes, base64 */
  key: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{87}=$/)),
})

/** Cloudflare allows no more than 100,000 rounds in a Worker. */
export const pinRounds = 100_000
export const pinTries = 5

const moment = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 53 - 1))

/** Five wrong PINs in a row. A kiosk's clock is a claim, so what counts is which opening it had heard of. */
export const Lock = v.strictObject({
  /** the same lock told twice is one lock */
  id: Id,
  person: Id,
  /** UTC milliseconds, the kiosk's clock */
  at: moment,
  /** the newest opening that the kiosk knew of when it locked (`Inmate.openedAt`): only a later one opens this lock */
  opened: moment,
})
export type Lock = v.InferOutput<typeof Lock>

export const Locks = v.strictObject({ locks: v.pipe(v.array(Lock), v.minLength(1), v.maxLength(50)) })
