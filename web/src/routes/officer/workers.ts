// Who works on a tablet that officers share, and the PIN with which each comes back. It lies apart from what is theirs,
// for all to see who stand before it; what lies under a PIN is sealed.
import type { Id } from '#db/id.ts'
import { over } from '#web/outbox/lying.ts'
import { isUnseen } from '#web/outbox/unseen.ts'

/** Somebody who works on this tablet, for all to see who stand before it. */
export interface Worker {
  readonly account: Id
  readonly name: string
  /** UTC milliseconds, this device's clock */
  readonly seenAt: number
  readonly pin?: Pin
}

export interface Pin {
  /** as the house knows it */
  readonly id: Id
  readonly salt: Uint8Array<ArrayBuffer>
  /** of this browser alone: a copy of the rest is no use to somebody who tries PINs elsewhere */
  readonly here: CryptoKey
  readonly iv: Uint8Array<ArrayBuffer>
  readonly sealed: ArrayBuffer
  /** counted before each try */
  readonly tries: number
}

/** @returns who works here, the last one first; nobody where this browser keeps nothing */
export async function workersHere(now: number): Promise<readonly Worker[]> {
  const all = await inWorkers('readonly', (workers) => workers.getAll() as IDBRequest<Worker[]>).catch(() => [])
  const gone = all.filter(({ seenAt }) => isUnseen([seenAt], now) === true)
  for (const { account } of gone) await forgetWorker(account)
  return all.filter((one) => !gone.includes(one)).sort((one, other) => other.seenAt - one.seenAt)
}

/** Somebody has been let in by the house. */
export const noteWorker = async (worker: Omit<Worker, 'pin'>): Promise<void> =>
  void (await change(worker.account, (known) => ({ ...known, ...worker })))

export const forgetWorker = async (account: Id): Promise<void> =>
  void (await inWorkers('readwrite', (workers) => workers.delete(account)).catch(() => undefined))

export const pinOf = async (account: Id): Promise<Pin | undefined> =>
  (await workerOf(account).catch(() => undefined))?.pin

/** @param id of the one that is meant: another may have come in its place */
export const dropPin = async (account: Id, id?: Id): Promise<void> =>
  void (await change(account, (known) => {
    if (!known?.pin || (id && known.pin.id !== id)) return undefined
    const { pin: _, ...rest } = known
    return rest
  }))

const workerOf = (account: Id): Promise<Worker | undefined> =>
  inWorkers('readonly', (workers) => workers.get(account) as IDBRequest<Worker | undefined>)

/** In one transaction, so that nothing noted meanwhile is lost. @returns what was written, if anything was */
export async function change(
  account: Id,
  to: (known: Worker | undefined) => Worker | false | undefined,
): Promise<Worker | undefined> {
  let written: Worker | undefined
  await inWorkers('readwrite', (workers) => {
    const reading = workers.get(account) as IDBRequest<Worker | undefined>
    reading.onsuccess = () => {
      const next = to(reading.result)
      if (next) workers.put((written = next))
    }
    return reading
  })
  return written
}

async function inWorkers<Value>(
  mode: IDBTransactionMode,
  act: (workers: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  const database = await new Promise<IDBDatabase>((done, fail) => {
    const request = indexedDB.open('etongban/tablet')
    request.onupgradeneeded = () => request.result.createObjectStore('workers', { keyPath: 'account' })
    request.onerror = () => fail(request.error)
    request.onsuccess = () => done(request.result)
  })
  const transaction = database.transaction('workers', mode, { durability: 'strict' })
  const request = act(transaction.objectStore('workers'))
  await over(transaction).finally(() => database.close())
  return request.result
}
