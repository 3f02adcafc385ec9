// What every language must say: the Chinese files are the model, and the compiler compares each other language with them.

/** The same keys with any strings, and functions with the same arguments. */
export type Words<Model> = {
  readonly [Key in keyof Model]: Model[Key] extends string
    ? string
    : Model[Key] extends (...given: infer Given) => string
      ? (...given: Given) => string
      : Words<Model[Key]>
}

/** What the clock and the rules alone do has no button. */
type ByItself = 'follow' | 'proceed' | 'suspend' | 'expire' | 'close'

/** What each kind of matter has a word for: its states, its moves, and what comes next in each state. */
export interface KindWords<State extends string, Move extends string> {
  readonly name: string
  readonly states: Readonly<Record<State, string>>
  /** what a button says */
  readonly moves: Readonly<Record<Exclude<Move, ByItself>, string>>
  /** what a timeline says once it has happened */
  readonly happened: Readonly<Record<Move, string>>
  /** what it says instead of `happened.close`, by why it was closed */
  readonly closed: Readonly<Record<string, string>>
  /** what comes next; `by` is a date and time, already in words, where somebody owes it */
  readonly next: Readonly<Record<State, (by?: string) => string>>
}
