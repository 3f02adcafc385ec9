// A tablet on which officers take turns: who works here, and the PIN with which each comes back. Under a PIN lie the key
// to what this tablet keeps for its officer, and the secret for which the house gives their session back. Five wrong ones
// throw both away: then it takes a passkey.
import { marker } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { giveKey, keyOf } from '#web/outbox/key.ts'
import { endSession, forgetLeaving, leavingKey } from '#web/outbox/leave.ts'
import { over } from '#web/outbox/lying.ts'
import { getMeta, openStore, putMeta, type Store } from '#web/outbox/store.ts'
import { isUnseen } from '#web/outbox/unseen.ts'
import { keptIn, remember } from '#web/outbox/whose.ts'

/** Somebody who works on this tablet, for all to see who stand before it. */
export interface Worker {
  readonly account: Id
  readonly name: string
  /** UTC milliseconds, this device's clock */
  readonly seenAt: number
  readonly pin?: Pin
}

interface Pin {
  /** as the house knows it */
  readonly id: Id
  readonly salt: Uint8Array<ArrayBuffer>
  /** of this browser alone: a copy of the rest is no use to somebody who tries PINs elsewhere */
  readonly here: CryptoKey
  readonly iv: Uint8Array<ArrayBuffer>
  readonly sealed: ArrayBuffer
  /** counted before each try */
  readonly tries: number
}

interface Secret {
  readonly seal: string
  readonly token: string
}

export const pinDigits = 6
const mostTries = 5
const rounds = 600_000

/** @returns who works here, the last one first; nobody where this browser keeps nothing */
export async function workersHere(now: number): Promise<readonly Worker[]> {
  const all = await inWorkers('readonly', (workers) => workers.getAll() as IDBRequest<Worker[]>).catch(() => [])
  const gone = all.filter(({ seenAt }) => isUnseen([seenAt], now) === true)
  for (const { account } of gone) await forgetWorker(account)
  return all.filter((one) => !gone.includes(one)).sort((one, other) => other.seenAt - one.seenAt)
}

/** Somebody has been let in by the house. */
export const noteWorker = async (worker: Omit<Worker, 'pin'>): Promise<void> =>
  void (await change(worker.account, (known) => ({ ...known, ...worker })))

export const forgetWorker = async (account: Id): Promise<void> =>
  void (await inWorkers('readwrite', (workers) => workers.delete(account)).catch(() => undefined))

export const pinOf = async (account: Id): Promise<Pin | undefined> =>
  (await workerOf(account).catch(() => undefined))?.pin

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

export const dropPin = async (account: Id): Promise<void> =>
  void (await change(account, (known) => {
    if (!known?.pin) return undefined
    const { pin: _, ...rest } = known
    return rest
  }))

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
  if (said === 'refused') return 'ended'
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
const mustEnd = () => keptIn(leavingKey)?.endsWith(' rests') === false

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

const workerOf = (account: Id): Promise<Worker | undefined> =>
  inWorkers('readonly', (workers) => workers.get(account) as IDBRequest<Worker | undefined>)

/** In one transaction, so that nothing noted meanwhile is lost. @returns what was written, if anything was */
async function change(
  account: Id,
  to: (known: Worker | undefined) => Worker | false | undefined,
): Promise<Worker | undefined> {
  let written: Worker | undefined
  await inWorkers('readwrite', (workers) => {
    const reading = workers.get(account) as IDBRequest<Worker | undefined>
    reading.onsuccess = () => {
      const next = to(reading.result)
      if (next) workers.put((written = next))
    }
    return reading
  })
  return written
}

async function inWorkers<Value>(
  mode: IDBTransactionMode,
  act: (workers: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  const database = await new Promise<IDBDatabase>((done, fail) => {
    const request = indexedDB.open('etongban/tablet')
    request.onupgradeneeded = () => request.result.createObjectStore('workers', { keyPath: 'account' })
    request.onerror = () => fail(request.error)
    request.onsuccess = () => done(request.result)
  })
  const transaction = database.transaction('workers', mode, { durability: 'strict' })
  const request = act(transaction.objectStore('workers'))
  await over(transaction).finally(() => database.close())
  return request.result
}
