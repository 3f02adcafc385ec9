// A bad link on loopback: what passes through it is slow, late, or cut off, whatever the client is doing. Throttling
// inside a browser misses what its service worker fetches; this misses nothing. A connection opens at once: TCP's own
// handshake costs nothing here, for whichever client.
import { connect, createServer, type Socket } from 'node:net'
import { steady, type Capacity } from './capacity.ts'

export interface LinkShape {
  /** each way, shared by all connections; as fast as the machine where it is left out */
  readonly capacity?: { readonly up: Capacity; readonly down: Capacity }
  /** added each way, milliseconds */
  readonly delayMs?: number
  /**
   * Every so often all connections are reset, however young they are: a clock of the link's own, as a train that
   * leaves one cell for the next. It starts when the link comes up.
   */
  readonly resetEveryMs?: number
}

export interface Link {
  /** the address behind the link, without a slash at its end */
  readonly url: string
  /** bytes that have passed, both ways, as the sockets carried them */
  readonly bytes: { up: number; down: number }
  /** cuts every connection and lets no new one through, or comes up, with all its clocks at 0 */
  through(open: boolean): void
  stop(): Promise<void>
}

/** One packet on Ethernet: connections take turns by it. */
const packetBytes = 1400
const unlimited = steady(Infinity)

/** @param target where the link leads, such as `http://127.0.0.1:4000` */
export async function openLink(target: string, shape: LinkShape): Promise<Link> {
  const { capacity = { up: unlimited, down: unlimited }, delayMs = 0, resetEveryMs } = shape
  const { protocol, port } = new URL(target)
  const sockets = new Set<Socket>()
  const bytes = { up: 0, down: 0 }
  let upAt = performance.now()
  let open = true
  let resets: ReturnType<typeof setInterval> | undefined

  const ways = {
    up: oneWay(
      (now, size) => upAt + capacity.up(now - upAt, size),
      delayMs,
      (size) => (bytes.up += size),
    ),
    down: oneWay(
      (now, size) => upAt + capacity.down(now - upAt, size),
      delayMs,
      (size) => (bytes.down += size),
    ),
  }
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (near) => {
    if (!open) return near.resetAndDestroy()
    const far = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined) // its other end hears of it by `close`
      socket.on('close', () => sockets.delete(socket))
    }
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    ways.up(near, far)
    ways.down(far, near)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a link without a port')

  const reset = () => sockets.forEach((socket) => socket.resetAndDestroy())
  const comesUp = () => {
    upAt = performance.now()
    if (resetEveryMs !== undefined) resets = setInterval(reset, resetEveryMs)
  }
  comesUp()
  return {
    url: `${protocol}//127.0.0.1:${address.port}`,
    bytes,
    through(wanted) {
      open = wanted
      clearInterval(resets)
      if (open) comesUp()
      else reset()
    },
    stop() {
      clearInterval(resets)
      reset()
      return new Promise((closed) => server.close(() => closed()))
    },
  }
}

/**
 * A pipe that all connections share, a packet each in turn. What has not gone waits in its sender's own buffers.
 *
 * @param goneAt when so many bytes have gone that start now; both on the clock of `performance.now()`
 * @param carried told as they arrive: what a reset catches on the way is never counted
 */
function oneWay(
  goneAt: (fromMs: number, bytes: number) => number,
  delayMs: number,
  carried: (bytes: number) => void,
): (from: Socket, to: Socket) => void {
  const turns: (() => boolean)[] = []
  let freeAt = 0
  let busy = false

  const pump = () => {
    busy = false
    while (turns.length > 0) {
      const wait = freeAt - performance.now()
      if (wait > 0) {
        busy = true
        setTimeout(pump, wait)
        return
      }
      const turn = turns.shift()
      if (turn?.()) turns.push(turn)
    }
  }
  const at = inOrder()
  return (from, to) => {
    /** @returns whether there is more to carry */
    const turn = (): boolean => {
      const packet = from.destroyed ? null : packetOf(from)
      if (packet === null) return false
      freeAt = goneAt(Math.max(freeAt, performance.now()), packet.byteLength)
      at(freeAt + delayMs, () => {
        if (!to.writable) return // a reset caught it on the way
        carried(packet.byteLength)
        to.write(packet)
      })
      from.read(0) // hears of an end that came with the last of it
      return from.readableLength > 0
    }
    from.on('readable', () => {
      if (turns.includes(turn)) return
      turns.push(turn)
      if (!busy) pump()
    })
    from.on('end', () => at(Math.max(freeAt, performance.now()) + delayMs, () => to.end()))
  }
}

const packetOf = (socket: Socket): Uint8Array | null =>
  socket.read(Math.min(packetBytes, socket.readableLength) || undefined) as Uint8Array | null

/** Acts at moments that never go back; what is due now is done now, so that a fast link is as fast as the machine. */
function inOrder(): (moment: number, act: () => unknown) => void {
  const due: { moment: number; act: () => unknown }[] = []
  let waiting = false
  const run = () => {
    waiting = false
    for (let next = due[0]; next; next = due[0]) {
      const wait = next.moment - performance.now()
      if (wait > 0) {
        waiting = true
        setTimeout(run, wait)
        return
      }
      due.shift()
      next.act()
    }
  }
  return (moment, act) => {
    due.push({ moment, act })
    if (!waiting) run()
  }
}
