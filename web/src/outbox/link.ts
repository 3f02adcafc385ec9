// The wire: one request, one answer, and a clear name for every way in which none comes.
import { accountHeader, marker, type SyncAnswer, type SyncRequest } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import type { Have } from '#db/upload.ts'
import type { Rest } from './broken.ts'

/**
 * Why there is no answer. `offline`: nothing came. `portal`: something came, but not from us. `signedOut`: the house
 * does not know us, or knows somebody else. `tooLarge`: fewer at a time. `update`: it no longer understands this app.
 * `busy`: it asks to come again.
 */
export type Silence = 'offline' | 'portal' | 'signedOut' | 'tooLarge' | 'update' | 'busy'
/**
 * `broke`: it broke off in the middle, and this is what had come by then. `further`: of the change in which it broke
 * there is more than before.
 */
type Said =
  | {
      readonly answer: SyncAnswer
      readonly broke?: true
      readonly further?: boolean | undefined
      readonly rest?: Rest | undefined
    }
  | Have
  | { readonly silence: Silence; readonly afterMs?: number }
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
  let rest: Rest | undefined
  return {
    down: () => !proved && navigator.onLine === false,
    async send(account, { body, headers }) {
      const patience = new AbortController()
      let timer: ReturnType<typeof setTimeout> | undefined
      const waits = (ms: number) => {
        clearTimeout(timer)
        timer = setTimeout(() => patience.abort(), ms)
      }
      waits(patienceFor(body.byteLength))
      const began = clock()
      const begun = rest // another request beside this one may change it
      try {
        const answer = await fetcher('/api/sync', {
          method: 'POST',
          headers: { ...headers, ...begun?.headers, [accountHeader]: account },
          body,
          redirect: 'manual',
          signal: patience.signal,
        })
        const heard = await understood(answer, begun, () => waits(patienceMs))
        if ('answer' in heard) rest = heard.rest
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
async function understood(answer: Response, rest: Rest | undefined, comes: () => void): Promise<Said> {
  if (!answer.headers.has(marker)) return { silence: 'portal' }
  if (answer.status === 202) return JSON.parse(await textOf(answer, comes)) as Have
  if (answer.ok) return read(await textOf(answer, comes), rest)
  if (answer.status === 401) return { silence: 'signedOut' }
  if (answer.status === 413) return { silence: 'tooLarge' }
  if (answer.status === 429 || answer.status >= 500) {
    const seconds = Number(answer.headers.get('retry-after'))
    return seconds > 0 ? { silence: 'busy', afterMs: seconds * 1000 } : { silence: 'busy' }
  }
  return { silence: 'update' }
}

/** @throws SyntaxError where it is no answer, not even the beginning of one */
async function read(text: string, rest: Rest | undefined): Promise<Said> {
  try {
    if (!rest) return { answer: JSON.parse(text) as SyncAnswer }
  } catch {
    // it is read as far as it came
  }
  const { asFarAsItCame } = await import('./broken.ts')
  return asFarAsItCame(text, rest)
}

/**
 * What came, until it ended or broke off: some networks end it early without a word, so only the text itself can tell.
 *
 * @param comes called whenever something has come: a slow answer is waited for as long as it grows
 */
async function textOf(answer: Response, comes: () => void): Promise<string> {
  const reader = answer.body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      comes()
      text += decoder.decode(value, { stream: !done })
      if (done) return text
    }
  } catch {
    return text
  }
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
