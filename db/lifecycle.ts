// A lifecycle is a table, read aloud: which move leads from where to where, and by whom. The phone draws its
// buttons with it, the server decides with it.
import type * as v from 'valibot'
import type { Relation, Role } from './actor.ts'
import type { Facts } from './matter.ts'

export type Input = v.GenericSchema<unknown, Record<string, unknown>>

export interface Move<State extends string = string> {
  readonly from: readonly State[]
  readonly to: State
  readonly by: Readonly<Partial<Record<Role, Relation>>>
  /** `sees`: refused as stale when the content moved since it was looked at. `stands`: good if the state allows it. */
  readonly needs: 'sees' | 'stands'
  /** what may be said with it; a move that names no input takes none */
  readonly input?: Input
  /** which closed-list facts of the input the record keeps for ever */
  readonly facts?: (input: Record<string, unknown>) => Facts
  /** its input is the matter's new content, and what `sees` looks at */
  readonly writes?: true
  /** a request: consent and closure of the kind are looked at before it */
  readonly asks?: true
  /** an officer's decision on the content */
  readonly decides?: true
  /** against the decision that stands */
  readonly appeals?: true
}

/** Who may read a matter, by role: in these states, all of it or only its cover (who and when, no content). */
export interface Reading<State extends string = string> {
  readonly states: readonly State[] | 'all'
  readonly what: 'all' | 'cover'
}

interface Table<State extends string, Name extends string> {
  readonly states: readonly State[]
  readonly moves: Readonly<Record<Name, Move<NoInfer<State>>>>
  /** whose queue a matter stands in while it is in a state */
  readonly awaits: Readonly<Partial<Record<NoInfer<State>, Role>>>
  /** from these nothing more comes by itself */
  readonly finished: readonly NoInfer<State>[]
  readonly reads: Readonly<Partial<Record<Role, Reading<NoInfer<State>>>>>
}

/** A lifecycle as its readers use it. Names from outside are looked up in a Map: `constructor` is no move. */
export interface Lifecycle<State extends string = string, Name extends string = string> {
  readonly states: readonly State[]
  readonly moves: ReadonlyMap<string, Move>
  readonly awaits: ReadonlyMap<string, Role>
  readonly finished: ReadonlySet<string>
  readonly reads: ReadonlyMap<Role, Reading>
  /** for types only: the names that the words files must have a word for */
  readonly name?: Name
}

export function lifecycle<const State extends string, const Name extends string>(
  table: Table<State, Name>,
): Lifecycle<State, Name> {
  return {
    states: table.states,
    moves: new Map<string, Move>(Object.entries<Move>(table.moves)),
    awaits: new Map(Object.entries(table.awaits) as [string, Role][]),
    finished: new Set<string>(table.finished),
    reads: new Map(Object.entries(table.reads) as [Role, Reading][]),
  }
}

export type StateOf<L> = L extends Lifecycle<infer State, string> ? State : never
export type MoveOf<L> = L extends Lifecycle<string, infer Name> ? Name : never
