// A letter as it is read off what this device holds of its matter.
import type { Content } from '#db/matter.ts'
import type { Mark, Reason } from '#db/matters/letter.ts'
import type { Held } from '#web/outbox/store.ts'

/** The text as it stands; empty where this reader has only the cover. */
export const bodyOf = ({ matter, contents }: Held): string => (at(contents, matter.edition)?.['body'] ?? '') as string

/** The passages that were marked when the letter was last returned, with the text they point into. */
export function marksOf(held: Held): { readonly body: string; readonly marks: readonly Mark[] } {
  return { body: bodyOf(held), marks: (last(held, 'return')?.['marks'] ?? []) as readonly Mark[] }
}

/** Why it was not passed on, and what the officer said beside it. */
export function withheldOf(held: Held): { readonly reasons: readonly Reason[]; readonly note: string } | undefined {
  const withheld = last(held, 'withhold')
  return withheld && { reasons: withheld['reasons'] as readonly Reason[], note: withheld['note'] as string }
}

/** What was said with the newest step of a move. */
function last(held: Held, move: string): Content['input'] | undefined {
  const seq = Math.max(0, ...held.steps.filter((step) => step.move === move).map((step) => step.seq))
  return at(held.contents, seq)
}

const at = (contents: readonly Content[], seq: number): Content['input'] | undefined =>
  contents.find((content) => content.seq === seq)?.input
