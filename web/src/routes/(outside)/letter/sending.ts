// What sending needs beyond writing: the writer's ties, the rules and the outbox. Fetched once the page can be used.
import { liveQuery } from 'dexie'
import { newId, type Id } from '#db/id.ts'
import type { Tie } from '#db/matter.ts'
import type { Mark } from '#db/matters/letter.ts'
import { bodyOf, marksOf } from '#web/matters/letterOf.ts'
import type { Draft } from '#web/outbox/draft.ts'
import { sendDraft } from '#web/outbox/make.ts'
import { me, myStore, recallMe, renewMe } from '#web/outbox/me.ts'
import { whose } from '#web/outbox/whose.ts'
import type { Hindrance } from './hindrance.ts'

/** A letter that came back for changes: as it was, and which passages the officer marked. */
export interface Mended {
  readonly id: Id
  readonly tie: Tie | undefined
  readonly body: string
  readonly marks: readonly Mark[]
}

export type Outcome = { readonly sent: Id } | { readonly hindrance: Hindrance }

/**
 * @param tell is given the ties whenever they change, in this tab or by a sync
 * @returns stops it
 */
export function watchTies(tell: (ties: readonly Tie[]) => void): () => void {
  let stop: (() => void) | undefined
  // Until it is known who is signed in it is not known either whether this browser keeps anything (me.ts).
  const unsubscribe = me.subscribe((who) => {
    if (who === undefined) return
    stop?.()
    const subscription = liveQuery(() => myStore().ties.toArray()).subscribe({ next: tell, error: () => tell([]) })
    stop = () => subscription.unsubscribe()
  })
  return () => {
    unsubscribe()
    stop?.()
  }
}

/** @returns undefined where the letter no longer waits for changes: then it is written anew */
export async function mendedLetter(id: Id): Promise<Mended | undefined> {
  const held = await myStore().matters.get(id)
  if (held?.matter.state !== 'returned') return undefined
  return { id, tie: await myStore().ties.get(held.matter.tie), ...marksOf(held) }
}

/** Puts the letter into the outbox, or says what is in the way. Nothing of the draft is lost either way. */
export async function sendLetter(draft: Draft): Promise<Outcome> {
  await recallMe()
  // Signed in, but this phone forgot whose it is: then the house knows.
  if (whose() === 'nobody' && !(await renewMe())) return { hindrance: { why: 'signIn' } }
  const account = whose() as Id
  const store = myStore()
  const ties = (await store.ties.toArray()).filter((tie) => !tie.ended)
  const tie = ties.find(({ id }) => id === draft.to)
  if (!tie) return { hindrance: { why: ties.length > 0 ? 'chooseTo' : 'noTie' } }
  if (tie.access.letter === 'closed') return { hindrance: { why: 'closed' } }

  const before = draft.from ? undefined : await store.matters.get(draft.id)
  // A second tap, or another tab, was faster. Other words under the same number are another letter.
  if (before && bodyOf(before) === draft.body.normalize('NFC')) return { sent: before.id }
  const letter = before ? { ...draft, id: newId() } : draft
  const who = { account, facility: tie.house.id, roles: ['relative'] as const }
  const outcome = await sendDraft(store, who, letter, Date.now())
  return 'made' in outcome ? { sent: outcome.made.matter } : { hindrance: { why: 'refused', refusal: outcome.refused } }
}
