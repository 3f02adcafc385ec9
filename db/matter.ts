// A matter as both sides hold it, and what a screen is told about it.
import type { Role } from './actor.ts'
import type { Id } from './id.ts'
import type { kins } from './kin.ts'
import type { Kind } from './matters/index.ts'
import type { Access, Status } from './settings.ts'

/** The current state of one matter: folding its events gives exactly this (invariant LegalOnly). */
export interface Matter {
  readonly id: Id
  readonly facility: Id
  readonly kind: Kind
  /** the kinship under which it was asked for */
  readonly tie: Id
  readonly detainee: Id
  /** whose it is */
  readonly account: Id
  /** who made it in their stead, by a mandate */
  readonly agent?: Id
  readonly state: string
  /** how many events it has: the `seq` of its newest one */
  readonly version: number
  /** the `seq` of the event that brought the content as it stands; a note does not change it */
  readonly edition: number
  /** UTC milliseconds since when it is in this state, by the server's clock */
  readonly since: number
  /** UTC milliseconds by which the next step is owed; null where nobody owes one */
  readonly due: number | null
  /** the officer who decided it last */
  readonly decider: Id | null
  /** whether the decision that stands before it was appealed against */
  readonly appealed: boolean
}

/** Codes, numbers and ids from closed lists only: what people wrote is content, and deletable. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** One step of a timeline, as its reader may see it. */
export interface Step {
  readonly seq: number
  /** UTC milliseconds, the server's clock */
  readonly at: number
  readonly move: string
  /** the state that it led to */
  readonly state: string
  readonly role: Role
  /** the officer's name, for officers; absent for everybody outside */
  readonly name?: string
  /** the name of who made it in the stead of whose matter it is */
  readonly by?: string
  readonly facts: Facts
}

/** What was written or said with one step: a letter, marks, reasons. */
export interface Content {
  readonly seq: number
  readonly input: Readonly<Record<string, unknown>>
}

/** Whom a matter is about, in words for those who may read them. */
export interface About {
  /** name and number of the person inside */
  readonly person: string
  readonly number: string
  readonly cell: string
  readonly status: Status
  /** the relative's name and what they are to the person */
  readonly relative: string
  readonly kin: Kin
  /** who made it in the relative's stead */
  readonly agent?: string
  /** UTC milliseconds until which the relative may ask for nothing new; absent where nothing forbids it */
  readonly bannedUntil?: number
}

export type Kin = (typeof kins)[number]

/** Why somebody is no longer in a house. */
export const leavings = ['released', 'transferred', 'died'] as const
export type Leaving = (typeof leavings)[number]

/** What a house tells everybody about itself: on every refusal, error and help page. */
export interface HouseCard {
  readonly id: Id
  readonly name: string
  readonly telephone: string
  readonly hours: string
}

/** A relative's verified tie to one person inside, with what is open under it now. */
export interface Tie {
  readonly id: Id
  readonly house: HouseCard
  readonly detainee: Id
  /** the person inside */
  readonly name: string
  readonly kin: Kin
  /** per kind of matter; why a kind is closed is not told (DESIGN §3) */
  readonly access: Readonly<Record<Kind, Access>>
  readonly consented: Readonly<Record<Kind, boolean>>
  /** UTC milliseconds until which nothing new may be asked for; absent where nothing forbids it. Why is not told */
  readonly bannedUntil?: number
  /** the name of the other house to which the person is on the way */
  readonly movingTo?: string
  /** whether they have come there: what was open goes on under another tie */
  readonly moved?: true
  /** whose tie it is, where its reader only acts for them, and until when (UTC milliseconds) */
  readonly of?: { readonly account: Id; readonly name: string; readonly until: number }
  /** the tie, or the leave to act under it */
  readonly ended: boolean
}

/** A person as a kiosk of their cell knows them. */
export interface Inmate {
  readonly id: Id
  readonly number: string
  readonly name: string
  /** base64; PBKDF2-SHA-256 with `pinRounds` rounds over the PIN's digits */
  readonly pinSalt: string
  readonly pinHash: string
  /** UTC milliseconds of the last lock and the last opening by an officer; 0 for never */
  readonly lockedAt: number
  readonly openedAt: number
}

/** News for one channel: a matter with the steps and contents since the cursor, a tie, or a person of a cell. */
export type Change =
  | {
      readonly matter: Matter
      readonly steps: readonly Step[]
      readonly contents: readonly Content[]
      readonly about?: About
    }
  | { readonly tie: Tie }
  | { readonly inmate: Inmate }
