// A bad link on loopback: what passes through it is slow, late, or cut off, whatever the browser is doing. Throttling
// inside a browser misses what its service worker fetches; this misses nothing.
import { connect, createServer, type Socket } from 'node:net'

export interface LinkShape {
  /** bytes per second, each way, shared by all connections; none for as fast as the machine */
  readonly bytesPerSecond?: number
  /** added each way, milliseconds */
  readonly delayMs?: number
}

export interface Link {
  /** the address behind the link, without a slash at its end */
  readonly url: string
  /** bytes that have passed, both ways, since the link was opened */
  readonly bytes: { up: number; down: number }
  /** cuts every connection and lets no new one through, or lets them through again */
  through(open: boolean): void
  stop(): Promise<void>
}

/** @param target where the link leads, such as `http://127.0.0.1:4000` */
export async function openLink(target: string, { bytesPerSecond = Infinity, delayMs = 0 }: LinkShape): Promise<Link> {
  const { port } = new URL(target)
  const sockets = new Set<Socket>()
  const bytes = { up: 0, down: 0 }
  // Each way is one pipe: what is sent while it is full waits for its turn.
  const freeAt = { up: 0, down: 0 }
  let open = true

  const carry = (from: Socket, to: Socket, way: 'up' | 'down') => {
    from.on('data', (chunk) => {
      bytes[way] += chunk.length
      const now = performance.now()
      freeAt[way] = Math.max(freeAt[way], now) + (chunk.length / bytesPerSecond) * 1000
      const wait = freeAt[way] - now + delayMs
      // A sender that is far ahead of the pipe is held back, as a full buffer would.
      if (wait > 1000) {
        from.pause()
        setTimeout(() => from.resume(), wait - 1000)
      }
      setTimeout(() => to.writable && to.write(chunk), wait)
    })
    from.on('end', () => setTimeout(() => to.end(), Math.max(0, freeAt[way] - performance.now()) + delayMs))
    from.on('error', () => to.destroy())
    from.on('close', () => sockets.delete(from))
  }

  const server = createServer({ noDelay: true }, (near) => {
    if (!open) return near.destroy()
    const far = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
    sockets.add(near).add(far)
    carry(near, far, 'up')
    carry(far, near, 'down')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a link without a port')

  const cut = () => sockets.forEach((socket) => socket.destroy())
  return {
    url: `http://127.0.0.1:${address.port}`,
    bytes,
    through(wanted) {
      open = wanted
      if (!open) cut()
    },
    stop() {
      cut()
      return new Promise((closed) => server.close(() => closed()))
    },
  }
}
