// Keeps the app on the device, so that it opens without a network, and changes it for a new version when nobody is in
// the middle of anything. Fetched last of all.
import { Workbox } from 'workbox-window'
import { keptIn, lockKey } from '#web/outbox/whose.ts'

export type Room = 'outside' | 'officer' | 'kiosk'
const scopes: Readonly<Record<Room, string>> = { outside: '/', officer: '/officer', kiosk: '/kiosk' }

/** How long a page waits for the new version to take over (ms) before it goes on with the old one. */
const PATIENCE_MS = 3000

export interface Update {
  /** lets the new version take over, where no other tab is open, and opens a page with it */
  open(url: URL): void
}

/**
 * @param tell is called once a newer version of the app lies ready
 * @returns false where the browser keeps no pages: then all else works as before
 */
export async function install(room: Room, tell: (update: Update) => void): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false
  // Whoever has switched the lock on opens it without a network too.
  const workbox = new Workbox(trusted(`/service-worker.js?room=${room}${keptIn(lockKey) ? '&lock' : ''}`), {
    scope: scopes[room],
  })
  workbox.addEventListener('waiting', () =>
    tell({
      open(url) {
        const go = () => location.assign(url)
        workbox.addEventListener('controlling', go)
        setTimeout(go, PATIENCE_MS)
        workbox.messageSkipWaiting()
      },
    }),
  )
  return workbox.register().then(
    () => true,
    () => false, // refused by the browser's settings
  )
}

/** The security policy takes no plain string for the address of a script, and each name for a policy once. */
export function trusted(url: string): string {
  const { trustedTypes } = window as { trustedTypes?: { createPolicy(name: string, rules: object): Policy } }
  policy ??= trustedTypes?.createPolicy('etongban', { createScriptURL: (url: string) => url })
  return policy?.createScriptURL(url) ?? url
}
let policy: Policy | undefined
interface Policy {
  /** a TrustedScriptURL, which the browser takes where a string is asked for */
  createScriptURL(url: string): string
}
