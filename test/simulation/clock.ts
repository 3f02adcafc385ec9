// Time and chance of a whole simulated day, put in the place of the machine's own: the same seed, the same day.
import { chance } from '#test/chance.ts'

/** What asks for a pause of this length or less (ms) is a deadline inside the server: a stall passes it. */
const deadlineMs = 5000

export class Clock {
  /** the true time, UTC milliseconds */
  now = Date.UTC(2026, 10, 24)
  /** how far the clock of whoever acts is off, milliseconds */
  skew = 0
  readonly #timers = new Map<number, { readonly ms: number; readonly ring: () => void }>()
  #timer = 0

  /** @param seed of the ids and salts that are made from now on */
  constructor(seed: number) {
    const random = chance(seed)
    Date.now = () => this.now + this.skew
    const fill = <Bytes extends ArrayBufferView | null>(bytes: Bytes): Bytes => {
      if (bytes instanceof Uint8Array) for (let at = 0; at < bytes.length; at += 1) bytes[at] = random() * 256
      return bytes
    }
    Object.defineProperty(crypto, 'getRandomValues', { value: fill, configurable: true })
    const set = (ring: () => void, ms = 0) => {
      this.#timers.set((this.#timer += 1), { ms, ring })
      return this.#timer
    }
    // Zipping is slow and mostly beside the point: of eight requests long enough for it one is zipped, the others go as
    // from a phone that can't.
    let long = 0
    const sometimes = class extends Zipper {
      constructor(format: CompressionFormat) {
        if ((long += 1) % 8 !== 0) throw new TypeError('no zipper')
        super(format)
      }
    }
    Object.assign(globalThis, { CompressionStream: sometimes })
    Object.assign(globalThis, { setTimeout: set, clearTimeout: (timer: number) => this.#timers.delete(timer) })
  }

  /** Everything else that can go on goes on, and then the deadlines of what hangs pass. */
  async passDeadlines(): Promise<void> {
    for (let turn = 0; turn < 50; turn += 1) await nextTurn()
    for (const [timer, { ms, ring }] of this.#timers)
      if (ms <= deadlineMs) {
        this.#timers.delete(timer)
        ring()
      }
  }
}

const Zipper = CompressionStream
const nextTurn = () => new Promise<void>((next) => setImmediate(next))
