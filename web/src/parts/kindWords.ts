// The words of each kind of matter, so that what shows all kinds names none.
import type { Kind } from '#db/matters/index.ts'
import type { KindWords } from '#db/words/words.ts'
import { letter } from '#db/words/zh/letter.ts'
import { words } from '#web/look/words.svelte.ts'

/** States and moves by whatever name the house gives them: one that is newer than this app has no word yet. */
export interface SaidOfKind {
  readonly name: string
  readonly states: Readonly<Record<string, string | undefined>>
  readonly moves: Readonly<Record<string, string | undefined>>
  readonly happened: Readonly<Record<string, string | undefined>>
  readonly closed: Readonly<Record<string, string | undefined>>
  readonly next: Readonly<Record<string, ((by?: string) => string) | undefined>>
}

const spoken: Readonly<Record<Kind, () => { readonly now: KindWords<string, string> }>> = {
  letter: () => words(letter, () => import('#db/words/en/letter.ts').then((m) => m.letter)),
}

// Asked for here first, outside of any page: state that is made inside a derived value is not heard by it, and the
// first row of a list would stay in the language of the first paint.
for (const area of Object.values(spoken)) area()

export const kindWords = (kind: Kind): SaidOfKind => spoken[kind]().now
