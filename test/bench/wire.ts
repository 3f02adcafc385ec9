// A browser's `fetch` in Node, as far as benches need it: a few connections that are kept alive, and what Chromium on a
// phone sends beside what the page asks for. One thing of Chromium is left out: a request that dies on a connection
// which carried one before is sent once more by Chromium itself, unseen.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { recordBytes } from './tls.ts'

const usual = {
  'user-agent':
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36',
  accept: '*/*',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'zh-CN,zh;q=0.9',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
}
/** to one host, over HTTP/1.1 */
const maxConnections = 6

export interface Jar {
  readonly cookies: ReadonlyMap<string, string>
  /** @param cookie as a `set-cookie` header says it */
  keep(cookie: string): void
}

export class Wire {
  requests = 0
  readonly #url: string
  readonly #jar: Jar | undefined
  readonly #agent: HttpAgent

  /**
   * @param url what paths are relative to
   * @param jar whose cookies go along
   * @param certificate the one to trust where the url is https, PEM
   */
  constructor(url: string, jar?: Jar, certificate?: string) {
    this.#url = url
    this.#jar = jar
    const pool = { keepAlive: true, maxSockets: maxConnections, noDelay: true }
    this.#agent = certificate ? new HttpsAgent({ ...pool, ca: certificate }) : new HttpAgent(pool)
  }

  /** As in a browser; what comes is handed on as it comes, unzipped. */
  fetch = async (to: RequestInfo | URL, options: RequestInit = {}): Promise<Response> => {
    const url = new URL(to as string, this.#url)
    const body = typeof options.body === 'string' ? new TextEncoder().encode(options.body) : options.body
    const cookie = [...(this.#jar?.cookies ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
    const asked = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      agent: this.#agent,
      method: options.method ?? 'GET',
      signal: options.signal ?? undefined,
      headers: {
        ...usual,
        ...Object.fromEntries(new Headers(options.headers)),
        ...(cookie && { cookie }),
        ...(body && { origin: this.#url, 'content-length': (body as Uint8Array).byteLength }),
      },
    })
    asked.on('socket', (socket) => {
      if (socket instanceof TLSSocket) socket.setMaxSendFragment(recordBytes.browser)
    })
    this.requests += 1
    const heard = new Promise<IncomingMessage>((done, fail) => asked.once('response', done).on('error', fail))
    asked.end(body)
    const answer = await heard
    for (const set of answer.headers['set-cookie'] ?? []) this.#jar?.keep(set)
    return new Response(plain(answer), {
      status: answer.statusCode ?? 500,
      headers: Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' && name !== 'content-encoding' ? [[name, value]] : [],
      ),
    })
  }

  /** Closes what was kept alive. */
  stop(): void {
    this.#agent.destroy()
  }
}

function plain(answer: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  const { headers, statusCode } = answer
  if (statusCode === 204 || statusCode === 304) return null
  const unzip = { gzip: createGunzip, br: createBrotliDecompress }[headers['content-encoding'] ?? '']
  const came = unzip ? pipeline(answer, unzip(), () => undefined) : answer
  const parts = came[Symbol.asyncIterator]() as AsyncIterator<Uint8Array<ArrayBuffer>>
  return new ReadableStream({
    async pull(controller) {
      const part = await parts.next()
      if (part.done) controller.close()
      else controller.enqueue(part.value)
    },
    cancel: () => void answer.destroy(),
  })
}
