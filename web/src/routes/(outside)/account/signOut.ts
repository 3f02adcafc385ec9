import { forgetKept } from '#web/outbox/canary.ts'
import { dropKey } from '#web/outbox/key.ts'
import { me, myStore } from '#web/outbox/me.ts'
import { lockKey, remember } from '#web/outbox/whose.ts'
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
  const unsent = await store.outbox.count()
  if (unsent === 0 && (await store.shelf.count()) === 0) {
    await store.delete()
    forgetKept(store.account)
  }
  remember('nobody')
  localStorage.removeItem(lockKey)
  await dropKey(store.account)
  me.set(null)
  return true
}
