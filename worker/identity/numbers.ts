// What says who somebody is: telephone numbers, and the number and name of a document. The directory keeps them sealed, and finds them
// again by a keyed hash; the key is a secret of the server's, so that a copy of the database alone names nobody.
import { base64, unbase64 } from '#db/record.ts'

/** What a number is: each sort has hashes of its own, so that a telephone is never found by a code. */
export type Numbered = 'phone' | 'code' | 'document' | 'name' | 'licence' | 'address'

/**
 * @param secret PEOPLE_SECRET
 * @returns HMAC-SHA-256, base64: the same for the same number, and to be undone by nobody without the secret
 */
export async function lookupOf(secret: string, what: Numbered, number: string): Promise<string> {
  const { lookup } = await keysOf(secret)
  const mac = await crypto.subtle.sign('HMAC', lookup, utf8.encode(`${what}\0${number}`))
  return base64(new Uint8Array(mac))
}

/**
 * @param account whose it is: what is moved to another's row does not open there
 * @returns AES-GCM, base64: 12 bytes of chance, then what was sealed
 */
export async function sealNumber(secret: string, what: Numbered, account: string, number: string): Promise<string> {
  const { sealing } = await keysOf(secret)
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const sealed = await crypto.subtle.encrypt(placed(what, account, iv), sealing, utf8.encode(number))
  return base64(new Uint8Array([...iv, ...new Uint8Array(sealed)]))
}

/** @throws OperationError where it was sealed for another account, or under another secret */
export async function openNumber(secret: string, what: Numbered, account: string, sealed: string): Promise<string> {
  const { sealing } = await keysOf(secret)
  const bytes = unbase64(sealed)
  const opened = await crypto.subtle.decrypt(
    placed(what, account, bytes.slice(0, IV_BYTES)),
    sealing,
    bytes.slice(IV_BYTES),
  )
  return new TextDecoder().decode(opened)
}

const IV_BYTES = 12
const utf8 = new TextEncoder()
const placed = (what: Numbered, account: string, iv: Uint8Array) => ({
  name: 'AES-GCM',
  iv,
  additionalData: utf8.encode(`${what}\0${account}`),
})

interface Keys {
  readonly lookup: CryptoKey
  readonly sealing: CryptoKey
}
/** Of a deployment there is one secret: its keys are made once. */
let known: { readonly secret: string; readonly keys: Promise<Keys> } | undefined

function keysOf(secret: string): Promise<Keys> {
  if (known?.secret !== secret) known = { secret, keys: makeKeys(secret) }
  return known.keys
}

/** HKDF (RFC 5869): one secret, a key for each use. */
async function makeKeys(secret: string): Promise<Keys> {
  const root = await crypto.subtle.importKey('raw', utf8.encode(secret), 'HKDF', false, ['deriveKey'])
  const derive = (
    use: string,
    algorithm: { name: string; length: number; hash?: string },
    uses: ('sign' | 'encrypt' | 'decrypt')[],
  ) =>
    crypto.subtle.deriveKey(
      { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8.encode(`etongban people 1\0${use}`) },
      root,
      algorithm,
      false,
      uses,
    )
  const [lookup, sealing] = await Promise.all([
    derive('lookup', { name: 'HMAC', hash: 'SHA-256', length: 256 }, ['sign']),
    derive('sealing', { name: 'AES-GCM', length: 256 }, ['encrypt', 'decrypt']),
  ])
  return { lookup, sealing }
}
