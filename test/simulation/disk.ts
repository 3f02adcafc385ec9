// What a disk keeps when the current goes: fake-indexeddb has no disk, so what was written without strict durability
// is remembered here, and undone in reverse where the battery is pulled out.
import { IDBDatabase, IDBFactory } from 'fake-indexeddb'
import type { Row } from '#web/outbox/seal.ts'
import { nextTurn } from './machine.ts'

interface Tx {
  readonly mode: string
  readonly durability: string
  readonly _rollbackLog: (() => void)[]
  addEventListener(type: 'complete' | 'abort', listener: () => void): void
}
interface Database {
  /** asked before anything is done with it */
  guard?: (writes: boolean) => void
  readonly _rawDatabase: object
  transaction(this: Database, ...given: unknown[]): Tx
}

/** Per database: how to undo what has been committed and has not reached the disk, the oldest first. */
const unflushed = new WeakMap<object, (() => void)[]>()

/** Transactions that have begun since `watchDisks` and not ended, in all browsers. */
let open = new Set<Tx>()
export const disksAtWork = (): boolean => open.size > 0
/** What a connection that was cut has left unended is forgotten. */
export const watchDisks = (): void => void (open = new Set())

const prototype = (IDBDatabase as unknown as { prototype: Database }).prototype
const transaction: (this: Database, ...given: unknown[]) => Tx = Reflect.get(prototype, 'transaction')
prototype.transaction = function (...given) {
  this.guard?.(given[1] === 'readwrite')
  const begun = transaction.apply(this, given)
  open.add(begun)
  for (const end of ['complete', 'abort'] as const) begun.addEventListener(end, () => open.delete(begun))
  if (begun.mode === 'readwrite')
    begun.addEventListener('complete', () => {
      const before = begun.durability === 'strict' ? [] : (unflushed.get(this._rawDatabase) ?? [])
      unflushed.set(this._rawDatabase, begun.durability === 'strict' ? [] : [...before, ...begun._rollbackLog])
    })
  return begun
}

/** What is left of localStorage for a browser whose IndexedDB is refused: its keys are its own. */
export function plainStorage(guard: () => void): object {
  const kept = Object.create({
    getItem: (key: string) => (kept[key] ?? null) as unknown,
    removeItem: (key: string) => delete kept[key],
    setItem(key: string, value: string) {
      guard()
      kept[key] = value
    },
  }) as Record<string, unknown>
  return kept
}

/** All databases of one browser. */
export class Files extends IDBFactory {
  readonly #guard: (writes: boolean) => void
  #drafts: IDBDatabase | undefined

  /** @param guard asked before anything is done with drafts, which are kept without Dexie; it throws where the page is dead */
  constructor(guard: (writes: boolean) => void) {
    super()
    this.#guard = guard
  }

  override open(name: string, version?: number): IDBOpenDBRequest {
    const request = super.open(name, version)
    if (name.endsWith('/drafts'))
      request.addEventListener('success', () => {
        this.#drafts = request.result
        Object.assign(request.result, { guard: this.#guard })
      })
    return request
  }

  /** The browser cuts the connection to the drafts. */
  cuts(): void {
    const event = new Event('close')
    this.#drafts?.onclose?.(event)
    this.#drafts = undefined
  }
}

interface Raw {
  readonly transactions: readonly { readonly _state: string }[]
  readonly rawObjectStores: ReadonlyMap<string, { readonly records: { values(): Iterable<{ value: Row }> } }>
}

/** Every row of a database by its table, sealed where it lies so: as the disk has it, once nobody writes any more. */
export async function rowsOf(files: Files, name: string): Promise<ReadonlyMap<string, readonly Row[]>> {
  const { _databases } = files as unknown as { readonly _databases: ReadonlyMap<string, Raw> }
  const raw = _databases.get(name)
  while (raw?.transactions.some(({ _state }) => _state !== 'finished')) await nextTurn()
  const tables = [...(raw?.rawObjectStores ?? [])]
  return new Map(tables.map(([table, { records }]) => [table, Array.from(records.values(), ({ value }) => value)]))
}

/**
 * The current goes: all that this browser wrote relaxed, and nothing strict has followed in the same database, is gone.
 *
 * @returns whether anything was lost
 */
export function powerCut(files: Files): boolean {
  const { _databases } = files as unknown as { readonly _databases: ReadonlyMap<string, object> }
  let lost = false
  for (const raw of _databases.values()) {
    const undo = unflushed.get(raw) ?? []
    for (const step of [...undo].reverse()) step()
    unflushed.delete(raw)
    lost ||= undo.length > 0
  }
  return lost
}
