// One tab exchanges at a time, whichever it is: any tab may write the outbox.
import { newId, type Id } from '#db/id.ts'
import { getMeta, putMeta, type Store } from './store.ts'

interface Lease {
  readonly by: Id
  /** UTC milliseconds, this device's clock */
  readonly until: number
}

/** Short: whoever opens the next page waits for the lease of the one just left. */
const leaseMs = 5000

/**
 * Waits for this tab's turn. Without Web Locks a lease in IndexedDB does: it lapses when its tab dies.
 *
 * @param steal take the turn from a tab that has held it for longer than any exchange lasts
 * @returns undefined where another tab has the lease: come again soon
 */
export async function inTurn<Value>(
  store: Store,
  now: () => number,
  steal: boolean,
  task: () => Promise<Value>,
): Promise<Value | undefined> {
  const locks = navigator.locks as LockManager | undefined
  return locks ? locks.request(`${store.name}/exchange`, { steal }, task) : leased(store, now, task)
}

async function leased<Value>(store: Store, now: () => number, task: () => Promise<Value>): Promise<Value | undefined> {
  const me = newId()
  const take = () =>
    store.transaction('rw', store.meta, async () => {
      const lease = await getMeta<Lease>(store, 'lease')
      const left = lease && lease.by !== me ? lease.until - now() : 0
      // More than a lease can last means that the clock was set back: then it binds nobody.
      if (left > 0 && left <= leaseMs) return false
      await putMeta(store, 'lease', { by: me, until: now() + leaseMs } satisfies Lease)
      return true
    })

  if (!(await take())) return undefined
  const renewal = setInterval(() => void take().catch(() => undefined), leaseMs / 3)
  try {
    return await task()
  } finally {
    clearInterval(renewal)
    await store.transaction('rw', store.meta, async () => {
      if ((await getMeta<Lease>(store, 'lease'))?.by === me) await store.meta.delete('lease')
    })
  }
}
