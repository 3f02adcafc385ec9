import { forgetKept } from '#web/outbox/canary.ts'
import { dropKey } from '#web/outbox/key.ts'
import { me, myStore } from '#web/outbox/me.ts'
import type { Store } from '#web/outbox/store.ts'
import { keepIn, lockKey, remember } from '#web/outbox/whose.ts'
import { ask } from '#web/parts/ask.ts'

/**
 * Ends the sign-in with the house, then takes this phone's copy away. What has not been sent stays, and so do drafts,
 * without the key: nobody reads them until the same person signs in again, and then they go.
 *
 * @returns false where the house could not be told: then nothing has changed
 */
export async function signOut(): Promise<boolean> {
  const asked = await ask('/api/identity/sign-out', {})
  if ('silence' in asked) return false
  const store = myStore()
  // A browser that refuses its disk, or has lost it, keeps nobody from leaving.
  await clear(store).catch(() => undefined)
  remember('nobody')
  keepIn(lockKey, null)
  await dropKey(store.account).catch(() => undefined)
  me.set(null)
  return true
}

async function clear(store: Store): Promise<void> {
  if ((await store.outbox.count()) + (await store.shelf.count()) > 0) return
  await store.delete()
  forgetKept(store.account)
}
