// A relative's five minutes: a small signed token that spares the server a look-up at each sync. Sign-out clears it,
// but a copy stays good until it ends; so officers and kiosks have none. At most 200 bytes on the wire.
import type { Id } from '#db/id.ts'

export interface Pass {
  readonly account: Id
  readonly facilities: readonly Id[]
}

export const tokenCookie = 'etb'
export const tokenSeconds = 300
/** More would not fit into 200 bytes: who has ties in more houses is looked up each time. */
const mostFacilities = 5

const ID_BYTES = 16
const TIME_BYTES = 6
const MAC_BYTES = 32

/**
 * base64url of: account (16 bytes), the second at which it ends (6 bytes), facilities (16 bytes each),
 * HMAC-SHA-256 (32 bytes).
 * @param now UTC milliseconds
 * @returns null for an account with more than `mostFacilities`
 */
export async function seal(secret: string, pass: Pass, now: number): Promise<string | null> {
  if (pass.facilities.length > mostFacilities) return null
  const ends = (Math.floor(now / 1000) + tokenSeconds).toString(16).padStart(TIME_BYTES * 2, '0')
  const body = fromHex([bare(pass.account), ends, ...pass.facilities.map(bare)].join(''))
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', await keyOf(secret), marked(body)))
  return toBase64url(new Uint8Array([...body, ...mac]))
}

/** @returns null for a token that is forged, broken or has ended */
export async function open(secret: string, token: string, now: number): Promise<Pass | null> {
  const bytes = fromBase64url(token)
  const facilitiesAt = ID_BYTES + TIME_BYTES
  const facilityBytes = (bytes?.length ?? 0) - facilitiesAt - MAC_BYTES
  if (!bytes || facilityBytes < 0 || facilityBytes % ID_BYTES !== 0) return null

  const body = bytes.slice(0, -MAC_BYTES)
  if (!(await crypto.subtle.verify('HMAC', await keyOf(secret), bytes.slice(-MAC_BYTES), marked(body)))) return null

  const hex = [...body].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  if (Number.parseInt(hex.slice(ID_BYTES * 2, facilitiesAt * 2), 16) * 1000 <= now) return null
  const facilities: Id[] = []
  for (let at = facilitiesAt * 2; at < hex.length; at += ID_BYTES * 2)
    facilities.push(dashed(hex.slice(at, at + ID_BYTES * 2)))
  return { account: dashed(hex.slice(0, ID_BYTES * 2)), facilities }
}

// The same secret signs session cookies: a mark in front keeps one from passing for the other.
const MARK = new TextEncoder().encode('etongban pass 1\0')
const marked = (body: Uint8Array) => new Uint8Array([...MARK, ...body])

/** Of a deployment there is one secret: its key is made once. */
async function keyOf(secret: string): Promise<CryptoKey> {
  if (known?.secret !== secret) known = { secret, key: importKey(secret) }
  return known.key
}
let known: { readonly secret: string; readonly key: Promise<CryptoKey> } | undefined

const importKey = (secret: string) =>
  crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ])

const bare = (id: Id) => id.replaceAll('-', '')
const dashed = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as Id
const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const toBase64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

function fromBase64url(text: string): Uint8Array | null {
  if (!/^[\w-]+$/.test(text)) return null
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (unit) => unit.charCodeAt(0))
  } catch {
    return null
  }
}
