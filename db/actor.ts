// Who asks, and what they are to a matter. The lifecycles name these relations; what they do not name is forbidden.
import type { Id } from './id.ts'
import type { Matter } from './matter.ts'

export const officerRoles = ['reviewer', 'desk', 'duty', 'keeper', 'leader', 'admin', 'oversight'] as const
export type OfficerRole = (typeof officerRoles)[number]
/** `caseHandler`: somebody of the case-handling body, by a link that answers once; they make no move of a matter */
export type Role = 'relative' | 'lawyer' | OfficerRole | 'kiosk' | 'caseHandler' | 'system'

/** Somebody, or a device, acting in one facility. */
export interface Actor {
  /** the account; a kiosk acts under its own id, the minute under the facility's */
  readonly account: Id
  readonly facility: Id
  readonly roles: readonly Role[]
  /** for a kiosk: the people of its cell, whose letters it may show */
  readonly people?: readonly Id[]
}

/** What somebody must be to a matter to make a move. */
export type Relation = (who: Actor, matter: Matter) => boolean

/** Theirs, or made by them in somebody's stead; whether that leave still stands is asked where it is decided. */
export const own: Relation = (who, matter) => matter.account === who.account || matter.agent === who.account

export const anyone: Relation = () => true

/** After an appeal somebody else must decide (DESIGN §3). */
export const freshEyes: Relation = (who, matter) => !matter.appealed || matter.decider !== who.account

/** Only the one who decided may take a decision back. */
export const decider: Relation = (who, matter) => matter.decider === who.account

export const theirCell: Relation = (who, matter) => who.people?.includes(matter.detainee) ?? false
