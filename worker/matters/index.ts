// What moves do in the world, beside their event: one file per kind.
import type { Id } from '#db/id.ts'
import type { MoveOf } from '#db/lifecycle.ts'
import type { Matter } from '#db/matter.ts'
import type { Kind, matters } from '#db/matters/index.ts'
import { letter } from './letter.ts'

/** Something that a step brings about in the ledger, in the same write as its event. */
export interface Effect {
  /** the case-handling body's standing leave */
  readonly consent: {
    readonly tie: Id
    readonly detainee: Id
    readonly account: Id
    readonly kind: Kind
    /** UTC milliseconds; null for no end */
    readonly until: number | null
    readonly document: string
  }
}

type EffectOf = (after: Matter, said: Readonly<Record<string, unknown>>, now: number) => readonly Effect[]
export type EffectsOf<Name extends Kind> = Readonly<Partial<Record<MoveOf<(typeof matters)[Name]>, EffectOf>>>

const effects: ReadonlyMap<string, EffectOf> = new Map(
  Object.entries({ letter }).flatMap(([kind, moves]) =>
    Object.entries(moves).map(([move, effect]): [string, EffectOf] => [`${kind} ${move}`, effect]),
  ),
)

/** @param said the input that came with the move, checked */
export const effectsOf = (
  after: Matter,
  move: string,
  said: Readonly<Record<string, unknown>>,
  now: number,
): readonly Effect[] => effects.get(`${after.kind} ${move}`)?.(after, said, now) ?? []
