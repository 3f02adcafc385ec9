// The house's signature: Ed25519, one key for the deployment, named by each house's own origin.
import { base64, unbase64 } from '#db/record.ts'

interface Signer {
  readonly privateKey: CryptoKey
  /** 32 bytes */
  readonly publicKey: Uint8Array
}

/** @param key the secret RECORD_KEY: PKCS8, base64 */
export async function signer(key: string): Promise<Signer> {
  known ??= { key, signer: read(key) }
  if (known.key !== key) known = { key, signer: read(key) }
  return known.signer
}
let known: { key: string; signer: Promise<Signer> } | undefined

async function read(key: string): Promise<Signer> {
  const privateKey = await crypto.subtle.importKey('pkcs8', unbase64(key), 'Ed25519', true, ['sign'])
  const { x } = (await crypto.subtle.exportKey('jwk', privateKey)) as { x: string }
  return { privateKey, publicKey: unbase64(x) }
}

/** @returns 64 bytes */
export async function signature(key: string, text: string): Promise<Uint8Array> {
  const { privateKey } = await signer(key)
  return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, new TextEncoder().encode(text)))
}

export const sign = async (key: string, text: string): Promise<string> => base64(await signature(key, text))
