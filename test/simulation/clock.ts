// Time and chance of a whole simulated day, put in the place of the machine's own: the same seed, the same day.
import { chance } from '#test/chance.ts'
import { nextTurn, playsOn } from './machine.ts'

/** The deadline inside the server (ms), by which it is known among all timers: a stall passes it, and nothing else. */
const deadlineMs = 5000

/** Also as Node's own are, for what of Node works on under a simulated day. */
class Timer {
  at: number
  readonly ms: number
  readonly every: boolean
  readonly ring: () => void

  constructor(at: number, ms: number, every: boolean, ring: () => void) {
    this.at = at
    this.ms = ms
    this.every = every
    this.ring = ring
  }

  ref = () => this
  unref = () => this
  refresh = () => this
}

export class Clock {
  /** the true time, UTC milliseconds */
  now = Date.UTC(2026, 10, 24)
  /** how far the clock of whoever acts is off, milliseconds */
  skew = 0
  readonly #timers = new Set<Timer>()

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
    playsOn(chance(seed + 1))
    const set =
      (every: boolean) =>
      (ring: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => {
        // Nothing of the product gives its timers anything: this is Node's own, for its connections.
        if (given.length > 0) return later(ring, ms, ...given)
        const timer = new Timer(this.now + Math.ceil(ms), ms, every, ring)
        this.#timers.add(timer)
        return timer
      }
    const clear = (timer: Timer | NodeJS.Timeout | undefined) =>
      timer instanceof Timer ? this.#timers.delete(timer) : clearLater(timer)
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
    for (const timer of this.#timers)
      if (timer.ms === deadlineMs) {
        this.#timers.delete(timer)
        timer.ring()
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
      let next: Timer | undefined
      for (const timer of this.#timers) if (!next || timer.at < next.at) next = timer
      if (!next || next.at > until) {
        this.now = Math.max(this.now, until)
        return
      }
      this.now = Math.max(this.now, next.at)
      if (next.every) next.at += next.ms
      else this.#timers.delete(next)
      next.ring()
      await rests()
    }
  }
}

const { setTimeout: later, clearTimeout: clearLater } = globalThis
