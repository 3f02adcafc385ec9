// A browser's side of the wire, with every byte counted that its sockets carry: request lines and headers too.
import { request, type IncomingMessage } from 'node:http'
import type { Visitor } from '#test/server.ts'

/** What Chrome on a phone sends beside what the page asks for. */
const usual = {
  connection: 'close',
  'user-agent':
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36',
  accept: '*/*',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'zh-CN,zh;q=0.9',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
}

export class Wire {
  readonly #who: Visitor
  up = 0
  down = 0
  requests = 0

  /** @param who signed in: their cookies go along, and new ones are kept */
  constructor(who: Visitor) {
    this.#who = who
  }

  starts(): void {
    this.up = this.down = this.requests = 0
  }

  /** As `fetch`, as far as the phone's link needs it. */
  fetch = async (path: RequestInfo | URL, options: RequestInit = {}): Promise<Response> => {
    const cookie = [...this.#who.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const given = Object.fromEntries(new Headers(options.headers))
    const asked = request(new URL(path as string, this.#who.url), {
      method: options.method ?? 'GET',
      headers: {
        ...usual,
        ...given,
        cookie,
        origin: this.#who.url,
        'content-length': (options.body as Uint8Array).byteLength,
      },
    })
    const heard = new Promise<IncomingMessage>((done, fail) => asked.once('response', done).once('error', fail))
    asked.end(options.body)
    const answer = await heard
    const chunks: Uint8Array[] = []
    for await (const chunk of answer) chunks.push(chunk as Uint8Array)
    this.requests += 1
    this.up += answer.socket.bytesWritten
    this.down += answer.socket.bytesRead
    for (const set of answer.headers['set-cookie'] ?? []) this.#who.keep(set)

    const zipped = answer.headers['content-encoding'] === 'gzip'
    const body = new Blob(chunks as Uint8Array<ArrayBuffer>[])
    const plain = zipped ? body.stream().pipeThrough(new DecompressionStream('gzip')) : body
    const headers = Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[name, value]] : [],
    )
    return new Response(plain as BodyInit, { status: answer.statusCode ?? 500, headers })
  }
}
