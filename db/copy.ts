// A copy of all that is held about somebody, as they get it.
import * as v from 'valibot'
import { normalNumber } from './document.ts'
import type { HouseCard } from './matter.ts'
import { Assertion } from './passkey.ts'

/** How whoever asks proves that it is them, and not somebody else with their phone: one of the two. */
export const AskForCopy = v.strictObject({
  lastSix: v.optional(v.pipe(v.string(), v.maxLength(20), v.transform(normalNumber), v.regex(/^[A-Z0-9]{6}$/))),
  credential: v.optional(Assertion),
})

export const copyFormat = 'etongban-copy/1'

/** What one table holds of somebody: a row each, by the names of its columns. */
export type Tables = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

export interface Copy {
  readonly format: typeof copyFormat
  /** UTC milliseconds; all times in a copy are such */
  readonly at: number
  readonly of: 'relative' | 'person'
  /** of their account; empty for somebody inside */
  readonly account: Tables
  readonly houses: readonly { readonly house: HouseCard; readonly tables: Tables }[]
  /** what is held and not told, by table and column, with the reason */
  readonly notTold: Readonly<Record<'secret' | 'officers', readonly string[]>>
}

/** Both forms of it: for a machine, and for paper. */
export interface Copied {
  readonly copy: Copy
  /** a page of HTML that needs nothing else */
  readonly page: string
}
