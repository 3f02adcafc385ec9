// A phone, a tablet or a kiosk: the product's own store and exchange, on a disk and a battery that fail.
import type { DBCore, DBCoreTransaction } from 'dexie'
import { IDBKeyRange } from 'fake-indexeddb'
import type { Actor } from '#db/actor.ts'
import type { Id } from '#db/id.ts'
import { base64 } from '#db/record.ts'
import { fetchLink, type Link } from '#web/outbox/link.ts'
import { forgetKeys, giveKey, keyOf, type Key } from '#web/outbox/key.ts'
import { isSealed, openRow, type Row } from '#web/outbox/seal.ts'
import { sealOld } from '#web/outbox/sealing.ts'
import { openStore, type Store } from '#web/outbox/store.ts'
import type { Round } from '#web/outbox/sync.ts'
import type { Me } from '#worker/env.ts'
import { Files, plainStorage, powerCut, rowsOf } from './disk.ts'
import { todaysApp, type App } from './next.ts'

/**
 * What this device meets: its disk is full, the page is killed between any two of its steps, or the battery is pulled
 * out then, and with it goes what had not reached the disk.
 */
export type Mishap = 'quota' | 'killed' | 'powerCut'

export class Dead extends Error {}

let memories = 0
/** whose files are the browser's */
const stage: { holder?: Device } = {}
/** by account, which of its devices was last on the stage */
const lastOf = new Map<string, Device>()

export class Device {
  readonly me: Me
  readonly actors: ReadonlyMap<Id, Actor>
  /** the account's first is 0 */
  readonly nth: number
  #files = this.#emptyFiles()
  #plain = this.#emptyPlain()
  /** no two memories have the same number: a browser that is cleared begins another */
  memory = (memories += 1)
  readonly link: Link
  app: App = todaysApp
  store: Store
  /** whose session the server sees; undefined when it has ended */
  session: Me | undefined
  /** milliseconds */
  skew = 0
  /** commands that were made here and have not been seen in the record */
  readonly made = new Set<Id>()
  /** its browser has thrown away what lay here */
  cleared = false
  /** how often it has tried to reach a house */
  attempts = 0
  /** which of its attempts brought a house more of a heavy request than any before */
  readonly brought = new Set<number>()
  /** it has lost its place in a house's news, or was given a wrong one */
  placeLost = false
  /** to what is kept here; none before the house has handed it over */
  #key: Key
  readonly #rows = new WeakMap<Row, Row>()
  #mishap: { what: Mishap; inSteps: number } | undefined
  #dead = false
  /** what its network's clock says: no time passes in an exchange but what its network takes */
  #linkMs = 0

  constructor(me: Me, actors: readonly Actor[], fetcher: (device: Device) => typeof fetch, nth = 0) {
    this.me = me
    this.nth = nth
    this.session = me
    this.actors = new Map(actors.map((actor) => [actor.facility, actor]))
    this.link = fetchLink(fetcher(this), () => this.#linkMs)
    this.store = this.#opens()
  }

  get kind(): 'relative' | 'officer' | 'kiosk' {
    return this.me.kiosk ? 'kiosk' : this.me.officer ? 'officer' : 'relative'
  }

  /** @param now UTC milliseconds, by this device's clock */
  exchanges(now: number, store = this.store, app = this.app): Promise<Round> {
    return app.exchange(store, this.link, now)
  }

  /** A further tab of the same browser: it dies with it. */
  tab(): Store {
    return this.#opens()
  }

  /** Drafts are kept by the browser's own IndexedDB, which is this device's while it acts. */
  takesTheStage(): void {
    // Two devices of an account are one to the product's modules, which know a connection by its account.
    const last = lastOf.get(this.me.account)
    if (last && last !== this) last.#isLeft()
    lastOf.set(this.me.account, this)
    stage.holder = this
    Object.assign(globalThis, { indexedDB: this.#files, localStorage: this.#plain })
  }

  /** Something that needs the browser's own IndexedDB, while somebody else may be acting. */
  async onStage<Value>(task: () => Promise<Value>): Promise<Value> {
    const before = stage.holder
    this.takesTheStage()
    try {
      return await task()
    } finally {
      before?.takesTheStage()
    }
  }

  /** @param inSteps how many steps still succeed: of a full disk only writes count */
  fails(what: Mishap, inSteps: number): void {
    this.#mishap = { what, inSteps }
  }

  /**
   * The house hands over the key, and what was kept before is sealed with it.
   *
   * @returns false where it has one
   */
  async getsKey(): Promise<boolean> {
    if (this.#key) return false
    const bytes = base64(crypto.getRandomValues(new Uint8Array(32)))
    this.#key = await this.onStage(async () => {
      await giveKey(this.me.account, bytes)
      return keyOf(this.me.account)
    })
    await sealOld(this.store)
    return this.#key !== undefined
  }

  /**
   * The browser throws away all that lies here.
   *
   * @param plainToo whether localStorage goes with it
   */
  isCleared(plainToo: boolean): void {
    this.store.close()
    this.#isLeft()
    this.#files = this.#emptyFiles()
    if (plainToo) this.#plain = this.#emptyPlain()
    this.#key = undefined
    this.made.clear()
    this.cleared = true
    this.memory = memories += 1
    this.store = this.#opens()
  }

  /** Its network takes so long, milliseconds. */
  lingers(ms: number): void {
    this.#linkMs += ms
  }

  /** Something is about to be done on this device: a step of its disk or of its network. */
  steps(writes = false): void {
    const fault = this.#meets(writes)
    if (fault) throw fault
  }

  /**
   * Somebody finds a charger, or makes room.
   *
   * @returns whether what had not reached the disk was lost
   */
  async restarts(): Promise<boolean> {
    this.store.close()
    const lost = this.#mishap?.what === 'powerCut' && powerCut(this.#files)
    this.#mishap = undefined
    this.#dead = false
    this.store = this.#opens()
    if (this.#key) await sealOld(this.store)
    await this.onStage(() => this.app.tidyDrafts(this.store))
    return lost
  }

  /** Its day is over: of ten thousand days nothing may stay behind, neither here nor in Dexie. */
  isOver(): void {
    this.store.close()
    lastOf.delete(this.me.account)
  }

  /** Every row that lies here by its table, read past the product's own store, and opened. */
  async rows(): Promise<ReadonlyMap<string, readonly Row[]>> {
    const opened = new Map<string, readonly Row[]>()
    for (const [table, rows] of await rowsOf(this.#files, this.store.name))
      opened.set(table, await Promise.all(rows.map((row) => this.#opened(row, table))))
    return opened
  }

  /** What lies on the disk is never changed, only replaced: each row is opened once. */
  async #opened(row: Row, table: string): Promise<Row> {
    if (!isSealed(row)) return row
    const known = this.#rows.get(row)
    if (known) return known
    if (!this.#key) throw new Error('sealed, and there never was a key')
    const opened = await openRow(this.#key, row, `${table}/${String(row['id'] ?? row['key'])}`)
    this.#rows.set(row, opened)
    return opened
  }

  #opens(): Store {
    const store = openStore(this.me.account, () => Promise.resolve(this.#key), { indexedDB: this.#files, IDBKeyRange })
    // What Dexie and Web Locks know by a database's name belongs to one browser, and here is one process for all.
    Object.assign(store, { lasting: true, name: this.nth > 0 ? `${store.name}/${this.nth}` : store.name })
    store.use({
      stack: 'dbcore',
      name: 'mishap',
      create: (core): DBCore => ({
        ...core,
        transaction: (...given) => {
          this.steps()
          return core.transaction(...given)
        },
        table: (name) => {
          const table = core.table(name)
          const step =
            <Request extends { trans: DBCoreTransaction }, Value>(
              run: (request: Request) => Promise<Value>,
              writes = false,
            ) =>
            (request: Request): Promise<Value> => {
              const fault = this.#meets(writes)
              if (!fault) return run(request)
              // a page that is killed takes along what it had not committed
              request.trans.abort()
              return Promise.reject(fault)
            }
          return {
            ...table,
            mutate: step((request) => table.mutate(request), true),
            get: step((request) => table.get(request)),
            getMany: step((request) => table.getMany(request)),
            query: step((request) => table.query(request)),
            openCursor: step((request) => table.openCursor(request)),
            count: step((request) => table.count(request)),
          }
        },
      }),
    })
    return store
  }

  /** Nothing of it is at hand any more, neither its connection nor its key. */
  #isLeft(): void {
    this.#files.cuts()
    forgetKeys()
  }

  #emptyFiles(): Files {
    return new Files((writes) => this.steps(writes))
  }

  #emptyPlain(): object {
    return plainStorage(() => this.steps())
  }

  #meets(writes: boolean): Error | undefined {
    if (this.#dead) return new Dead('no battery')
    if (!this.#mishap || (this.#mishap.what === 'quota' && !writes)) return undefined
    if ((this.#mishap.inSteps -= 1) >= 0) return undefined
    if (this.#mishap.what === 'quota') return new DOMException('no room', 'QuotaExceededError')
    this.#dead = true
    return new Dead('no battery')
  }
}
