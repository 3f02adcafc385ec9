// Devices left to themselves: the product's own loop decides when to try, and time jumps from one of its timers to the
// next.
import { Dexie } from 'dexie'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { hungMs, longestPauseMs } from '#web/outbox/live.ts'
import type { Clock } from './clock.ts'
import type { Device } from './device.ts'
import { disksAtWork, watchDisks } from './disk.ts'
import { Broken } from './invariants.ts'
import { Locks } from './locks.ts'
import { nextTurn } from './machine.ts'

// Without a browser's IndexedDB Dexie's observers never look.
Object.assign(Dexie.dependencies, { indexedDB: new IDBFactory(), IDBKeyRange })

const MINUTE_MS = 60_000
/** DESIGN §5: an outbox that is not empty, on a screen that is seen, is tried within this time. */
const longestSilenceMs = 2 * longestPauseMs

export interface Left {
  readonly devices: readonly Device[]
  readonly minutes: number
  /** whether it is enough that nothing waits any more */
  readonly untilSent: boolean
  /** whose other tab has the turn and never gives it back */
  readonly frozen?: Device | undefined
  /** between 0 and 1 */
  readonly random: () => number
}

/** What a browser has and Node has not. */
export class Browsers {
  readonly #clock: Clock
  readonly #busy: () => boolean

  /** @param busy whether something is on its way that needs no timer to arrive */
  constructor(clock: Clock, busy: () => boolean) {
    this.#clock = clock
    this.#busy = busy
  }

  /**
   * @param locks whether these browsers have Web Locks
   * @throws Broken NoSpin, Drains
   */
  async leaves({ devices, minutes, untilSent, frozen, random }: Left, locks: boolean): Promise<void> {
    const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
    const taken = new Locks()
    const navigator = { storage: { persist: () => Promise.resolve(true) }, ...(locks && { locks: taken }) }
    const stubs = {
      document: page,
      navigator,
      addEventListener: page.addEventListener.bind(page),
      removeEventListener: page.removeEventListener.bind(page),
    }
    for (const [name, value] of Object.entries(stubs))
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
    if (frozen) taken.freezes(`${frozen.store.name}/exchange`)

    const began = this.#clock.now
    watchDisks()
    const loops = devices.map((device) => new Loop(device, device === frozen, this.#clock, random))
    await this.#rests()
    const sent = async () => {
      for (const loop of loops) await loop.holds(this.#clock.now - began)
      return untilSent && loops.every(({ waiting }) => waiting === 0)
    }
    await this.#clock.passes(began + minutes * MINUTE_MS, () => this.#rests(), sent)
    for (const loop of loops) loop.stop()
    await this.#rests()
  }

  /** Nothing is on its way and no disk is at work, and a few turns later still not. A real server takes real time. */
  async #rests(): Promise<void> {
    const began = process.hrtime.bigint()
    for (let quiet = 0; quiet < 8;) {
      if (process.hrtime.bigint() - began > longestTurmoilNs) throw new Broken('NoSpin', 'it never comes to rest')
      await nextTurn()
      quiet = this.#busy() || disksAtWork() ? 0 : quiet + 1
    }
  }
}

/** real time: far longer than any exchange with a server on this machine */
const longestTurmoilNs = 30_000_000_000n

class Loop {
  /** how many commands wait, as was last seen */
  waiting = Infinity
  readonly stop: () => void
  readonly #device: Device
  readonly #before: { readonly attempts: number; readonly brought: number }
  readonly #unlockMs: number
  #attempts = -1
  #attemptedMs = 0
  #most = 0

  /** @param frozen whether another tab of it has the turn and is frozen */
  constructor(device: Device, frozen: boolean, clock: Clock, random: () => number) {
    this.#device = device
    this.#unlockMs = frozen ? hungMs + 1000 : longestSilenceMs
    this.#before = { attempts: device.attempts, brought: device.brought.size }
    const live = device.app.startSync(device.store, { link: device.link, now: () => clock.now + device.skew, random })
    this.stop = () => live.stop()
  }

  /** @param passedMs since it was left to itself */
  async holds(passedMs: number): Promise<void> {
    const { attempts, brought, store } = this.#device
    if (attempts !== this.#attempts) {
      this.waiting = await store.outbox.count()
      this.#most = Math.max(this.#most, this.waiting)
    }
    if (attempts !== this.#attempts || this.waiting === 0) this.#attemptedMs = passedMs
    this.#attempts = attempts
    if (passedMs - this.#attemptedMs > (this.#attemptedMs === 0 ? this.#unlockMs : longestSilenceMs))
      throw new Broken('Unlock', `${this.waiting} commands wait, and nothing has been tried for too long`)
    // What is too heavy for one connection goes over as many as it takes (DESIGN §5), and after one that broke the house
    // is asked what came: as long as it has more each time, what there is to bring is the bound.
    const pieces = 2 * (brought.size - this.#before.brought)
    const most = 25 + 5 * this.#most + pieces + (2 * passedMs) / MINUTE_MS
    if (attempts - this.#before.attempts > most)
      throw new Broken('NoSpin', `${attempts - this.#before.attempts} attempts in ${passedMs / MINUTE_MS} minutes`)
  }
}
