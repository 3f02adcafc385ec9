// The line to the house's desk: who has which matter open, live, and a nudge when there is news. Without it all work
// goes on; the house still refuses the second decision of two.
import { writable, type Readable } from 'svelte/store'
import type { Id } from '#db/id.ts'

export interface Claim {
  readonly account: Id
  readonly name: string
  /** UTC milliseconds, the house's clock */
  readonly until: number
}
export type Claims = ReadonlyMap<string, Claim>

/** What the line needs of the world, so that a test can be the world. */
export interface Surroundings {
  readonly connect: () => WebSocket
  /** 0 ≤ n < 1 */
  readonly random: () => number
  readonly now: () => number
  readonly wait: (ms: number, then: () => void) => () => void
}

const FIRST_MS = 1000
const LONGEST_MS = 30_000
/** A sign of life is worth a message at most this often; the desk drops a claim after 5 silent minutes. */
const HERE_EVERY_MS = 60_000
const ANSWER_MS = 5000

export class DeskLine {
  readonly claims: Readable<Claims>
  readonly connected: Readable<boolean>
  readonly #claims = writable<Claims>(new Map())
  readonly #connected = writable(false)
  readonly #world: Surroundings
  readonly #onPoke: () => void
  #socket: WebSocket | undefined
  #opened = false
  #open: Id | undefined
  #asked: Id | undefined
  #tries = 0
  #taken: Claims = new Map()
  /** when the officer last touched something, and when the desk last heard of it or was last asked for the claim */
  #touchedAt = 0
  #saidAt = 0
  #stopWaiting: (() => void) | undefined
  #closed = false
  #away = false

  constructor(world: Surroundings, onPoke: () => void) {
    this.claims = this.#claims
    this.connected = this.#connected
    this.#world = world
    this.#onPoke = onPoke
    this.#connect()
  }

  /** Takes a matter, and lets go of the one before: an officer has one open at a time. */
  claim(matter: Id): void {
    if (this.#open === matter) return
    this.leave()
    this.#open = matter
    this.#touchedAt = this.#world.now()
    this.#take()
  }

  leave(): void {
    if (this.#open) this.#say({ leave: this.#open })
    this.#open = undefined
    this.#asked = undefined
  }

  /** The page is put aside, perhaps for good: nobody waits for it. What was open is known, should it come back. */
  away(): void {
    this.#away = true
    if (this.#open) this.#say({ leave: this.#open })
    this.#asked = undefined
  }

  /** The page is there again, brought back as it was: its matter is taken once more, if nobody else has it by now. */
  back(): void {
    this.#away = false
    this.#touchedAt = this.#world.now()
    this.tryNow()
    this.#take()
  }

  /** The officer touched something: the claim lives on. A tablet left on the table lets go of it by itself. */
  here(): void {
    const now = this.#world.now()
    this.#touchedAt = now
    if (!this.#open || now - this.#saidAt < HERE_EVERY_MS) return
    if (!this.#taken.has(this.#open)) return this.#take()
    this.#saidAt = now
    this.#say({ here: true })
  }

  /** There is a network again, or the page is seen again: do not sit out the wait. */
  tryNow(): void {
    if (this.#closed || this.#socket) return
    this.#stopWaiting?.()
    this.#tries = 0
    this.#connect()
  }

  close(): void {
    this.leave()
    this.#closed = true
    this.#stopWaiting?.()
    this.#socket?.close()
  }

  #connect(): void {
    const socket = this.#world.connect()
    this.#socket = socket
    socket.addEventListener('open', () => {
      this.#opened = true
      this.#tries = 0
      this.#connected.set(true)
    })
    socket.addEventListener('message', (event: MessageEvent) => this.#hear(event.data))
    socket.addEventListener('close', () => this.#lost())
  }

  #hear(data: unknown): void {
    const told = read(data)
    if (told?.claims) {
      this.#taken = new Map(Object.entries(told.claims))
      this.#claims.set(this.#taken)
      // The first word after a broken line, or the colleague has left. Nobody takes a matter in their sleep.
      const awake = this.#world.now() - this.#touchedAt < HERE_EVERY_MS
      if (this.#open && awake && !this.#taken.has(this.#open)) this.#take()
    }
    if (told?.poke) this.#onPoke()
  }

  /** Each claim is a look in the record: it is asked for once, and not again while the answer is on its way. */
  #take(): void {
    const now = this.#world.now()
    if (!this.#open || !this.#opened || this.#away || (this.#asked === this.#open && now - this.#saidAt < ANSWER_MS))
      return
    this.#asked = this.#open
    this.#saidAt = now
    this.#say({ claim: this.#open })
  }

  #lost(): void {
    this.#socket = undefined
    this.#opened = false
    this.#connected.set(false)
    // Whoever had what open then may be gone by now: better no name than a wrong one.
    this.#taken = new Map()
    this.#claims.set(this.#taken)
    this.#asked = undefined
    if (this.#closed) return
    // Full jitter, so that a house full of tablets does not come back in one stroke.
    const waitMs = this.#world.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#tries)
    this.#tries += 1
    this.#stopWaiting = this.#world.wait(waitMs, () => this.#connect())
  }

  #say(message: { claim: Id } | { leave: Id } | { here: true }): void {
    if (this.#opened) this.#socket?.send(JSON.stringify(message))
  }
}

/** What is no message of ours is not heard. */
function read(data: unknown): { claims?: Record<string, Claim>; poke?: true } | undefined {
  try {
    return typeof data === 'string' ? (JSON.parse(data) as { claims?: Record<string, Claim>; poke?: true }) : undefined
  } catch {
    return undefined
  }
}
