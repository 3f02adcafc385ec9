// The key with which this device signs what it asks of its house. It is made here when an officer enrols the device,
// and no script can read it out: whatever else of this device is copied, nobody else can speak in its name.
import { accountHeader, marker } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { keyKind, newcomer, publicText, sign } from '#db/kioskSignature.ts'
import { uploadHeader } from '#db/upload.ts'
import { over } from '#web/outbox/lying.ts'

interface Made {
  readonly secret: CryptoKey
  readonly publicText: string
}

/** `coming`: made for an enrolment that the house has not confirmed. */
type Place = 'mine' | 'coming'

let known: Promise<CryptoKey | undefined> | undefined
const mine = (): Promise<CryptoKey | undefined> => (known ??= read('mine').then((made) => made?.secret))

/** @returns false where the browser has thrown it away, or never kept one */
export const hasKey = async (): Promise<boolean> => (await mine()) !== undefined

/**
 * The key for an enrolment: whose answer was lost comes with the same one again, and the house knows it.
 *
 * @throws where this browser can make none, or cannot keep it
 */
export async function newcomerKey(): Promise<{ readonly publicText: string; readonly fetch: typeof fetch }> {
  const made = (await read('coming')) ?? (await make())
  return { publicText: made.publicText, fetch: signing(() => Promise.resolve(made.secret), newcomer) }
}

/** The house knows it: from here on this device signs with it. */
export async function becomeKiosk(): Promise<void> {
  const coming = await read('coming')
  if (!coming) return
  await write((keys) => {
    keys.put(coming, 'mine' satisfies Place)
    keys.delete('coming' satisfies Place)
  })
  known = Promise.resolve(coming.secret)
}

/** `fetch`, signed as the kiosk that this device is. */
export const signedAs = (kiosk: Id): typeof fetch => signing(mine, kiosk)

/** How far this device's clock is behind that of its house, milliseconds. */
let behindMs = 0

function signing(keyOf: () => Promise<CryptoKey | undefined>, signer: Id | typeof newcomer): typeof fetch {
  return async (path, options = {}) => {
    const key = await keyOf()
    if (!key) throw new Error('this device has no key')
    const { method = 'GET' } = options
    const plain = new Headers(options.headers)
    const body = new Uint8Array(await new Response(options.body ?? null).arrayBuffer())
    const once = async () => {
      const request = { method, path: path as string, upload: plain.get(uploadHeader), body }
      const headers = new Headers(plain)
      if (signer !== newcomer) headers.set(accountHeader, signer)
      for (const [name, value] of Object.entries(await sign(key, signer, request, Date.now() + behindMs)))
        headers.set(name, value)
      return fetch(path, { ...options, headers, ...(method !== 'GET' && { body }) })
    }
    const answer = await once()
    if (answer.status !== 401 || !answer.headers.has(marker)) return answer
    const { clock } = (await answer.clone().json()) as { readonly clock?: number }
    if (clock === undefined) return answer
    behindMs = clock - Date.now()
    return once()
  }
}

async function make(): Promise<Made> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(keyKind, false, ['sign', 'verify'])
  const made = { secret: privateKey, publicText: await publicText(publicKey) }
  await write((keys) => keys.put(made, 'coming' satisfies Place))
  return made
}

async function read(place: Place): Promise<Made | undefined> {
  const database = await opened()
  const reading = database.transaction('keys')
  const found = reading.objectStore('keys').get(place) as IDBRequest<Made | undefined>
  await over(reading).finally(() => database.close())
  return found.result
}

async function write(act: (keys: IDBObjectStore) => unknown): Promise<void> {
  const database = await opened()
  const writing = database.transaction('keys', 'readwrite', { durability: 'strict' })
  act(writing.objectStore('keys'))
  await over(writing).finally(() => database.close())
}

const opened = (): Promise<IDBDatabase> =>
  new Promise((done, fail) => {
    const request = indexedDB.open('etongban/kiosk')
    request.onupgradeneeded = () => request.result.createObjectStore('keys')
    request.onerror = () => fail(request.error)
    request.onsuccess = () => done(request.result)
  })
