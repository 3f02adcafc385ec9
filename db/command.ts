// What travels: the envelope is checked strictly, each command in it on its own, so that a bad one harms no other.
import * as v from 'valibot'
import { Id } from './id.ts'
import type { Change } from './matter.ts'
import type { Refusal } from './refusal.ts'
import type { protocol } from './upcast.ts'

/** Every answer of ours carries this header: what comes without it is a portal's page, not an answer. */
export const marker = 'x-etongban'

/** Whose request this is meant to be. Where it is not theirs any more the answer is 401: no account acts for another. */
export const accountHeader = 'x-etongban-account'

export const maxCommands = 100
export const maxAsk = 200
/** commands of other matters that one command may need */
export const maxNeeds = 10
/** bytes a request body may have on the wire, and after inflating */
export const maxBodyBytes = 1024 * 1024
/**
 * Bytes of changes in one answer, at the phone's own choice between these. Usually all of a family's letters come at
 * once: a second answer costs the link another round, and one that breaks off goes on where it ended.
 */
export const limitBytes = { min: 1024, usual: 192 * 1024, max: 512 * 1024 } as const

const name = v.pipe(v.string(), v.maxLength(40))

/**
 * One move that somebody wants to make. Once on a wire it is frozen. `base` is the edition that was looked at, `at`
 * the phone's clock in UTC milliseconds: a claim. `input` is checked by the move itself. It means nothing without the
 * commands that it `needs`, of the same account and house: until they have taken effect it waits, and where one was
 * refused it is refused too.
 */
export const Command = v.strictObject({
  id: Id,
  facility: Id,
  matter: Id,
  kind: name,
  move: name,
  base: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1e9)),
  at: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 53 - 1)),
  input: v.optional(v.record(v.string(), v.unknown())),
  needs: v.optional(v.pipe(v.array(Id), v.maxLength(maxNeeds))),
})
export type Command = v.InferOutput<typeof Command>

const position = v.pipe(v.number(), v.integer(), v.minValue(0))

/**
 * How far a device has read the feed of a facility. In the middle of catching up it is two, `[position, since]`: of a
 * matter to which it has not come yet it has heard nothing since the position at which it began.
 */
const Place = v.union([position, v.pipe(v.strictTuple([position, position]), v.readonly())])
export type Place = number | readonly [position: number, since: number]
/** Of a device that has caught up both are the same. */
export const reached = (place: Place) => (typeof place === 'number' ? ([place, place] as const) : place)

const Cursor = v.record(Id, Place)
export type Cursor = Record<Id, Place>

export const SyncRequest = v.strictObject({
  v: v.pipe(v.number(), v.integer(), v.minValue(1)),
  cursor: Cursor,
  /** bytes of news that one answer may hold; 0 where only fates are wanted */
  limit: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limitBytes.max)),
  /** commands that were on a wire and whose fate is not known: each `{id, facility}` */
  ask: v.pipe(v.array(v.strictObject({ id: Id, facility: Id })), v.maxLength(maxAsk)),
  commands: v.pipe(v.array(v.unknown()), v.maxLength(maxCommands)),
})
export type SyncRequest = v.InferOutput<typeof SyncRequest>

/**
 * What became of one command, by position.
 * `done` is thin: no echo of bodies. `hash` is the event's, as the record keeps it, base64.
 * `unknown` answers only an `ask`: it never came, or wrote nothing; send it again.
 */
export type Result =
  | {
      readonly done: {
        readonly version: number
        readonly state: string
        readonly at: number
        readonly due: number | null
        readonly hash: string
      }
    }
  | { readonly refused: Refusal }
  | { readonly retry: { readonly afterMs: number } }
  /** a command that it needs has not come: nothing was written */
  | { readonly wait: { readonly on: Id } }
  | { readonly unknown: true }

/**
 * Written in lines, so that one that breaks off in the middle is read as far as it came: each fate has one of its own,
 * and then each change.
 */
export interface SyncAnswer {
  readonly v: typeof protocol
  /** for `ask`, then for `commands`, each by position */
  readonly asked: readonly Result[]
  readonly results: readonly Result[]
  /** matters and ties that this reader may no longer see */
  readonly gone: readonly Id[]
  readonly cursor: Cursor
  /** the feed holds more than `limit` let through: come again at once */
  readonly more: boolean
  /** one Ed25519 signature, base64, over the event hashes of `results` in order; absent where nothing was done */
  readonly receipt?: string
  /** where the changes stand in the news of which house, in their order; absent where there are none */
  readonly places?: readonly Places[]
  readonly changes: readonly Change[]
}

/**
 * A device that has kept all changes before one of them may put its cursor at `[position, since]` of that one. The
 * positions grow by little: each is told as its distance from the one before, the first from 0.
 */
export interface Places {
  readonly facility: Id
  readonly since: number
  readonly apart: readonly number[]
}
