// When to exchange, and what the screen says about it. Whatever fails, an outbox that is not empty is tried again.
import { liveQuery } from 'dexie'
import { writable, type Readable } from 'svelte/store'
import type { Id } from '#db/id.ts'
import { noteKept } from './canary.ts'
import { diskIsFull, namesOf } from './fault.ts'
import { inTurn } from './leader.ts'
import { fetchLink, type Link, type Silence } from './link.ts'
import { Locked } from './sealing.ts'
import { getMeta, type Store } from './store.ts'
import { exchange, type Round } from './sync.ts'
import { tagOf } from './tag.ts'

export interface Status {
  readonly state: 'idle' | 'sending' | 'offline' | 'portal' | 'signedOut' | 'update' | 'full'
  /** commands that no answer has acknowledged */
  readonly waiting: number
  /** false where the browser keeps nothing: what waits is lost with the page */
  readonly lasting: boolean
  /** UTC milliseconds, this device's clock: what is shown is as of then; null before the first answer */
  readonly since: number | null
  /** the browser has thrown away what was kept here: how much of it the house had not got; null where it has not */
  readonly lost: number | null
}

export interface Live extends Readable<Status> {
  /** go now: something was said over a socket, a push or a tap */
  poke(): void
  stop(): void
}

/** The outside, as values: a test plays a day in a second. */
export interface Outside {
  readonly link?: Link
  readonly now?: () => number
  readonly random?: () => number
  /** the longest pause while nothing is wrong; full jitter below it */
  readonly idleMs?: number
}

export const longestPauseMs = 5 * 60_000
const firstBackOffMs = 2000
/** An attempt that lasted so long before it broke found a network: it tires a phone less than one that found none. */
const livedMs = 1000
const leaseBusyMs = 1000
/** Longer than any exchange can last: whoever still has the turn after that is frozen or dead. */
export const hungMs = 3 * 60_000
const watchMs = 60_000

const states: Readonly<Record<Silence, Status['state']>> = {
  offline: 'offline',
  portal: 'portal',
  signedOut: 'signedOut',
  update: 'update',
  busy: 'offline',
  tooLarge: 'sending',
}

/** Before anything is known. */
export const nothingHeard: Status = { state: 'idle', waiting: 0, lasting: true, since: null, lost: null }

export function startSync(store: Store, outside: Outside = {}): Live {
  const { link = fetchLink(), now = Date.now, random = Math.random, idleMs = longestPauseMs } = outside
  let status: Status = { ...nothingHeard, lasting: store.lasting }
  const shown = writable(status)
  const tell = (change: Partial<Status>) => shown.set((status = { ...status, ...change }))

  let timer: ReturnType<typeof setTimeout> | undefined
  let run = 0 // the number of the run that counts; one that hung and wakes up finds itself overtaken
  let running = false
  let again = false
  let breaks = 0
  let putOff = 0 // how often in a row a house has asked to be left in peace
  let attemptedAt = performance.now()

  const wake = () => {
    if (running && performance.now() - attemptedAt < hungMs) again = true
    else void go(running)
  }

  async function go(steal: boolean): Promise<void> {
    const mine = ++run
    running = true
    let pause: number
    do {
      again = false
      attemptedAt = performance.now()
      // Whoever has the turn may be a frozen tab: nobody else would end the wait for it.
      clearTimeout(timer)
      timer = setTimeout(wake, hungMs + 1)
      if (status.waiting > 0 && status.state === 'idle') tell({ state: 'sending' })
      const round = await inTurn(store, now, steal, () => exchange(store, link, now())).catch(trouble)
      if (mine !== run) return
      pause = await note(round)
      // After a break even something new waits its turn: a dead network is not hammered.
    } while (pause === 0 || (again && breaks === 0))
    running = false
    clearTimeout(timer)
    timer = setTimeout(wake, pause)
  }

  /** @returns milliseconds until the next attempt */
  async function note(round: Round | Status['state'] | undefined): Promise<number> {
    if (round === undefined) return leaseBusyMs
    if (typeof round === 'string' || round.heard !== 'answer') {
      tell({ state: typeof round === 'string' ? round : states[round.heard as Silence] })
      const tookMs = performance.now() - attemptedAt
      breaks += tookMs < livedMs ? 1 : 0.25
      // A link that has just carried something is taken up again at once, as often as it comes back.
      if (breaks <= 1 && typeof round !== 'string' && round.heard === 'offline') return 0
      // What follows waits longer and longer, counted from its start: what lasted until it broke has waited already.
      const ceiling = Math.min(longestPauseMs, firstBackOffMs * 2 ** Math.min(breaks - 2, 10))
      return Math.max(typeof round === 'string' ? 0 : round.afterMs, 1 + random() * ceiling - tookMs, 1)
    }
    breaks = 0
    tell({ state: round.goOn ? 'sending' : 'idle', since: now() })
    if (round.goOn) return 0
    // A house that stays in trouble is asked ever more seldom; what is new here still goes at once, to the others too.
    putOff = round.afterMs > 0 ? putOff + 1 : 0
    if (putOff > 0) return Math.min(longestPauseMs, round.afterMs * 2 ** Math.min(putOff - 1, 6) * (1 + random()))
    const held = round.heldUntil === null ? Infinity : Math.max(1, round.heldUntil - now())
    return Math.min(held, 1000 + random() * (idleMs - 1000))
  }

  const fresh = () => {
    breaks = 0
    wake()
  }
  const seen = () => {
    if (document.visibilityState === 'visible') fresh()
  }
  addEventListener('online', fresh)
  document.addEventListener('visibilitychange', seen)
  const watch = setInterval(() => {
    if (status.waiting > 0 && performance.now() - attemptedAt > longestPauseMs + watchMs) wake()
  }, watchMs)

  let newest: Id | undefined
  let noted: number | undefined
  const outbox = liveQuery(async () => ({
    waiting: await store.outbox.count(),
    last: (await store.outbox.toCollection().lastKey()) as Id | undefined,
    heardAt: (await getMeta<number>(store, 'heardAt')) ?? null,
    lost: (await getMeta<number>(store, 'lost')) ?? null,
    here: (await getMeta<boolean>(store, 'here')) ?? false,
  })).subscribe({
    next: ({ waiting, last, heardAt, lost, here }) => {
      // What is cleared under an open page is empty: that is no count of what waits.
      if (here && waiting !== noted) noteKept(store.account, (noted = waiting))
      tell({ waiting, since: heardAt, lost })
      if (last === undefined || last === newest) return
      newest = last
      // What waits must not be thrown away to make room for something else.
      void navigator.storage?.persist?.().catch(() => undefined)
      void askForBackgroundSync(store)
      wake()
    },
    error: (fault: unknown) => tell({ state: trouble(fault) }),
  })
  wake()

  return {
    subscribe: shown.subscribe,
    poke: wake,
    stop() {
      run += 1
      clearTimeout(timer)
      clearInterval(watch)
      outbox.unsubscribe()
      removeEventListener('online', fresh)
      document.removeEventListener('visibilitychange', seen)
    },
  }
}

/** What IndexedDB throws, as something to say: nothing of it loses what was saved. */
function trouble(fault: unknown): Status['state'] {
  if (diskIsFull(fault)) return 'full'
  const names = namesOf(fault)
  // Another tab has opened the store with a newer version of the app.
  if (names.includes('DatabaseClosedError') || names.includes('VersionError')) return 'update'
  if (fault instanceof Locked) return 'signedOut'
  return 'offline'
}

/** Where the browser can, it sends after the page is closed: the tag says whose outbox it is. */
async function askForBackgroundSync(store: Store): Promise<void> {
  const registration = (await navigator.serviceWorker?.getRegistration()) as
    (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } }) | undefined
  await registration?.sync?.register(tagOf(store.account)).catch(() => undefined)
}
