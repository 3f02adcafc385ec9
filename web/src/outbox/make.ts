// Something somebody does: decided here at once, and put into the outbox in the same breath.
import type { Actor } from '#db/actor.ts'
import type { Command } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import { newIdAfter, type Id } from '#db/id.ts'
import type { Kind } from '#db/matters/index.ts'
import type { Refusal } from '#db/refusal.ts'
import { deleteDraft, listDrafts, type Draft } from './draft.ts'
import { predict } from './predict.ts'
import type { Held, Store } from './store.ts'

export interface Wish {
  readonly facility: Id
  readonly matter: Id
  readonly kind: Kind
  readonly move: string
  readonly input?: Record<string, unknown>
  /** commands that it means nothing without */
  readonly needs?: readonly Id[]
  /** the edition on the screen when it was decided; without it, the one that this device holds */
  readonly base?: number
}

export type Made = { readonly made: Command } | { readonly refused: Refusal }

/**
 * The battery may die between any two lines: the matter and its command are kept together or not at all. When the
 * promise resolves, both have reached the disk.
 *
 * @param now UTC milliseconds, this device's clock
 * @param opts holdMs: how long it stays here, on disk, and can be undone
 */
export function make(store: Store, who: Actor, wish: Wish, now: number, opts?: { holdMs: number }): Promise<Made> {
  return store.transaction('rw', store.matters, store.outbox, store.ties, async (): Promise<Made> => {
    const before = (await store.matters.get(wish.matter)) ?? null
    const last = (await store.outbox.toCollection().lastKey()) as Id | undefined
    const command: Command = {
      id: newIdAfter(last),
      facility: wish.facility,
      matter: wish.matter,
      kind: wish.kind,
      move: wish.move,
      base: wish.base ?? before?.matter.edition ?? 0,
      at: now,
      ...(wish.input && { input: wish.input }),
      ...(wish.needs && { needs: [...wish.needs] }),
    }
    const prediction = predict(before, command, who, await store.ties.toArray())
    if ('refused' in prediction) return prediction

    await store.matters.put(prediction.held)
    await store.outbox.add({
      id: command.id,
      command,
      matter: command.matter,
      v: protocol,
      who,
      state: 'new',
      notBefore: opts ? now + opts.holdMs : 0,
      before,
    })
    return { made: command }
  })
}

/**
 * A draft goes into the outbox, first there, then out of the drafts: a kill in between leaves both, and `tidyDrafts`
 * knows them for one letter.
 */
export async function sendDraft(store: Store, who: Actor, draft: Draft, now: number): Promise<Made> {
  const returned = draft.from && (await store.matters.get(draft.from))?.matter.state === 'returned'
  // Taken back without a network, and already written anew: it goes once the old one is really back, not beside it.
  const before = draft.from ? await store.outbox.where('matter').equals(draft.from).toArray() : []
  const withdrawals = before.filter(({ command }) => command.move === 'withdraw').map(({ id }) => id)
  const wish: Wish = {
    facility: who.facility,
    matter: (returned && draft.from) || draft.id,
    kind: draft.kind,
    move: 'submit',
    input: { to: draft.to, body: draft.body },
    ...(withdrawals.length > 0 && { needs: withdrawals }),
  }
  const outcome = await make(store, who, wish, now)
  if ('made' in outcome) await deleteDraft(draft.id, store.account)
  return outcome
}

/** At the start: drops each draft that is already a letter on its way, left behind by a kill while it was sent. */
export async function tidyDrafts(store: Store): Promise<void> {
  for (const draft of await listDrafts(store.account)) {
    const held = await store.matters.get(draft.from ?? draft.id)
    if (held && !reopened.has(held.matter.state) && bodyOf(held) === draft.body.normalize('NFC'))
      await deleteDraft(draft.id, store.account)
  }
}

/** In these states a letter is its writer's again: a draft with the same words is no left-over. */
const reopened: ReadonlySet<string> = new Set(['returned', 'withdrawn'])

const bodyOf = ({ matter, contents }: Held): unknown =>
  contents.find(({ seq }) => seq === matter.edition)?.input['body']
