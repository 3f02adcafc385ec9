// The export of a house's record: one JSON object a line, in the order below. Signed heads come before the events, so
// that a reader of any length of record holds each event against what was signed as it goes by.
import type { Id } from '#db/id.ts'
import type { Matter } from '#db/matter.ts'

export const format = 'etongban-record/1'

/** A signed head with the hashes of the events since the head before it, sealed with it. */
export interface Head {
  readonly size: number
  /** UTC milliseconds */
  readonly at: number
  readonly note: string
  /** 32 bytes each, base64 */
  readonly leaves: string
  readonly seal: string
}

export interface EventLine {
  readonly matter: Id
  readonly seq: number
  readonly position: number
  /** RFC 8785 JSON, byte for byte as it was hashed */
  readonly body: string
  readonly hash: string
  /** what people wrote with it, where that still exists */
  readonly said: { readonly salt: string; readonly body: string } | null
}

export type MatterLine = Matter & { readonly awaits: string | null }

export interface DailyLine {
  /** YYYY-MM-DD in the house's zone */
  readonly day: string
  readonly kind: string
  readonly move: string
  readonly count: number
}

export type Line =
  | { readonly record: typeof format; readonly house: Id; readonly code: string; readonly at: number }
  | { readonly head: Head }
  | { readonly event: EventLine }
  /** a text that belongs to no event */
  | { readonly stray: { readonly matter: Id; readonly seq: number } }
  | { readonly matter: MatterLine }
  | { readonly daily: DailyLine }
  /** how many lines stand before this last one: a file that was cut off on its way lacks it */
  | { readonly end: number }
