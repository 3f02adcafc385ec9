// What runs behind every page of a relative: the exchange with the house, for whoever this phone belongs to now.
// Fetched once the page is there, so that it holds up nobody.
import { nothingHeard, startSync, type Live, type Status } from '#web/outbox/live.ts'
import { tidyDrafts } from '#web/outbox/make.ts'
import { leave, me, myStore, recallMe, renewMe } from '#web/outbox/me.ts'
import { keptIn, lockKey, whose, whoseKey, type Whose } from '#web/outbox/whose.ts'

/**
 * @param tell is given the state of the exchange whenever it changes; undefined where nobody is signed in
 * @returns stops it all
 */
export function run(tell: (status: Status | undefined) => void): () => void {
  let live: Live | undefined
  let account: Whose | undefined
  let state: Status['state'] | undefined

  const follow = () => {
    if (whose() === account) {
      if (state === 'signedOut') live?.poke() // signed in again: what waits has waited long enough
      return
    }
    account = whose()
    live?.stop()
    live = undefined
    tell(undefined)
    if (account === 'nobody') return
    if (keptIn(lockKey)) void leave().then(({ watchLock }) => watchLock())
    const store = myStore()
    void tidyDrafts(store).catch(() => undefined) // tried again at the next start
    live = startSync(store)
    live.subscribe((status) => {
      state = status.state
      tell(status)
      badge(status.waiting)
    })
  }

  const newerApp = () => tell({ ...nothingHeard, state: 'update' })
  // Somebody signed in or out in another tab.
  const elsewhere = ({ key }: StorageEvent) => {
    if (key === whoseKey) void recallMe().catch(newerApp)
  }
  addEventListener('storage', elsewhere)
  const unsubscribe = me.subscribe((who) => {
    if (who !== undefined) follow()
  })
  void recallMe().then(renewMe).catch(newerApp)

  return () => {
    unsubscribe()
    removeEventListener('storage', elsewhere)
    live?.stop()
  }
}

/** Somebody has read that the browser threw away what was kept here. */
export const lossRead = (): Promise<void> => myStore().meta.delete('lost')

/** The number of things not sent yet, on the app's icon where there is one. */
function badge(waiting: number): void {
  const { setAppBadge } = navigator as { setAppBadge?: (count: number) => Promise<void> }
  setAppBadge?.call(navigator, waiting).catch(() => undefined) // a browser may forbid it: the page says it too
}
