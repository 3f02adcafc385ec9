// A passkey that opens the lock beside the PIN: what its authenticator makes of a salt (WebAuthn Level 3, the PRF
// extension) is a key that only its owner's finger, face or code brings about. Nothing of it is told to anybody, and no
// network is needed.
import type { Id } from '#db/id.ts'
import { lockHere, opened, sealed, unsealed, writeLock, type ByPasskey } from './lock.ts'

/** `unable`: this passkey makes no such key, or another one. */
export type Unopened = 'cancelled' | 'unable'

/** Whether this browser can ask a passkey for a key; older ones are not asked. */
export async function asksForKeys(): Promise<boolean> {
  const browser = globalThis.PublicKeyCredential as Partial<typeof PublicKeyCredential> | undefined
  const can = await browser?.getClientCapabilities?.().catch(() => undefined)
  return can?.['extension:prf'] === true
}

/**
 * From now on one of their passkeys opens the lock of this phone too.
 *
 * @param seal what lies under the lock, as the house hands it over
 * @returns `another` where it is somebody else's
 */
export async function alsoByPasskey(account: Id, seal: string): Promise<Unopened | 'another' | undefined> {
  const salt = crypto.getRandomValues(new Uint8Array(32))
  const made = await keyOf(salt, [])
  if (typeof made === 'string') return made
  if (made.account !== account) return 'another'
  const byPasskey = { id: [...made.id], salt: [...salt], ...(await sealed(made.key, account, seal)) }
  const lock = lockHere()
  if (lock) writeLock({ ...lock, byPasskey })
  return undefined
}

export async function openByPasskey({ id, salt, ...under }: ByPasskey, now: number): Promise<'open' | Unopened> {
  const lock = lockHere()
  if (!lock) return 'open'
  const made = await keyOf(Uint8Array.from(salt), [{ type: 'public-key', id: Uint8Array.from(id) }])
  if (typeof made === 'string') return made
  const seal = await unsealed(made.key, lock.account, under)
  if (!seal) return 'unable'
  await opened(lock, seal, now)
  return 'open'
}

interface Made {
  readonly key: CryptoKey
  readonly id: Uint8Array
  /** whose passkey it is */
  readonly account: string | undefined
}

async function keyOf(
  salt: Uint8Array<ArrayBuffer>,
  allowCredentials: PublicKeyCredentialDescriptor[],
): Promise<Made | Unopened> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: crypto.getRandomValues(new Uint8Array(32)), // nobody checks what it signs: what counts is the key
    userVerification: 'required',
    allowCredentials,
    extensions: { prf: { eval: { first: salt } } },
  }
  const used = await navigator.credentials.get({ publicKey }).catch(() => null)
  if (!(used instanceof PublicKeyCredential)) return 'cancelled'
  const secret = used.getClientExtensionResults().prf?.results?.first
  if (!secret) return 'unable'
  const { userHandle } = used.response as AuthenticatorAssertionResponse
  const account = userHandle ? new TextDecoder().decode(userHandle) : undefined
  return { key: await keyFrom(secret), id: new Uint8Array(used.rawId), account }
}

async function keyFrom(secret: BufferSource): Promise<CryptoKey> {
  const made = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new TextEncoder().encode('lock') }
  return crypto.subtle.deriveKey(how, made, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}
