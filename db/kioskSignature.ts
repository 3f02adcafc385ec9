// How a kiosk signs what it asks of its house: HTTP message signatures (RFC 9421), always of one form. They cover the
// method, the path, the time, a nonce, and the body by its digest (RFC 9530). Of a body that comes in pieces they cover
// where the piece belongs instead, which names the hash of the whole: what arrives of a piece that breaks off is of use.
import type { Id } from './id.ts'
import { uploadHeader } from './upload.ts'

/** A clock that is further off than this is told what time it is; for so long each nonce is remembered. */
export const signatureWindowMs = 5 * 60_000

/** Every Chrome since 87 keeps one that no script can read out. */
export const keyKind = { name: 'ECDSA', namedCurve: 'P-256' } as const
const suite = { name: 'ECDSA', hash: 'SHA-256' } as const

/** Who signs before the house has given it a name. */
export const newcomer = 'new'

/** What is signed of a request. */
export interface Signable {
  readonly method: string
  /** with its query, if it has one */
  readonly path: string
  /** as in the header `x-etongban-upload`; null for a body that comes whole */
  readonly upload: string | null
  /** as in the header `content-digest` */
  readonly digest: string
}

/** What a request says of its signature. */
export interface Claimed {
  readonly signer: string
  /** UTC milliseconds, whole seconds, the signer's clock */
  readonly created: number
  readonly nonce: string
  readonly covers: 'content-digest' | typeof uploadHeader
  readonly params: string
  readonly signature: Uint8Array<ArrayBuffer>
}

/**
 * @param signer the kiosk's id, or `newcomer`
 * @param now UTC milliseconds, as the house would say
 * @returns the headers to send along
 */
export async function sign(
  key: CryptoKey,
  signer: Id | typeof newcomer,
  request: Omit<Signable, 'digest'> & { readonly body: Uint8Array<ArrayBuffer> },
  now: number,
): Promise<Record<string, string>> {
  const digest = await digestOf(request.body)
  const nonce = inAddress(crypto.getRandomValues(new Uint8Array(16)))
  const covers = request.upload === null ? 'content-digest' : uploadHeader
  const params = `("@method" "@path" "@query" "${covers}");created=${Math.floor(now / 1000)};keyid="${signer}";nonce="${nonce}";alg="ecdsa-p256-sha256"`
  const signature = await crypto.subtle.sign(suite, key, bytesOf(baseOf({ ...request, digest }, covers, params)))
  return {
    'content-digest': digest,
    'signature-input': `kiosk=${params}`,
    signature: `kiosk=:${base64(new Uint8Array(signature))}:`,
  }
}

const inputForm =
  /^kiosk=(\("@method" "@path" "@query" "(content-digest|x-etongban-upload)"\);created=(\d{1,11});keyid="([\w-]{1,36})";nonce="([\w-]{22})";alg="ecdsa-p256-sha256")$/
const signatureForm = /^kiosk=:([A-Za-z0-9+/]{86}==):$/

/** Whether somebody means to have signed this: then nothing else says who they are. */
export const isSigned = (headers: Headers): boolean => headers.has('signature-input') || headers.has('signature')

/** @returns undefined where it is not of our form */
export function readSignature(headers: Headers): Claimed | undefined {
  const [, params = '', covers, created, signer = '', nonce = ''] =
    inputForm.exec(headers.get('signature-input') ?? '') ?? []
  const signature = signatureForm.exec(headers.get('signature') ?? '')?.[1]
  if (!covers || signature === undefined) return undefined
  // Whoever signs a piece says where it belongs, and whoever signs a whole says nothing of pieces.
  if ((covers === uploadHeader) !== headers.has(uploadHeader)) return undefined
  return {
    ...{ signer, nonce, params, covers: covers as Claimed['covers'], signature: unbase64(signature) },
    created: Number(created) * 1000,
  }
}

export const verifies = (key: CryptoKey, { covers, params, signature }: Claimed, request: Signable): Promise<boolean> =>
  crypto.subtle.verify(suite, key, signature, bytesOf(baseOf(request, covers, params)))

/** @returns as the header `content-digest` says it */
export const digestOf = async (body: Uint8Array<ArrayBuffer>): Promise<string> =>
  `sha-256=:${base64(new Uint8Array(await crypto.subtle.digest('SHA-256', body)))}:`

/** The public half as it travels and is kept: the point, 65 bytes, base64. */
export const publicText = async (key: CryptoKey): Promise<string> =>
  base64(new Uint8Array((await crypto.subtle.exportKey('raw', key)) as ArrayBuffer))

/** @throws DataError where it is no point of the curve */
export const publicKey = (text: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', unbase64(text), keyKind, false, ['verify'])

function baseOf({ method, path, upload, digest }: Signable, covers: Claimed['covers'], params: string): string {
  const { pathname, search } = new URL(path, 'https://house')
  return [
    `"@method": ${method}`,
    `"@path": ${pathname}`,
    `"@query": ${search || '?'}`,
    `"${covers}": ${covers === uploadHeader ? (upload ?? '') : digest}`,
    `"@signature-params": ${params}`,
  ].join('\n')
}

const bytesOf = (text: string) => new TextEncoder().encode(text)
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))
const inAddress = (bytes: Uint8Array) => base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const unbase64 = (text: string) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
