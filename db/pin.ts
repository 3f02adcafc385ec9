// The PIN with which a person inside opens their letters at a kiosk. It is shown once, to be printed. The server makes
// that of a single person; those of a whole list are made on the admin's tablet, because a thousand would cost a Worker
// more than it has.
import { pinRounds } from './kiosk.ts'

/** What is kept of a PIN: a kiosk checks it with no network. Base64. */
export interface PinKept {
  readonly salt: string
  readonly hash: string
}

/** @returns six digits, all equally likely */
export function newPin(): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
  // 2³² is no multiple of 10⁶: what lies above the last whole one is drawn again.
  return random < 4_294_000_000 ? String(random % 1_000_000).padStart(6, '0') : newPin()
}

export async function keepPin(pin: string): Promise<PinKept> {
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: pinRounds },
    key,
    256,
  )
  return { salt: toBase64(salt), hash: toBase64(new Uint8Array(bits)) }
}

const toBase64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))
