// What the house will probably say: the same pure decision, run here so that a screen answers at once.
import { decide } from '#db/decide.ts'
import type { Step, Tie } from '#db/matter.ts'
import { matters, type Kind } from '#db/matters/index.ts'
import type { Refusal } from '#db/refusal.ts'
import type { KindSettings, Settings } from '#db/settings.ts'
import type { Actor, Role } from '#db/actor.ts'
import type { Command } from '#db/command.ts'
import type { Held, Waiting } from './store.ts'

/** A phone promises no time: by when a step is owed is the house's to say. */
const noPromises: KindSettings = { access: { untried: 'closed', serving: 'closed' }, dueHours: {}, source: '' }
const settings = Object.fromEntries(Object.keys(matters).map((kind) => [kind, noPromises])) as Settings

export type Prediction = { readonly held: Held; readonly step: Step } | { readonly refused: Refusal }

/**
 * @param before the matter as this device knows it, null for one that does not exist yet
 * @param ties the actor's own
 * @returns the matter with the move made, and the step that will be in its timeline once the house has acknowledged it
 */
export function predict(before: Held | null, command: Command, who: Actor, ties: readonly Tie[]): Prediction {
  const decision = decide(before?.matter, command, who, { now: command.at, ties, settings })
  if ('refused' in decision) return decision

  const { matter, facts, content } = decision.done
  const contents = before?.contents ?? []
  return {
    held: {
      ...(before ?? { id: command.matter, steps: [] }),
      matter,
      contents: content ? [...contents, { seq: matter.version, input: content }] : contents,
      waiting: (before?.waiting ?? 0) + 1,
    },
    step: {
      seq: matter.version,
      at: command.at,
      move: command.move,
      state: matter.state,
      role: roleFor(who, command.kind as Kind, command.move),
      facts,
    },
  }
}

/** Runs what waits for a matter over the house's truth again, and says what each command now stands on. */
export function rebase(truth: Held | null, waiting: readonly Waiting[], ties: readonly Tie[]) {
  let held = truth && { ...truth, waiting: 0 }
  const moved: Waiting[] = []
  for (const entry of waiting) {
    moved.push({ ...entry, before: held })
    const prediction = predict(held, entry.command, entry.who, ties)
    // What no longer holds here is still the house's to refuse: it stays on its way, and the matter as it is.
    held = 'held' in prediction ? prediction.held : held && { ...held, waiting: held.waiting + 1 }
  }
  return { held, waiting: moved }
}

function roleFor(who: Actor, kind: Kind, move: string): Role {
  const by = matters[kind].moves.get(move)?.by ?? {}
  return who.roles.find((role) => role in by) ?? 'system'
}
