// A browser's `fetch` in Node, as far as benches need it: a few connections that are kept alive, one where there is TLS,
// and what Chromium on a phone sends beside what the page asks for. One thing of Chromium is left out: a request that
// dies on a connection which carried one before is sent once more by Chromium itself, unseen.
import { Agent, request, type IncomingMessage } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { Streams, type Asked, type Came } from './streams.ts'

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
  readonly #agent = new Agent({ keepAlive: true, maxSockets: maxConnections })
  readonly #streams: Streams | undefined

  /**
   * @param url what paths are relative to
   * @param jar whose cookies go along
   * @param certificate the one to trust where the url is https, PEM
   */
  constructor(url: string, jar?: Jar, certificate?: string) {
    this.#url = url
    this.#jar = jar
    this.#streams = certificate ? new Streams(certificate) : undefined
  }

  /** As in a browser; what comes is handed on as it comes, unzipped. */
  fetch = async (to: RequestInfo | URL, options: RequestInit = {}): Promise<Response> => {
    const url = new URL(to as string, this.#url)
    const body = typeof options.body === 'string' ? new TextEncoder().encode(options.body) : options.body
    const cookie = [...(this.#jar?.cookies ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
    const asked: Asked = {
      method: options.method ?? 'GET',
      signal: options.signal ?? undefined,
      body: body as Uint8Array | undefined,
      headers: {
        ...usual,
        ...Object.fromEntries(new Headers(options.headers)),
        ...(cookie && { cookie }),
        ...(body && { origin: this.#url, 'content-length': String((body as Uint8Array).byteLength) }),
      },
    }
    this.requests += 1
    const came = await (this.#streams?.ask(url, asked) ?? this.#asks(url, asked))
    for (const set of came.headers['set-cookie'] ?? []) this.#jar?.keep(set)
    return new Response(plain(came), {
      status: came.status,
      headers: Object.entries(came.headers).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' && name !== 'content-encoding' ? [[name, value]] : [],
      ),
    })
  }

  /** Closes what was kept alive. */
  stop(): void {
    this.#agent.destroy()
    this.#streams?.stop()
  }

  async #asks(url: URL, { method, headers, body, signal }: Asked): Promise<Came> {
    const asked = request(url, { agent: this.#agent, method, headers, signal })
    const heard = new Promise<IncomingMessage>((done, fail) => asked.once('response', done).on('error', fail))
    asked.end(body)
    const came = await heard
    return { status: came.statusCode ?? 500, headers: came.headers, body: came }
  }
}

function plain({ status, headers, body }: Came): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  if (status === 204 || status === 304) return null
  const unzip = { gzip: createGunzip, br: createBrotliDecompress }[headers['content-encoding'] ?? '']
  const came: Readable = unzip ? pipeline(body, unzip(), () => undefined) : body
  const parts = came[Symbol.asyncIterator]() as AsyncIterator<Uint8Array<ArrayBuffer>>
  return new ReadableStream({
    async pull(controller) {
      const part = await parts.next()
      if (part.done) controller.close()
      else controller.enqueue(part.value)
    },
    cancel: () => void body.destroy(),
  })
}
