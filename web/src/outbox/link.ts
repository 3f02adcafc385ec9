// The wire: one request, one answer, and a clear name for every way in which none comes.
import { accountHeader, marker, type SyncAnswer, type SyncRequest } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import type { Have } from '#db/upload.ts'
import type { Beginning, Continuation, Part } from './broken.ts'

/**
 * Why there is no answer. `offline`: nothing came. `portal`: something came, but not from us. `signedOut`: the house
 * does not know us, or knows somebody else. `tooLarge`: fewer at a time. `update`: it no longer understands this app.
 * `busy`: it asks to come again.
 */
export type Silence = 'offline' | 'portal' | 'signedOut' | 'tooLarge' | 'update' | 'busy'
/** `broke`: it broke off in the middle, and this is what had come by then. */
type Said = Part | Have | { readonly silence: Silence; readonly afterMs?: number }
/** `tookMs`: from the first byte out until the last one in, or until it was clear that none comes. */
export type Heard = Said & { readonly tookMs?: number }

/** A request as it travels. */
export interface Cargo {
  readonly request: SyncRequest
  readonly body: Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
}

export interface Link {
  /** @param account whose outbox it is: where somebody else is signed in by now, the house answers `signedOut` */
  send(account: Id, cargo: Cargo): Promise<Heard>
  /** nothing came last time and the device itself says that it has no network: no command is put on the wire then */
  down(): boolean
}

/** how long nothing may come */
const patienceMs = 30_000
/** the slowest network on which a request is thought to be still on its way: 16 kbit/s */
const slowestBytesPerMs = 2
const worthZippingBytes = 1024
/** What weighs less is sent again sooner than the house is asked how much of it came. */
export const heavyBytes = 2048

/** @returns milliseconds after which a request of so many bytes, to which nothing came back, is given up */
export const patienceFor = (bytes: number): number => patienceMs + bytes / slowestBytesPerMs

/** @param clock milliseconds, of a clock that nobody sets */
export function fetchLink(
  fetcher: typeof fetch = (...given) => fetch(...given),
  clock: () => number = () => performance.now(),
): Link {
  let proved = false
  let rest: Beginning | undefined
  return {
    down: () => !proved && navigator.onLine === false,
    async send(account, cargo) {
      const patience = new AbortController()
      let timer: ReturnType<typeof setTimeout> | undefined
      const waits = (ms: number) => {
        clearTimeout(timer)
        timer = setTimeout(() => patience.abort(), ms)
      }
      waits(patienceFor(cargo.body.byteLength))
      const began = clock()
      const going = rest?.goesOn(cargo)
      const { body, headers } = going ?? cargo
      try {
        const answer = await fetcher('/api/sync', {
          method: 'POST',
          headers: { ...headers, [accountHeader]: account },
          body,
          redirect: 'manual',
          signal: patience.signal,
        })
        const heard = await understood(answer, going, () => waits(patienceMs))
        if ('answer' in heard && (going || heard.rest)) rest = heard.rest
        proved = !('silence' in heard)
        return { ...heard, tookMs: clock() - began }
      } catch {
        proved = false
        return { silence: 'offline', tookMs: clock() - began }
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

/** What comes without our marker is a portal's page, whatever it claims to be. */
async function understood(answer: Response, going: Continuation | undefined, comes: () => void): Promise<Said> {
  if (!answer.headers.has(marker)) return { silence: 'portal' }
  const part = await going?.takes(answer, comes)
  if (part) return part
  if (answer.ok) {
    const text = new TextDecoder().decode(await bytesOf(answer, comes))
    return answer.status === 202 ? (JSON.parse(text) as Have) : read(text)
  }
  if (answer.status === 401) return { silence: 'signedOut' }
  if (answer.status === 413) return { silence: 'tooLarge' }
  if (answer.status === 429 || answer.status >= 500) {
    const seconds = Number(answer.headers.get('retry-after'))
    return seconds > 0 ? { silence: 'busy', afterMs: seconds * 1000 } : { silence: 'busy' }
  }
  return { silence: 'update' }
}

/** @throws SyntaxError where it is no answer, not even the beginning of one */
async function read(text: string): Promise<Said> {
  try {
    return { answer: JSON.parse(text) as SyncAnswer }
  } catch {
    return (await import('./broken.ts')).asFarAsItCame(text)
  }
}

/**
 * What came, until it ended or broke off: some networks end it early without a word, so only the text itself can tell.
 *
 * @param comes called whenever something has come: a slow answer is waited for as long as it grows
 */
export async function bytesOf(answer: Response, comes: () => void): Promise<Uint8Array<ArrayBuffer>> {
  const reader = answer.body?.getReader()
  let came = new Uint8Array()
  try {
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      comes()
      came = joined(came, part.value)
    }
  } catch {
    // it broke off
  }
  return came
}

export function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

/** The same commands make the same bytes, as long as the browser stays the same. */
export async function pack(request: SyncRequest): Promise<Cargo> {
  const plain = new TextEncoder().encode(JSON.stringify(request))
  const type = { 'content-type': 'application/json' }
  if (plain.byteLength <= worthZippingBytes) return { request, body: plain, headers: type }
  try {
    const body = await gzip(plain)
    return { request, body, headers: { ...type, 'content-encoding': 'gzip' } }
  } catch {
    // an old phone whose cache has no zipper: it goes as it is
    return { request, body: plain, headers: type }
  }
}

async function gzip(plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof CompressionStream === 'function') {
    const zipped = new Blob([plain]).stream().pipeThrough(new CompressionStream('gzip'))
    return new Uint8Array(await new Response(zipped).arrayBuffer())
  }
  const { gzipSync } = await import('fflate')
  return gzipSync(plain)
}
