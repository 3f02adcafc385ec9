// What this device holds: a database for each account, so that nobody's letters are ever in another's hands.
import Dexie, { type DexieOptions, type EntityTable } from 'dexie'
import type { Actor } from '#db/actor.ts'
import type { Command } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import type { About, Content, Inmate, Matter, Step, Tie } from '#db/matter.ts'
import type { Refusal } from '#db/refusal.ts'
import type { Key } from './key.ts'
import './leaving.ts'
import { sealing } from './sealing.ts'
import type { Whose } from './whose.ts'

/** A matter as this device knows it: the house's truth, with what waits here already done to it. */
export interface Held {
  readonly id: Id
  readonly matter: Matter
  /** only what the house has acknowledged: a step that waits here has not happened yet */
  readonly steps: readonly Step[]
  readonly contents: readonly Content[]
  readonly about?: About
  /** how many of its commands have not been acknowledged: while there are any, the screen says 已存在手机 */
  readonly waiting: number
}

/** A command on its way. Its id is a UUIDv7, so the outbox is in the order in which things were done. */
export interface Waiting {
  readonly id: Id
  readonly command: Command
  readonly matter: Id
  /** the protocol it was made for; the server upcasts */
  readonly v: number
  /** as whom it was made: a prediction is made again as the same */
  readonly who: Actor
  /**
   * `sent`: it has been on a wire; it can be asked after, never changed. `again`: the house does not know it, so it goes
   * once more as it was; it may still be under way, so nobody can take it back.
   */
  readonly state: 'new' | 'sent' | 'again'
  /** UTC milliseconds, this device's clock: until then it can be undone and is not sent; 0 for at once */
  readonly notBefore: number
  /** the matter as it was before, null where there was none */
  readonly before: Held | null
}

/** What the house refused, kept with its words until the person has read why. */
export interface Shelved {
  readonly id: Id
  readonly command: Command
  readonly refused: Refusal
  /** UTC milliseconds, this device's clock */
  readonly at: number
}

export interface Store extends Dexie {
  readonly account: Whose
  /** false where the browser refuses to keep anything: all is in this page's memory, and the screen must say so */
  readonly lasting: boolean
  readonly matters: EntityTable<Held, 'id'>
  readonly outbox: EntityTable<Waiting, 'id'>
  readonly ties: EntityTable<Tie, 'id'>
  readonly inmates: EntityTable<Inmate, 'id'>
  readonly shelf: EntityTable<Shelved, 'id'>
  readonly meta: EntityTable<{ key: string; value: unknown }, 'key'>
}

/**
 * Strict durability: what a screen calls saved has reached the disk.
 *
 * @param keyOf the key under which it is kept, undefined for none
 * @param memory where IndexedDB is refused: what stands in for it
 */
export function openStore(
  account: Whose,
  keyOf: (account: Whose) => Promise<Key>,
  memory?: Pick<DexieOptions, 'indexedDB' | 'IDBKeyRange'>,
): Store {
  const store = new Dexie(`etongban/${account}`, { chromeTransactionDurability: 'strict', ...memory }) as Store
  store.version(1).stores({
    // by the last one an officer's queue is read in order, ten thousand at a time, without opening a letter
    matters: 'id, matter.kind, matter.state, [matter.facility+matter.state+matter.due]',
    outbox: 'id, matter, state',
    ties: 'id',
    inmates: 'id, number',
    shelf: 'id, at',
    meta: 'key',
  })
  store.use(sealing(() => keyOf(account)))
  return Object.assign(store, { account, lasting: !memory })
}

/** The state to name on a screen: a letter that waits here is not 已送达监所, whatever its state foretells. */
export const stateShown = (held: Held): string => (held.waiting > 0 ? 'onPhone' : held.matter.state)

/** Which word says that something waits: where nothing is kept it is not 已存在手机. */
export const waitsAs = (store: Store): 'onPhone' | 'onPage' => (store.lasting ? 'onPhone' : 'onPage')

export const getMeta = async <Value>(store: Store, key: string): Promise<Value | undefined> =>
  (await store.meta.get(key))?.value as Value | undefined

export const putMeta = (store: Store, key: string, value: unknown) => store.meta.put({ key, value })

export const putMetas = (store: Store, values: Readonly<Record<string, unknown>>) =>
  store.meta.bulkPut(Object.entries(values).map(([key, value]) => ({ key, value })))
