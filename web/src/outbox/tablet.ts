// A tablet on which several officers work in turn. Each has a database of their own, whose key is taken away when they
// leave; this looks at what lies in the open of all of them, and throws away what nobody has come back to.
import type { Id } from '#db/id.ts'
import { dropKey } from './key.ts'
import { openLying, over } from './lying.ts'
import { putMeta, type Held, type Store, type Waiting } from './store.ts'
import { isUnseen } from './unseen.ts'
import { officersKey, type Whose } from './whose.ts'

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
export async function noteSeen(store: Store, now: number): Promise<void> {
  await putMeta(store, seenKey, now)
  try {
    localStorage.setItem(officersKey, '')
  } catch {
    // a browser that keeps nothing has nothing to throw away
  }
}
const seenKey = 'seenAt'

/** @param mine whoever is at work now */
export async function unsentOfOthers(mine: Whose): Promise<OfOthers> {
  const waiting: number[] = []
  for await (const { account, database } of officersHere())
    if (account !== mine) waiting.push((await decisionsIn(database)).length)
  const some = waiting.filter((count) => count > 0)
  return { officers: some.length, decisions: some.reduce((sum, count) => sum + count, 0) }
}

/**
 * What the house has told an officer who has not been here for three days is taken away, and the key to the rest: it
 * comes again with them. What the house has not heard of stays. Nobody else's database is touched.
 */
export async function wipeUnseen(now: number): Promise<void> {
  for await (const { account, database, noted } of officersHere()) {
    const unseen = isUnseen(noted, now)
    if (unseen === 'unknown') await countAnew(database, now)
    else if (unseen) {
      await wipe(database)
      await dropKey(account)
    }
  }
}

/** An officer leaves: nothing of what the house has told them is left behind. */
export async function wipeWhenLeft(account: Id): Promise<void> {
  const database = await openLying(`etongban/${account}`)
  if (!database) return
  await wipe(database).finally(() => database.close())
}

/** The house's news begin anew: so does a request under way, which would go on where they had got to. */
const told = ['me', 'cursor', 'flight']

/** All or nothing. What waits keeps the letter that it is about; marks, looks and the shelf lie where they lay. */
function wipe(database: IDBDatabase): Promise<void> {
  const wiping = database.transaction(['matters', 'ties', 'inmates', 'meta'], 'readwrite', { durability: 'strict' })
  for (const table of ['ties', 'inmates']) wiping.objectStore(table).clear()
  for (const key of told) wiping.objectStore('meta').delete(key)
  const matters = wiping.objectStore('matters').openCursor()
  matters.onsuccess = () => {
    const cursor = matters.result
    if (!cursor) return
    if ((cursor.value as Held).waiting === 0) cursor.delete()
    cursor.continue()
  }
  return over(wiping)
}

function countAnew(database: IDBDatabase, now: number): Promise<void> {
  const noting = database.transaction('meta', 'readwrite')
  noting.objectStore('meta').put({ key: seenKey, value: now })
  return over(noting)
}

interface Lying {
  readonly account: Id
  readonly database: IDBDatabase
  /** UTC milliseconds, this device's clock: when its officer began to work here, and when the house last answered them */
  readonly noted: readonly number[]
}

/** A browser that does not tell which databases it keeps knows of nobody. */
async function* officersHere(): AsyncGenerator<Lying> {
  const names = (await (indexedDB as Partial<IDBFactory>).databases?.()) ?? []
  for (const { name = '' } of names) {
    const account = /^etongban\/([^/]{36})$/.exec(name)?.[1] as Id | undefined
    const database = account && (await openLying(name))
    if (!database) continue
    try {
      const noted = await notedIn(database)
      if (noted) yield { account, database, noted }
    } finally {
      database.close()
    }
  }
}

/** @returns undefined where it is no officer's */
async function notedIn(database: IDBDatabase): Promise<number[] | undefined> {
  if (!database.objectStoreNames.contains('meta')) return undefined
  const reading = database.transaction('meta')
  const [seen, heard] = [seenKey, 'heardAt'].map(
    (key) => reading.objectStore('meta').get(key) as IDBRequest<{ value: number } | undefined>,
  )
  await over(reading)
  return seen?.result && [seen.result.value, ...(heard?.result ? [heard.result.value] : [])]
}

/** What can be undone for a while is a decision: a letter of the same person to somebody inside goes at once. */
async function decisionsIn(database: IDBDatabase): Promise<Pick<Waiting, 'id' | 'notBefore'>[]> {
  const reading = database.transaction('outbox')
  const lying = reading.objectStore('outbox').getAll() as IDBRequest<Pick<Waiting, 'id' | 'notBefore'>[]>
  await over(reading)
  return lying.result.filter(({ notBefore }) => notBefore > 0)
}
