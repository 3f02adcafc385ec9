// The road between a phone and its house: all that a browser sends goes through it, pages, service worker and Background
// Sync alike, in every browser. It breaks, goes silent or leads to the login page of a hotel; and the house at its end
// may bring out a newer version of its app.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { uploadHeader } from '#db/upload.ts'

/**
 * `open` to the house. `cut`: every connection breaks at once. `silent`: nothing ever comes back. `portal`: a hotel's
 * login page with 200, whatever was asked. `detour`: a redirect to such a page. `breaks`: the first answer that has much
 * to say, to a page that stays to hear it, breaks off in the middle, and from then on the way is `cut`. `narrow`: every
 * connection breaks that has carried so much of a request; so much of it the house has got.
 */
type Way = 'open' | 'cut' | 'silent' | 'portal' | 'detour' | 'breaks' | 'narrow'

/** What one connection of a narrow way carried of a request. */
interface Carried {
  readonly bytes: number
  /** how long the whole was, of which these may have been a piece */
  readonly of: number
}

/** bytes on the wire */
const muchToSay = 4000
/** A browser forgets what came of an answer if it breaks before the page has read it, and a busy page reads late. */
const timeToReadMs = 2000
/** of a request's body, on a narrow way */
const carriesBytes = 3000
/** Nobody notices at once that a connection is dead. */
const noticedMs = 1200

const hotel = '<!doctype html><title>酒店无线网络</title><h1>酒店无线网络</h1><form>房间号 <input name="room"></form>'
const newerMark = '<meta name="newer">'

export class Road {
  readonly url: string
  /** one for each connection of a narrow way, in the order in which they ended */
  readonly carried: Carried[] = []
  readonly #house: string
  readonly #server: Server
  readonly #detour = '/hotel/login'
  #way: Way = 'open'
  #where = /^/
  #newer = false

  static async to(house: string): Promise<Road> {
    const server = createServer()
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    return new Road(server, house)
  }

  private constructor(server: Server, house: string) {
    this.#server = server
    this.#house = house
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (asked: IncomingMessage, answer: ServerResponse) => this.#meets(asked, answer))
  }

  /** @param where which paths; all others lead to the house */
  leads(way: Way, where = /^/): void {
    this.#way = way
    this.#where = where
    if (way !== 'open') this.#server.closeAllConnections() // whoever walks on it now does not arrive
  }

  /** From now on the house serves a newer version of its app: each page has a mark in its head, `meta[name=newer]`. */
  releases(): void {
    this.#newer = true
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }

  #meets(asked: IncomingMessage, answer: ServerResponse): void {
    const path = asked.url ?? '/'
    const way = path === this.#detour ? 'portal' : this.#where.test(path) ? this.#way : 'open'
    if (way === 'open') this.#passes(asked, answer)
    else if (way === 'breaks') this.#breaks(asked, answer)
    else if (way === 'narrow') this.#narrows(asked, answer)
    else if (way === 'cut') asked.destroy()
    else if (way === 'portal') answer.setHeader('content-type', 'text/html; charset=utf-8').end(hotel)
    else if (way === 'detour') answer.writeHead(302, { location: this.#detour }).end()
  }

  #breaks(asked: IncomingMessage, answer: ServerResponse): void {
    const there = request(
      this.#house + asked.url,
      { method: asked.method, headers: asked.headers, agent: false },
      (came) =>
        void buffer(came).then((body) => {
          answer.writeHead(came.statusCode ?? 500, came.headers)
          if (body.length < muchToSay) return answer.end(body)
          answer.write(body.subarray(0, body.length / 2))
          const breaks = setTimeout(() => {
            this.#way = 'cut'
            answer.destroy()
          }, timeToReadMs)
          answer.on('close', () => clearTimeout(breaks))
        }),
    )
    there.on('error', () => answer.destroy())
    asked.pipe(there)
  }

  #narrows(asked: IncomingMessage, answer: ServerResponse): void {
    const { headers } = asked
    answer.shouldKeepAlive = false
    const there = request(this.#house + asked.url, { method: asked.method, headers, agent: false }, (came) => {
      answer.writeHead(came.statusCode ?? 500, came.headers)
      came.pipe(answer)
    })
    let bytes = 0
    let broken = false
    const note = () => {
      const whole = String(headers[uploadHeader] ?? headers['content-length'])
      this.carried.push({ bytes, of: Number(whole.split(' ').at(-1)) })
    }
    asked.on('data', (chunk: Buffer) => {
      if (broken) return
      const fits = chunk.subarray(0, carriesBytes - bytes)
      bytes += fits.length
      broken = fits.length < chunk.length
      if (!broken) return void there.write(fits)
      note()
      there.write(fits, () => there.destroy()) // the house hears of it first: the next connection finds these bytes there
      setTimeout(() => answer.destroy(), noticedMs)
    })
    asked.on('end', () => {
      if (broken) return
      note()
      there.end()
    })
    there.on('error', () => broken || answer.destroy())
  }

  #passes(asked: IncomingMessage, answer: ServerResponse): void {
    const headers = { ...asked.headers, 'accept-encoding': 'identity' }
    const there = request(this.#house + asked.url, { method: asked.method, headers, agent: false }, (came) => {
      const { 'content-length': _, etag: __, ...kept } = came.headers
      answer.writeHead(came.statusCode ?? 500, kept)
      if (this.#newer && /html|javascript/.test(came.headers['content-type'] ?? ''))
        void text(came).then((page) => answer.end(changed(page)))
      else came.pipe(answer)
    })
    there.on('error', () => answer.destroy())
    asked.pipe(there)
  }
}

/** Another page, and in the service worker another revision of it. */
const changed = (page: string): string =>
  page.replace('<head>', `<head>${newerMark}`).replaceAll(/revision:([`"'])(\w+)\1/g, 'revision:"$2+"')
