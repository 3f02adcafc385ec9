// The way back: what has not left is as if it had never been done, and a letter is its writer's again.
import type { Actor } from '#db/actor.ts'
import type { Id } from '#db/id.ts'
import { saveDraft, type Draft } from './draft.ts'
import { make, type Made } from './make.ts'
import type { Held, Store } from './store.ts'

/**
 * Takes back what has not been on a wire, as if it had never been done.
 *
 * @returns false where it has left, or where something later stands on it: then it stays
 */
export function undo(store: Store, command: Id): Promise<boolean> {
  return store.transaction('rw', store.matters, store.outbox, async () => {
    const entry = await store.outbox.get(command)
    if (!entry || entry.state !== 'new') return false
    const newest = await store.outbox.where('matter').equals(entry.matter).last()
    if (newest?.id !== command) return false

    await store.outbox.delete(command)
    if (entry.before) await store.matters.put(entry.before)
    else await store.matters.delete(entry.matter)
    return true
  })
}

/**
 * A letter comes back as a draft with its text, as long as no officer has decided it: by undoing what never left, else
 * by the move `withdraw`. The draft is there first: a kill in between leaves both, and the letter stands.
 */
export async function takeBack(store: Store, who: Actor, held: Held, draft: Draft, now: number): Promise<Made> {
  const waiting = await store.outbox.where('matter').equals(held.id).toArray()
  const only = waiting.length === 1 ? waiting[0] : undefined
  const neverLeft = only?.state === 'new' && only.command.move === 'submit'
  await saveDraft(neverLeft ? { ...draft, id: held.id } : { ...draft, from: held.id }, 'strict', store.account)
  if (neverLeft && (await undo(store, only.id))) return { made: only.command }

  const { facility, kind } = held.matter
  return make(store, who, { facility, matter: held.id, kind, move: 'withdraw' }, now)
}
