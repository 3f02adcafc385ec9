// A passkey made of software: it answers as a browser and its authenticator would, so that the demo house is planted and
// the tests come in by the product's own doors. Its key lives as long as the process.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { OpenHouse } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import type { Assertion, Registration } from '#db/passkey.ts'
import { base64, concat, sha256, unbase64 } from '#db/record.ts'

/** What the house asks to be made (`navigator.credentials.create`). */
export interface ToMake {
  readonly challenge: string
  readonly rp: { readonly id?: string; readonly name: string }
  readonly user: { readonly id: string; readonly name: string }
}

/** What the house asks to be signed (`navigator.credentials.get`). */
export interface ToSign {
  readonly challenge: string
  readonly rpId?: string
  readonly allowCredentials?: readonly { readonly id: string }[]
}

/** On which page somebody is, and what is said otherwise than it is: for those who try what they should not. */
export interface Page {
  readonly origin: string
  readonly rpId?: string
  readonly unverified?: boolean
}

const present = 0x01
const verified = 0x04
const synced = 0x18 // may be carried to other devices, and is
const brings = 0x40 // a new key comes along

export class SoftPasskey {
  readonly id = base64url(crypto.getRandomValues(new Uint8Array(32)))
  /** how often it has signed; passkeys that are carried to other devices do not count, and stay at 0 */
  counter = 0
  userHandle: string
  readonly #key: KeyObject
  readonly #point: { readonly x: Uint8Array; readonly y: Uint8Array }

  private constructor(userHandle: string) {
    this.userHandle = userHandle
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    this.#key = privateKey
    this.#point = { x: unbase64(x), y: unbase64(y) }
  }

  static made(asked: ToMake, page: Page): { passkey: SoftPasskey; credential: Registration } {
    const passkey = new SoftPasskey(asked.user.id)
    return { passkey, credential: passkey.#registers(asked, page) }
  }

  #registers(asked: ToMake, page: Page): Registration {
    const id = unbase64(this.id)
    const key = cbor(
      new Map<number, Cbor>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, this.#point.x],
        [-3, this.#point.y],
      ]),
    )
    const data = concat([
      this.#data(asked.rp.id, page, synced | brings),
      new Uint8Array(16), // of no maker
      Uint8Array.of(id.length >> 8, id.length & 0xff),
      id,
      key,
    ])
    const attestation = cbor(
      new Map<string, Cbor>([
        ['fmt', 'none'],
        ['attStmt', new Map<string, Cbor>()],
        ['authData', data],
      ]),
    )
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(clientData('webauthn.create', asked.challenge, page)),
        attestationObject: base64url(attestation),
        transports: ['internal'],
      },
    }
  }

  signs(asked: ToSign, page: Page): Assertion {
    if (this.counter > 0) this.counter += 1
    const data = this.#data(asked.rpId, page, synced)
    const client = clientData('webauthn.get', asked.challenge, page)
    const signature = sign('sha256', concat([data, sha256(client)]), this.#key)
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(data),
        signature: base64url(new Uint8Array(signature)),
        userHandle: this.userHandle,
      },
    }
  }

  #data(rpId: string | undefined, page: Page, flags: number): Uint8Array {
    const counter = new DataView(new ArrayBuffer(4))
    counter.setUint32(0, this.counter)
    const person = page.unverified ? present : present | verified
    const flagged = Uint8Array.of(flags | person)
    return concat([sha256(page.rpId ?? rpId ?? ''), flagged, new Uint8Array(counter.buffer)])
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const base64url = (bytes: Uint8Array): string =>
  base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

const clientData = (type: string, challenge: string, { origin }: Page): Uint8Array =>
  utf8(JSON.stringify({ type, challenge, origin, crossOrigin: false }))

type Cbor = number | string | Uint8Array | Map<number, Cbor> | Map<string, Cbor>

/** RFC 8949, as much of it as a passkey needs. */
function cbor(value: Cbor): Uint8Array {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return concat([head(3, utf8(value).length), utf8(value)])
  if (value instanceof Uint8Array) return concat([head(2, value.length), value])
  const entries = [...value].flatMap(([name, inside]) => [cbor(name), cbor(inside)])
  return concat([head(5, value.size), ...entries])
}

function head(major: number, argument: number): Uint8Array {
  const kind = major << 5
  if (argument < 24) return Uint8Array.of(kind | argument)
  return argument < 256 ? Uint8Array.of(kind | 24, argument) : Uint8Array.of(kind | 25, argument >> 8, argument & 0xff)
}

/** Asks the house as somebody's browser does, and throws where it refuses. */
export type Post = <Answer>(path: string, body: object) => Promise<Answer>

/** An officer takes the code that their house gave them, and is signed in. */
export async function enrols(post: Post, page: Page, code: string): Promise<SoftPasskey> {
  const { passkey, credential } = SoftPasskey.made(
    await post<ToMake>('/api/identity/enrolment/options', { code }),
    page,
  )
  await post('/api/identity/enrolment/take', { code, credential })
  return passkey
}

export async function signsIn(post: Post, page: Page, passkey: SoftPasskey): Promise<void> {
  const asked = await post<ToSign>('/api/identity/passkeys/sign-in/options', {})
  await post('/api/identity/passkeys/sign-in', { credential: passkey.signs(asked, page) })
}

/** Whoever holds the secret code opens a house, and is signed in as its first admin. */
export async function founds(post: Post, page: Page, founding: string, house: OpenHouse): Promise<Id> {
  const form = { founding, ...house }
  const { credential } = SoftPasskey.made(await post<ToMake>('/api/houses/found/options', form), page)
  return (await post<{ id: Id }>('/api/houses/found', { house: form, credential })).id
}
