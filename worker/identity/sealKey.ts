// The key under which a device keeps what is an account's (web/src/outbox/key.ts). It is made anew from one secret at
// each sign-in and lies nowhere, so that what a device was locked with can be opened again years later.
import { base64 } from '#db/record.ts'

/**
 * HMAC-SHA-256 as a pseudorandom function of the account.
 *
 * @param secret SEAL_SECRET: where it is lost or changed, what was not sent before a sign-out stays locked for ever
 * @param account or the kiosk's id
 * @returns 32 bytes, base64
 */
export async function sealKeyOf(secret: string, account: string): Promise<string> {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const key = await crypto.subtle.importKey('raw', bytes(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes(`etongban seal 1\0${account}`)))
  return base64(mac)
}
