// HTTP/2 as a browser speaks it: all requests to a host share one connection, and every frame is sealed by itself.
import { connect as connectStreams, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { Duplex, type Readable } from 'node:stream'
import { connect, type TLSSocket } from 'node:tls'
import { recordBytes } from './tls.ts'

export interface Asked {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  readonly signal: AbortSignal | undefined
}

export interface Came {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
}

export class Streams {
  readonly #certificate: string
  #open: ClientHttp2Session | undefined

  /** @param certificate the one to trust, PEM */
  constructor(certificate: string) {
    this.#certificate = certificate
  }

  ask({ host, hostname, port, pathname, search }: URL, { method, headers, body, signal }: Asked): Promise<Came> {
    const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH, HTTP2_HEADER_STATUS } = constants
    this.#open ??= this.#connects(`https://${host}`, hostname, Number(port))
    const stream = this.#open.request(
      { ...headers, [HTTP2_HEADER_METHOD]: method, [HTTP2_HEADER_PATH]: pathname + search },
      { endStream: body === undefined, ...(signal && { signal }) },
    )
    if (body) stream.end(body)
    return new Promise((done, fail) => {
      stream.on('error', fail).on('close', () => fail(new TypeError('no answer')))
      stream.once('response', ({ [HTTP2_HEADER_STATUS]: status, ...heads }) =>
        done({ status: Number(status ?? 500), headers: heads, body: stream }),
      )
    })
  }

  stop(): void {
    this.#open?.destroy()
  }

  #connects(authority: string, host: string, port: number): ClientHttp2Session {
    const socket = connect({ host, port, ca: this.#certificate, ALPNProtocols: ['h2'], minVersion: 'TLSv1.3' })
    const session = connectStreams(authority, { createConnection: () => new Sealed(socket) })
    const closed = () => {
      if (this.#open === session) this.#open = undefined
    }
    return session.on('error', closed).on('goaway', closed).on('close', closed)
  }
}

const greetingBytes = 24
const frameHeadBytes = 9
const lengthOf = ([high = 0, middle = 0, low = 0]: Uint8Array): number => (high << 16) | (middle << 8) | low

/** One frame is one record, as long as it is not longer than what a browser seals at once. */
class Sealed extends Duplex {
  readonly #socket: TLSSocket
  #left = new Uint8Array()
  #greeted = false

  constructor(socket: TLSSocket) {
    super()
    this.#socket = socket
    socket.setNoDelay(true)
    socket.once('secureConnect', () => socket.setMaxSendFragment(recordBytes.browser))
    socket.on('data', (came) => this.push(came) || socket.pause())
    socket.on('end', () => this.push(null))
    socket.on('error', (fault: Error) => this.destroy(fault))
    socket.on('close', () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (fault?: Error | null) => void): void {
    const left = new Uint8Array(this.#left.byteLength + chunk.byteLength)
    left.set(this.#left)
    left.set(chunk, this.#left.byteLength)
    this.#left = left
    this.#seals(done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(fault: Error | null, done: (fault: Error | null) => void): void {
    this.#socket.destroy()
    done(fault)
  }

  /** Each only when the one before it has gone, or they would be sealed together. */
  #seals(done: (fault?: Error | null) => void): void {
    const length = this.#greeted ? frameHeadBytes + lengthOf(this.#left) : greetingBytes
    if (this.#left.byteLength < Math.max(length, frameHeadBytes)) return done()
    const frame = this.#left.subarray(0, length)
    this.#left = this.#left.subarray(length)
    this.#greeted = true
    this.#socket.write(frame, (fault) => (fault ? done(fault) : this.#seals(done)))
  }
}
