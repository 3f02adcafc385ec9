// Time and chance of a whole simulated day, put in the place of the machine's own: the same seed, the same day.
import { chance } from '#test/chance.ts'

/** The deadline inside the server (ms), by which it is known among all timers: a stall passes it, and nothing else. */
const deadlineMs = 5000

interface Timer {
  at: number
  readonly ms: number
  readonly every: boolean
  readonly ring: () => void
}

export class Clock {
  /** the true time, UTC milliseconds */
  now = Date.UTC(2026, 10, 24)
  /** how far the clock of whoever acts is off, milliseconds */
  skew = 0
  readonly #timers = new Map<number, Timer>()
  #timer = 0

  /** @param seed of the ids and salts that are made from now on */
  constructor(seed: number) {
    const random = chance(seed)
    const dawn = this.now
    Date.now = () => this.now + this.skew
    const fill = <Bytes extends ArrayBufferView | null>(bytes: Bytes): Bytes => {
      if (bytes instanceof Uint8Array) for (let at = 0; at < bytes.length; at += 1) bytes[at] = random() * 256
      return bytes
    }
    Object.defineProperty(crypto, 'getRandomValues', { value: fill, configurable: true })
    Object.defineProperty(performance, 'now', { value: () => this.now - dawn, configurable: true })
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
    const set =
      (every: boolean) =>
      (ring: () => void, ms = 0) => {
        this.#timers.set((this.#timer += 1), { at: this.now + Math.ceil(ms), ms, every, ring })
        return this.#timer
      }
    const clear = (timer: number) => this.#timers.delete(timer)
    Object.assign(globalThis, {
      setTimeout: set(false),
      setInterval: set(true),
      clearTimeout: clear,
      clearInterval: clear,
    })
  }

  /** Everything else that can go on goes on, and then the deadlines of what hangs pass. */
  async passDeadlines(): Promise<void> {
    for (let turn = 0; turn < 50; turn += 1) await nextTurn()
    for (const [timer, { ms, ring }] of this.#timers)
      if (ms === deadlineMs) {
        this.#timers.delete(timer)
        ring()
      }
  }

  /**
   * Timers ring in their order, each at its time.
   *
   * @param until UTC milliseconds
   * @param rests resolves when nothing goes on any more that a timer has set off
   * @param enough asked after each: whether the rest of the time may be left out
   */
  async passes(until: number, rests: () => Promise<void>, enough: () => Promise<boolean>): Promise<void> {
    while (!(await enough())) {
      const [timer, next] = [...this.#timers].reduce<[number, Timer | undefined]>(
        (first, [id, one]) => (one.at < (first[1]?.at ?? Infinity) ? [id, one] : first),
        [0, undefined],
      )
      if (!next || next.at > until) {
        this.now = Math.max(this.now, until)
        return
      }
      this.now = Math.max(this.now, next.at)
      if (next.every) next.at += next.ms
      else this.#timers.delete(timer)
      next.ring()
      await rests()
    }
  }
}

const Zipper = CompressionStream
export const nextTurn = () => new Promise<void>((next) => setImmediate(next))
