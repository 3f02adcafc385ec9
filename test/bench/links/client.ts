// What the bench asks of each client: the product and its peers do the same work in the same order.
import type { LinkName } from './shapes.ts'
import type { WorkName } from './work.ts'

export const clients = ['etongban', 'pouchdb', 'rxdb'] as const
export type ClientName = (typeof clients)[number]
export const transports = ['tcp', 'tls'] as const
export type Transport = (typeof transports)[number]

export interface Run {
  readonly client: ClientName
  readonly link: LinkName
  readonly transport: Transport
  readonly work: WorkName
  /** where in its recording the link comes up, milliseconds */
  readonly offsetMs: number
  /** the client's server, past the link */
  readonly server: string
  /** tells the runs of a bench apart */
  readonly nth: number
  readonly giveUpMs: number
}

export interface Outcome {
  /** from the moment at which the link comes up until all is acknowledged, or all is here */
  readonly seconds: number
  readonly bytesUp: number
  readonly bytesDown: number
  readonly requests: number
  readonly complete: boolean
  readonly duplicates: number
  readonly resent: number
}

/** One person's letters at a server, seen from outside the link. */
export interface Home {
  /** @param url where the server is reached, through the link or past it */
  device(url: string, certificate?: string): Promise<Device>
  /** what the server holds in the end, and what it was sent in vain */
  tally(): Promise<Tally>
}

export interface Device {
  /** the app is opened where the link is up, hears that there is nothing yet, and is closed */
  opens(): Promise<void>
  /** written with the app's own means while there is no network */
  writes(bodies: readonly string[]): Promise<void>
  /** the app is opened again; resolves once the server has acknowledged all that was written */
  sends(): Promise<void>
  /** the app is opened again; resolves once so many letters are here */
  hears(count: number): Promise<void>
  /** requests begun so far */
  requests(): number
  stop(): Promise<void>
}

export interface Tally {
  readonly letters: readonly string[]
  /** letters that the server took for new twice */
  readonly duplicates: number
  /** bodies that went out once more although the server already had them */
  readonly resent: number
}

export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** Looks until it is so: the whole run is under a limit of its own. */
export async function until(so: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await so())) await sleep(10)
}

/** For what may fail on a bad link, but not for ever: whoever could not open the app in time writes all the same. */
export async function patient(task: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + 20_000
  while (performance.now() < until) {
    const done = task().then(
      () => true,
      () => false,
    )
    if (await Promise.race([done, sleep(until - performance.now()).then(() => true)])) return
    await sleep(500)
  }
}

/** What a peer's server counts of one home. */
export const countsAt = async (url: string): Promise<Tally> => (await fetch(url)).json<Tally>()
