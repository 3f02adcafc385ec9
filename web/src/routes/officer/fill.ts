// What the house hands an officer beside the feed: the queue page by page, and one matter whole.
import { accountHeader, marker } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import type { Change } from '#db/matter.ts'
import { keep } from '#web/outbox/keep.ts'
import type { Store } from '#web/outbox/store.ts'

/** `offline`: no answer of ours came. `refused`: the house answered that this is not to be had. */
export type Silence = 'offline' | 'signedOut' | 'refused'

const pageSize = 50

/** `mine`: what waits for this officer. `handover`: what waits to be handed over, by paper or in the cell. */
export type QueueName = 'mine' | 'handover'

/**
 * Some pages of a queue, kept on this device.
 *
 * @param after the key at which the page before ended; null for the first
 * @param pages how many at most
 * @returns the key for the next page, null behind the last; and why it broke off, if it did
 */
export async function fillQueue(
  store: Store,
  facility: Id,
  queue: QueueName,
  after: string | null,
  pages: number,
): Promise<{ next: string | null; silence?: Silence }> {
  let next = after
  for (let page = 0; page < pages; page += 1) {
    const params = new URLSearchParams({ limit: String(pageSize) })
    if (queue === 'handover') params.set('stands', 'kiosk')
    if (next !== null) params.set('after', next)
    const answer = await ask<{ changes: Change[]; next: string | null }>(
      store,
      `/api/houses/${facility}/queue?${params.toString()}`,
    )
    if (typeof answer === 'string') return { next, silence: answer }
    await keep(store, answer.changes, Date.now())
    next = answer.next
    if (next === null) break
  }
  return { next }
}

/** One matter with all its steps and every edition, kept on this device. */
export async function fillMatter(store: Store, facility: Id, matter: Id): Promise<'kept' | Silence> {
  const answer = await ask<Change>(store, `/api/houses/${facility}/matters/${matter}`)
  if (typeof answer === 'string') return answer
  await keep(store, [answer], Date.now())
  return 'kept'
}

/** In the name of whose store it is: without a network somebody else's session may have stayed in this browser. */
async function ask<Answer>({ account }: Store, path: string): Promise<Answer | Silence> {
  const answer = await fetch(path, { redirect: 'manual', headers: { [accountHeader]: account } }).catch(() => undefined)
  // A portal's page is no answer, and says nothing about the matter.
  if (!answer?.headers.has(marker)) return 'offline'
  if (answer.status === 401) return 'signedOut'
  if (!answer.ok) return answer.status >= 500 ? 'offline' : 'refused'
  return (await answer.json().catch(() => 'offline')) as Answer | 'offline'
}
