// For the service worker: sends what waits after the last page was closed, where the browser offers Background Sync.
import type { Id } from '#db/id.ts'
import { inTurn } from './leader.ts'
import { fetchLink } from './link.ts'
import { openStore } from './store.ts'
import { exchange } from './sync.ts'
import { accountOf } from './tag.ts'

/**
 * Answers a `sync` event.
 *
 * @param tag the event's: whose outbox it is
 * @throws where nothing was heard: the browser comes again later
 */
export async function drain(tag: string): Promise<void> {
  const account = accountOf(tag)
  if (!account) return
  const store = openStore(account as Id)
  const link = fetchLink()
  try {
    let round
    do round = await inTurn(store, Date.now, false, () => exchange(store, link, Date.now()))
    while (round?.goOn)
    if (round && round.heard !== 'answer') throw new Error(`nothing was sent: ${round.heard}`)
  } finally {
    store.close()
  }
}
