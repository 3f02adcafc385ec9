// What the house hands an officer beside the feed: the queue page by page, and one matter whole.
import { marker } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import type { Change } from '#db/matter.ts'
import { keep } from '#web/outbox/settle.ts'
import type { Store } from '#web/outbox/store.ts'

/** `offline`: no answer of ours came. `refused`: the house answered that this is not to be had. */
export type Silence = 'offline' | 'signedOut' | 'refused'

const pageSize = 50

/**
 * One page of the queue, kept on this device.
 *
 * @param after the key at which the page before ended; null for the first
 * @returns the key for the next page, null behind the last
 */
export async function fillQueue(
  store: Store,
  facility: Id,
  after: string | null,
): Promise<{ next: string | null } | Silence> {
  const from = after === null ? '' : `&after=${encodeURIComponent(after)}`
  const answer = await ask<{ changes: Change[]; next: string | null }>(
    `/api/houses/${facility}/queue?limit=${pageSize}${from}`,
  )
  if (typeof answer === 'string') return answer
  await keep(store, answer.changes, Date.now())
  return { next: answer.next }
}

/** One matter with all its steps and every edition, kept on this device. */
export async function fillMatter(store: Store, facility: Id, matter: Id): Promise<'kept' | Silence> {
  const answer = await ask<Change>(`/api/houses/${facility}/matters/${matter}`)
  if (typeof answer === 'string') return answer
  await keep(store, [answer], Date.now())
  return 'kept'
}

async function ask<Answer>(path: string): Promise<Answer | Silence> {
  const answer = await fetch(path, { redirect: 'manual' }).catch(() => undefined)
  // A portal's page is no answer, and says nothing about the matter.
  if (!answer?.headers.has(marker)) return 'offline'
  if (answer.status === 401) return 'signedOut'
  if (!answer.ok) return answer.status >= 500 ? 'offline' : 'refused'
  return (await answer.json().catch(() => 'offline')) as Answer | 'offline'
}
