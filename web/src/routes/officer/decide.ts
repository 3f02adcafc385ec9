// An officer's decision: a move like a relative's, made on this device, kept ten seconds before it is sent.
import type { Actor } from '#db/actor.ts'
import type { Id } from '#db/id.ts'
import { make, type Made } from '#web/outbox/make.ts'
import { undo } from '#web/outbox/undo.ts'
import type { Held, Store, Waiting } from '#web/outbox/store.ts'

/** In this time a decision can be taken back as if it had never been made. */
const holdMs = 10_000

/**
 * @param edition the edition that was on the screen: one that came since is not decided unseen
 */
export const decideOn = (
  store: Store,
  who: Actor,
  held: Held,
  edition: number,
  move: string,
  input: Record<string, unknown> | undefined,
  now: number,
): Promise<Made> =>
  make(
    store,
    who,
    {
      facility: held.matter.facility,
      matter: held.id,
      kind: held.matter.kind,
      move,
      base: edition,
      ...(input && { input }),
    },
    now,
    { holdMs },
  )

/** What can still be undone, the newest first. */
export async function undoable(store: Store, now: number): Promise<{ entry: Waiting; who: string | undefined }[]> {
  const entries = await store.outbox.where('state').equals('new').toArray()
  return entries
    .filter(({ notBefore }) => notBefore > now && notBefore <= now + holdMs)
    .reverse()
    .map((entry) => ({ entry, who: entry.before?.about?.person }))
}

/**
 * Takes a decision back. The marks that it was made with are there again, to be mended.
 *
 * @returns false where it has left this device
 */
export async function takeBack(store: Store, { id, command }: Waiting): Promise<boolean> {
  const marks = command.input?.['marks']
  // They are there before the letter is, whose screen reads them as soon as it is back.
  if (marks) await store.meta.put({ key: marksKey(command.matter, command.base), value: marks })
  return undo(store, id)
}

/** Marks are kept while they are made: a tablet that falls asleep loses none. */
export const marksKey = (matter: Id, edition: number): string => `marks/${matter}/${edition}`
