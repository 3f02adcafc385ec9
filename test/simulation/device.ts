// A phone, a tablet or a kiosk: the product's own store and exchange, on a disk and a battery that fail.
import type { DBCore } from 'dexie'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import type { Actor } from '#db/actor.ts'
import type { Id } from '#db/id.ts'
import { fetchLink, type Link } from '#web/outbox/link.ts'
import { tidyDrafts } from '#web/outbox/make.ts'
import { openStore, type Store } from '#web/outbox/store.ts'
import { exchange, type Round } from '#web/outbox/sync.ts'
import type { Me } from '#worker/env.ts'

/** What this device's next write meets. */
export type Mishap = 'dies' | 'quota'

export class Dead extends Error {}

export class Device {
  readonly me: Me
  readonly actors: ReadonlyMap<Id, Actor>
  readonly #files = new IDBFactory()
  readonly #link: Link
  store: Store
  /** whose session the server sees; undefined when it has ended */
  session: Me | undefined
  /** milliseconds */
  skew = 0
  /** commands that were made here and have not been seen in the record */
  readonly made = new Set<Id>()
  /** it has lost its place in a house's news, or was given a wrong one */
  placeLost = false
  #mishap: { what: Mishap; inWrites: number } | undefined
  #dead = false

  constructor(me: Me, actors: readonly Actor[], fetcher: (device: Device) => typeof fetch) {
    this.me = me
    this.session = me
    this.actors = new Map(actors.map((actor) => [actor.facility, actor]))
    this.#link = fetchLink(fetcher(this))
    this.store = this.#opens()
  }

  get kind(): 'relative' | 'officer' | 'kiosk' {
    return this.me.kiosk ? 'kiosk' : this.me.officer ? 'officer' : 'relative'
  }

  /** @param now UTC milliseconds, by this device's clock */
  exchanges(now: number, store = this.store): Promise<Round> {
    return exchange(store, this.#link, now)
  }

  /** A further tab of the same browser. */
  tab(): Store {
    return openStore(this.me.account, () => Promise.resolve(undefined), { indexedDB: this.#files, IDBKeyRange })
  }

  /** Drafts are kept by the browser's own IndexedDB, which is this device's while it acts. */
  takesTheStage(): void {
    Object.assign(globalThis, { indexedDB: this.#files })
  }

  /** Something that needs the browser's own IndexedDB, while somebody else may be acting. */
  async onStage<Value>(task: () => Promise<Value>): Promise<Value> {
    const before: unknown = globalThis.indexedDB
    this.takesTheStage()
    try {
      return await task()
    } finally {
      Object.assign(globalThis, { indexedDB: before })
    }
  }

  /** @param inWrites how many writes still succeed */
  fails(what: Mishap, inWrites: number): void {
    this.#mishap = { what, inWrites }
  }

  /** Somebody finds a charger, or makes room. */
  async restarts(): Promise<void> {
    this.store.close()
    this.#mishap = undefined
    this.#dead = false
    this.store = this.#opens()
    await tidyDrafts(this.store)
  }

  #opens(): Store {
    const store = this.tab()
    store.use({
      stack: 'dbcore',
      name: 'mishap',
      create: (core): DBCore => ({
        ...core,
        transaction: (...given) => {
          if (this.#dead) throw new Dead('no battery')
          return core.transaction(...given)
        },
        table: (name) => {
          const table = core.table(name)
          return {
            ...table,
            mutate: (request) => {
              const fault = this.#meets()
              if (!fault) return table.mutate(request)
              request.trans.abort()
              return Promise.reject(fault)
            },
          }
        },
      }),
    })
    return store
  }

  #meets(): Error | undefined {
    if (this.#dead) return new Dead('no battery')
    if (!this.#mishap || (this.#mishap.inWrites -= 1) >= 0) return undefined
    if (this.#mishap.what === 'quota') return new DOMException('no room', 'QuotaExceededError')
    this.#dead = true
    return new Dead('no battery')
  }
}
