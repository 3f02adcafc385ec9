// Looking, printing and exporting are events too, in a log of their own beside each matter (DESIGN §4).
import type { Id } from '#db/id.ts'
import { idFrom } from '#db/record.ts'
import type { Entry } from './append.ts'

export const lookKinds = ['read', 'print', 'export'] as const
export type LookKind = (typeof lookKinds)[number]

/** The chain of the looks at a matter: an id made from the matter's, so that the matter's own chain stays its own. */
export const looksChain = (matter: Id): Id => idFrom(`looks at ${matter}`)

/** @param command the id that the tablet gave the look; one is made where it happened here */
export const looksAt = (matter: Id, how: LookKind, at?: number, command?: Id): Entry => ({
  subject: looksChain(matter),
  move: how,
  facts: at === undefined ? { matter } : { matter, at },
  ...(command && { command }),
})
