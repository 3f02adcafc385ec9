// Whose phone this is now. It is read before anything else has loaded, so it lives in localStorage and weighs nothing.
import type { Id } from '#db/id.ts'

export type Whose = Id | 'nobody'

/** The key in localStorage, shared by all tabs: a sign-in in one is seen by the others before they send. */
export const whoseKey = 'etongban.account'

/** The key in localStorage: officers have worked on this device. */
export const officersKey = 'etongban.officers'

/** The key in localStorage: the lock of whoever has switched one on. */
export const lockKey = 'etongban.lock'

/** The account whose drafts and outbox this device works on. Where storage is refused it is nobody's. */
export function whose(): Whose {
  return (keptIn(whoseKey) ?? 'nobody') as Whose
}

/** What lies in localStorage under a key; null where there is nothing, or the browser refuses it. */
export function keptIn(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/** Where the browser refuses, it asks again at the next visit. */
export const remember = (account: Whose): void => keepIn(whoseKey, account === 'nobody' ? null : account)

/** @param value null for nothing. A browser that keeps nothing goes without. */
export function keepIn(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // it holds for this page
  }
}
