// A tablet on which officers take turns (workers.ts), and the PIN with which each comes back. Under a PIN lie the key to
// what this tablet keeps for its officer, and the secret for which the house gives their session back. Five wrong ones
// throw both away: then it takes a passkey.
import { marker } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { dropKey, giveKey, keyOf } from '#web/outbox/key.ts'
import { endSession, forgetLeaving, leaving } from '#web/outbox/leave.ts'
import { getMeta, openStore, putMeta, type Store } from '#web/outbox/store.ts'
import { wipeWhenLeft } from '#web/outbox/tablet.ts'
import { remember, whose } from '#web/outbox/whose.ts'
import { change, dropPin, pinOf, workersHere, type Pin, type Worker } from './workers.ts'

interface Secret {
  readonly seal: string
  readonly token: string
}

export const pinDigits = 6
const mostTries = 5
const rounds = 600_000

/**
 * @param secret what the house has given for it
 * @param pin as it was typed
 */
export async function setPin(worker: Omit<Worker, 'pin'>, pin: string, id: Id, secret: Secret): Promise<void> {
  const here = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const [salt, iv] = [crypto.getRandomValues(new Uint8Array(16)), crypto.getRandomValues(new Uint8Array(12))]
  const key = await keyUnder(pin, salt, here)
  const plain = new TextEncoder().encode(JSON.stringify(secret))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain)
  await change(worker.account, (known) => ({ ...worker, ...known, pin: { id, salt, here, iv, sealed, tries: 0 } }))
}

/** `passkey`: there is no PIN any more. `ended`: the house does not give the session back. */
export type Unlocked = 'open' | { readonly left: number } | 'passkey' | 'ended'

/** Checked here, so that it works without a network; with one the house says whether the session still holds. */
export async function unlock(account: Id, typed: string): Promise<Unlocked> {
  const pin = await countTry(account)
  if (!pin) return 'passkey'
  const secret = await opened(pin, typed)
  if (!secret) {
    if (pin.tries < mostTries) return { left: mostTries - pin.tries }
    await dropPin(account)
    return 'passkey'
  }
  await change(account, (known) => known?.pin && { ...known, pin: { ...known.pin, tries: 0 } })
  const due = { id: pin.id, token: secret.token }
  const said = await resume(due)
  if (said === 'refused') {
    await dropEnded()
    return 'ended'
  }
  if (!mustEnd()) forgetLeaving() // who rested here without a network: what is due takes the place of their session
  remember(account)
  await giveKey(account, secret.seal)
  const store = openStore(account, keyOf)
  await putMeta(store, dueKey, said === 'silent' ? due : null).catch(() => undefined) // a full disk
  store.close()
  return 'open'
}

/**
 * Somebody came back without a network: their session is in this browser again once there is one.
 *
 * @returns `silent` where there still is none; `refused` where it is over
 */
export async function resumeDue(store: Store): Promise<'done' | 'silent' | 'refused'> {
  const due = await getMeta<Due | null>(store, dueKey)
  if (!due) return 'done'
  const said = await resume(due)
  if (said !== 'silent') await putMeta(store, dueKey, null)
  return said
}
const dueKey = 'resume'

/** Whether the session in this browser may still be that of somebody who was here before. */
export const isDue = async (store: Store): Promise<boolean> => Boolean(await getMeta(store, dueKey).catch(() => null))

/** Whether a session that has to end is still in this browser: nobody comes in its place before that. */
const mustEnd = () => leaving()?.endsWith(' rests') === false

interface Due {
  readonly id: Id
  readonly token: string
}

async function resume(due: Due): Promise<'done' | 'silent' | 'refused'> {
  if (mustEnd() && !(await endSession())) return 'silent'
  const answer = await say('unlock', due)
  if (!answer || answer.status >= 500 || answer.status === 429) return 'silent'
  if (!answer.ok) return 'refused'
  forgetLeaving()
  return 'done'
}

/** They have signed in by a passkey: their PIN opens this session from now on. */
export async function bindPin(account: Id): Promise<void> {
  const pin = await pinOf(account)
  if (!pin) return
  const answer = await say('bind', { id: pin.id })
  if (answer?.status === 404) await dropPin(account) // their passkeys were reset since
}

/**
 * Somebody has ended sign-ins elsewhere: the PINs that opened them end on this tablet too, and what of their officers is
 * sealed here has no key on it any more.
 *
 * @returns whose
 */
export async function dropEnded(): Promise<readonly Id[]> {
  const here = (await workersHere(Date.now())).flatMap(({ account, pin }) => (pin ? [{ account, id: pin.id }] : []))
  if (here.length === 0) return []
  const answer = await say('standing', { ids: here.map(({ id }) => id) })
  if (!answer?.ok) return []
  const { standing } = (await answer.json()) as { standing: readonly Id[] }
  const gone = here.filter(({ id }) => !standing.includes(id))
  for (const { account, id } of gone) {
    await dropPin(account, id)
    if (account === whose()) continue // who is signed in hears it for themself
    await wipeWhenLeft(account).catch(() => undefined) // what is left behind is sealed
    await dropKey(account)
  }
  return gone.map(({ account }) => account)
}

async function say(what: string, body: object): Promise<Response | undefined> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), patienceMs)
  const answer = await fetch(`/api/identity/tablets/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal: patience.signal,
  }).catch(() => undefined)
  clearTimeout(timer)
  return answer?.headers.has(marker) ? answer : undefined
}
/** Whoever stands before a locked tablet does not wait for a network that is none. */
const patienceMs = 5000

async function keyUnder(pin: string, salt: Uint8Array<ArrayBuffer>, here: CryptoKey): Promise<CryptoKey> {
  const typed = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveBits'])
  const slow = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, typed, 256)
  const mixed = await crypto.subtle.sign('HMAC', here, slow)
  return crypto.subtle.importKey('raw', mixed, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

async function opened({ salt, here, iv, sealed }: Pin, typed: string): Promise<Secret | undefined> {
  const key = await keyUnder(typed, salt, here)
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed).catch(() => undefined)
  return plain && (JSON.parse(new TextDecoder().decode(plain)) as Secret)
}

/** On the disk before the answer is known: neither a reload nor a second tab gives a try back. */
async function countTry(account: Id): Promise<Pin | undefined> {
  const counted = await change(
    account,
    (known) =>
      known?.pin && known.pin.tries < mostTries && { ...known, pin: { ...known.pin, tries: known.pin.tries + 1 } },
  )
  return counted?.pin
}
