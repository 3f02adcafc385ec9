// The key to what this device keeps of one account. No script can read it out, and without it all that lies here is
// noise. The house hands it over at every sign-in, so that taking it away locks everything and loses nothing.
import type { Whose } from './whose.ts'

/** `null`: it was taken away; `undefined`: there never was one, for this browser has no WebCrypto or cannot keep it. */
export type Key = CryptoKey | null | undefined

/** Kept since it was first asked for, for as long as this page lives. */
const known = new Map<Whose, Promise<Key>>()

/**
 * Whoever writes before they have signed in gets a key that this device makes itself.
 */
export function keyOf(account: Whose): Promise<Key> {
  const key = known.get(account) ?? recall(account).catch(() => undefined)
  known.set(account, key)
  return key
}

/**
 * Keeps the key that the house handed over; where there is one already, that one stays.
 *
 * @param bytes 32, base64
 */
export async function giveKey(account: Whose, bytes: string): Promise<void> {
  if (await keyOf(account)) return
  known.set(
    account,
    imported(bytes)
      .then((key) => keep(account, key, 'put'))
      .catch(() => undefined), // all is kept as it was before there were keys
  )
  await known.get(account)
}

/** No WebCrypto is a refusal like any other. */
const imported = async (bytes: string) => crypto.subtle.importKey('raw', unbase64(bytes), 'AES-GCM', false, uses)

/** A browser that cuts the connection to one database may have cleared all of them: what is known may be kept no more. */
export const forgetKeys = (): void => known.clear()

/** Locks what is kept here until the same person signs in again. */
export async function dropKey(account: Whose): Promise<void> {
  if (await read(account)) await inKeys('readwrite', (keys) => keys.put(null, account))
  known.delete(account)
}

const uses: KeyUsage[] = ['encrypt', 'decrypt']

async function recall(account: Whose): Promise<Key> {
  const kept = await read(account)
  if (kept || account !== 'nobody') return kept
  return keep(account, await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, uses), 'add')
}

/** On the disk before anything is sealed with it. Another tab may have been faster: then its key is the key. */
async function keep(account: Whose, key: CryptoKey, how: 'add' | 'put'): Promise<Key> {
  await inKeys('readwrite', (keys) => keys[how](key, account)).catch(() => undefined)
  return read(account)
}

const read = (account: Whose) => inKeys('readonly', (keys) => keys.get(account) as IDBRequest<Key>)

async function inKeys<Value>(
  mode: IDBTransactionMode,
  act: (keys: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  const database = await new Promise<IDBDatabase>((done, fail) => {
    const request = indexedDB.open('etongban/keys')
    request.onupgradeneeded = () => request.result.createObjectStore('keys')
    request.onerror = () => fail(request.error)
    request.onsuccess = () => done(request.result)
  })
  const transaction = database.transaction('keys', mode, { durability: 'strict' })
  const request = act(transaction.objectStore('keys'))
  transaction.commit?.() // a page that is left in the middle holds up nobody (leaving.ts)
  return new Promise((done, fail) => {
    transaction.oncomplete = () => {
      database.close()
      done(request.result)
    }
    transaction.onabort = () => fail(transaction.error)
  })
}

const unbase64 = (text: string) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
