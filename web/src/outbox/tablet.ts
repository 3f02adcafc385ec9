// A tablet on which several officers work in turn. Each has a database of their own, whose key is taken away when they
// leave; this looks at what lies in the open of all of them.
import type { Id } from '#db/id.ts'
import { openLying, over } from './lying.ts'
import { putMeta, type Store, type Waiting } from './store.ts'
import type { Whose } from './whose.ts'

/** What waits here of officers who are not the one at work, without a word of what it is. */
export interface OfOthers {
  readonly officers: number
  readonly decisions: number
}

/**
 * An officer is at work here. The mark lies in the open, and only officers' databases have it: a relative's is nobody
 * else's business.
 *
 * @param now UTC milliseconds, this device's clock
 */
export const noteSeen = (store: Store, now: number): Promise<unknown> => putMeta(store, seenKey, now)
const seenKey = 'seenAt'

/** @param mine whoever is at work now */
export async function unsentOfOthers(mine: Whose): Promise<OfOthers> {
  const waiting: number[] = []
  for await (const { account, database } of officersHere())
    if (account !== mine) waiting.push((await decisionsIn(database)).length)
  const some = waiting.filter((count) => count > 0)
  return { officers: some.length, decisions: some.reduce((sum, count) => sum + count, 0) }
}

interface Lying {
  readonly account: Id
  readonly database: IDBDatabase
  /** UTC milliseconds, this device's clock: when its officer was last at work here */
  readonly seenAt: number
}

/** A browser that does not tell which databases it keeps knows of nobody. */
async function* officersHere(): AsyncGenerator<Lying> {
  const names = (await (indexedDB as Partial<IDBFactory>).databases?.()) ?? []
  for (const { name = '' } of names) {
    const account = /^etongban\/([^/]{36})$/.exec(name)?.[1] as Id | undefined
    const database = account && (await openLying(name))
    if (!database) continue
    try {
      const seenAt = await seenIn(database)
      if (seenAt !== undefined) yield { account, database, seenAt }
    } finally {
      database.close()
    }
  }
}

async function seenIn(database: IDBDatabase): Promise<number | undefined> {
  if (!database.objectStoreNames.contains('meta')) return undefined
  const reading = database.transaction('meta')
  const mark = reading.objectStore('meta').get(seenKey) as IDBRequest<{ value: number } | undefined>
  await over(reading)
  return mark.result?.value
}

/** What can be undone for a while is a decision: a letter of the same person to somebody inside goes at once. */
async function decisionsIn(database: IDBDatabase): Promise<Pick<Waiting, 'id' | 'notBefore'>[]> {
  const reading = database.transaction('outbox')
  const lying = reading.objectStore('outbox').getAll() as IDBRequest<Pick<Waiting, 'id' | 'notBefore'>[]>
  await over(reading)
  return lying.result.filter(({ notBefore }) => notBefore > 0)
}
