// What a reviewer needs to know of a letter's story before deciding it, read out of its steps and contents.
import type { Letter, Mark } from '#db/matters/letter.ts'
import type { Content, Step } from '#db/matter.ts'
import type { Held } from '#web/outbox/store.ts'

/** The text as it stands, where this reader may see it and has it. */
export const bodyOf = (held: Held): string | undefined => bodyIn(contentAt(held, held.matter.edition))

/** The edition that was sent back before the one that stands, with the marks it was sent back for. */
export function returnedBefore(held: Held): { body: string; marks: readonly Mark[] } | undefined {
  const returned = lastStep(held, (step) => step.move === 'return' && step.seq < held.matter.edition)
  if (!returned) return undefined
  const older = [...held.contents].reverse().find(({ seq, input }) => seq < returned.seq && 'body' in input)
  const body = bodyIn(older)
  if (body === undefined) return undefined
  return { body, marks: (contentAt(held, returned.seq)?.input['marks'] ?? []) as readonly Mark[] }
}

/** Whether something of that story has not come to this device yet: a page of the queue brings only what is newest. */
export const isPartial = (held: Held): boolean =>
  held.matter.version > held.steps.length + held.waiting ||
  bodyOf(held) === undefined ||
  (held.steps.some(({ move }) => move === 'return') && returnedBefore(held) === undefined)

/** What the writer said against the decision that stood. */
export function appealOf(held: Held): string | undefined {
  const appeal = held.matter.appealed ? lastStep(held, ({ move }) => move === 'appeal') : undefined
  return appeal && (contentAt(held, appeal.seq)?.input['why'] as string | undefined)
}

/** The step that decided a matter over somebody's head: the newest one that this officer did not make. */
export const newestStep = (held: Held): Step | undefined => held.steps.at(-1)

const contentAt = ({ contents }: Held, at: number): Content | undefined => contents.find(({ seq }) => seq === at)

const bodyIn = (content: Content | undefined): string | undefined =>
  (content?.input as Partial<Letter> | undefined)?.body

const lastStep = ({ steps }: Held, wanted: (step: Step) => boolean): Step | undefined =>
  [...steps].reverse().find(wanted)
