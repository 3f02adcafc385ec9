// The kinds of matter. A new kind starts as a line here; the compiler then names each file still missing.
import { letter } from './letter.ts'
import type { Lifecycle } from '../lifecycle.ts'

export const matters = { letter }

export type Kind = keyof typeof matters

/** For names from outside: `constructor` is no kind. */
export const kinds: ReadonlyMap<string, Lifecycle> = new Map<string, Lifecycle>(Object.entries(matters))
