// A lock over what a phone keeps of one account: the key to it lies here under a PIN alone. Shut, the phone is nobody's,
// as after a sign-out; what waits stays sealed. Nothing here asks the house, so that it works without a network.
// What it is good against: others who use the phone, and who copy what lies on it while it is shut, as far as six digits
// go. What it is not: a phone that is signed in still is; whoever takes the cookies out of the browser is asked nothing.
import type { Id } from '#db/id.ts'
import { dropKey, giveKey } from '#web/outbox/key.ts'
import { handOver } from '#web/outbox/leave.ts'
import { keptIn, lockKey, remember } from '#web/outbox/whose.ts'

/** What lies in localStorage: nothing in it opens anything without the PIN. */
export interface Lock {
  readonly account: Id
  readonly shut: boolean
  /** how long the app may be out of sight before it shuts (minutes); 0: at once */
  readonly hiddenMinutes: number
  readonly salt: string
  readonly rounds: number
  /** the key, under the PIN's */
  readonly iv: string
  readonly sealed: string
  /** and once more under a passkey's (passkey.ts) */
  readonly byPasskey?: ByPasskey
  /** wrong PINs in a row, and until when no other is looked at (UTC milliseconds, this phone's clock) */
  readonly wrong: number
  readonly pausedUntil: number
  /** when somebody last did something here, UTC milliseconds */
  readonly seenAt: number
  /** what the house did not have when it shut */
  readonly unsent: number
  readonly drafts: number
  /** where somebody was */
  readonly back: string
}

export interface ByPasskey extends Sealed {
  readonly id: readonly number[]
  readonly salt: readonly number[]
}

/** AES-GCM, base64 */
interface Sealed {
  readonly iv: string
  readonly sealed: string
}

/** Nobody has touched it for so long (minutes): it shuts, in sight or not. */
export const idleMinutes = 5
export const pinPattern = /^\d{6}$/

export function lockHere(): Lock | undefined {
  const kept = keptIn(lockKey)
  return kept === null ? undefined : (JSON.parse(kept) as Lock)
}

export const writeLock = (lock: Lock): void => localStorage.setItem(lockKey, JSON.stringify(lock))
export const removeLock = (): void => localStorage.removeItem(lockKey)

/** How long a guess at a PIN is made to take on this phone. */
const GUESS_MS = 700
/**
 * OWASP's for PBKDF2-HMAC-SHA-256, 2023: no phone is so slow that it does less. On a laptop they take 0.08 to 0.15 s, on a
 * phone six times slower less than a second, on one ten times slower a second and a half.
 */
const fewestRounds = 600_000
const mostRounds = 5_000_000

/** @param seal the key, 32 bytes, base64, as the house hands it over */
export async function newLock(account: Id, seal: string, pin: string, hiddenMinutes: number): Promise<Lock> {
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const rounds = await roundsFor(GUESS_MS)
  const under = await sealed(await keyFrom(pin, salt, rounds), account, seal)
  return {
    account,
    shut: false,
    hiddenMinutes,
    salt: base64(salt),
    rounds,
    ...under,
    wrong: 0,
    pausedUntil: 0,
    seenAt: Date.now(),
    unsent: 0,
    drafts: 0,
    back: '/',
  }
}

/** @param holds what the house does not have yet */
export async function shut(lock: Lock, holds: Pick<Lock, 'unsent' | 'drafts'>, back: string): Promise<void> {
  writeLock({ ...lock, ...holds, shut: true, back })
  remember('nobody')
  await dropKey(lock.account)
}

/**
 * @returns 'open', or how it went: `wrong`, `paused` where too many were wrong and this one was not looked at
 */
export async function open(pin: string, now: number): Promise<'open' | 'wrong' | 'paused'> {
  const lock = lockHere()
  if (!lock) return 'open'
  if (lock.pausedUntil > now) return 'paused'
  // Counted before it is looked at: a page that is closed in between has tried.
  const wrong = lock.wrong + 1
  writeLock({ ...lock, wrong, pausedUntil: now + pauseAfter(wrong) })
  const seal = await unsealed(await keyFrom(pin, unbase64(lock.salt), lock.rounds), lock.account, lock)
  if (!seal) return 'wrong'
  await opened(lock, seal, now)
  return 'open'
}

/** Whoever it is locked for has shown that they are here. */
export async function opened(lock: Lock, seal: string, now: number): Promise<void> {
  await giveKey(lock.account, seal)
  await handOver(lock.account) // and with it what was written while it was shut
  writeLock({ ...lock, shut: false, wrong: 0, pausedUntil: 0, seenAt: now })
}

/** Three may be a slip; then the pauses grow: a million PINs take years. */
const pauseAfter = (wrong: number): number => (wrong < 3 ? 0 : Math.min(2 ** (wrong - 3) * 30_000, 3_600_000))

export async function sealed(key: CryptoKey, account: Id, seal: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const bytes = await crypto.subtle.encrypt(placed(iv, account), key, unbase64(seal))
  return { iv: base64(iv), sealed: base64(new Uint8Array(bytes)) }
}

/** @returns undefined where it was sealed under another key, or for somebody else */
export const unsealed = (key: CryptoKey, account: Id, { iv, sealed }: Sealed): Promise<string | undefined> =>
  crypto.subtle.decrypt(placed(unbase64(iv), account), key, unbase64(sealed)).then(
    (bytes) => base64(new Uint8Array(bytes)),
    () => undefined,
  )

/** PBKDF2 (RFC 8018): the slow step that WebCrypto has on every phone. */
async function keyFrom(pin: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<CryptoKey> {
  const typed = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveKey'])
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }
  return crypto.subtle.deriveKey(how, typed, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

async function roundsFor(ms: number): Promise<number> {
  const begun = performance.now()
  await keyFrom('000000', new Uint8Array(16), fewestRounds / 10)
  const took = Math.max(1, performance.now() - begun)
  return Math.round(Math.min(mostRounds, Math.max(fewestRounds, ((fewestRounds / 10) * ms) / took)))
}

const placed = (iv: Uint8Array<ArrayBuffer>, account: Id) => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(`lock/${account}`),
})

const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))
const unbase64 = (text: string) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
