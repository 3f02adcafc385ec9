// What is being written, kept at every stroke. It is inlined in the letter page and works before any framework does,
// so it speaks to IndexedDB itself. Measured under SIGKILL: a put with `commit()` in the input handler loses nothing,
// localStorage loses its last five seconds whole; it is the last resort, where IndexedDB is refused.
import type { Id } from '#db/id.ts'
import type { Kind } from '#db/matters/index.ts'
import { whose, type Whose } from './whose.ts'

export interface Draft {
  /** becomes the id of the matter, so that a letter sent twice is one letter */
  readonly id: Id
  readonly kind: Kind
  /** the tie it is written to, once chosen */
  readonly to?: Id
  readonly body: string
  /** UTC milliseconds of the last stroke, by this phone's clock */
  readonly at: number
  /** the returned letter that this one mends */
  readonly from?: Id
}

/**
 * @param durability `strict` when the writer pauses, and before the screen says 已存在手机
 * @returns true once it is in IndexedDB, false where that is refused and localStorage has it
 */
export const saveDraft = (draft: Draft, durability: 'relaxed' | 'strict' = 'relaxed', account = whose()) =>
  write(
    account,
    durability,
    (store) => store.put(draft),
    () => localStorage.setItem(plainKey(account, draft.id), JSON.stringify(draft)),
  )

export const deleteDraft = (id: Id, account = whose()) =>
  write(
    account,
    'strict',
    (store) => store.delete(id),
    () => localStorage.removeItem(plainKey(account, id)),
  )

/** All that is half written, the newest first. */
export async function listDrafts(account: Whose = whose()): Promise<Draft[]> {
  let kept: Draft[]
  try {
    const store = (await open(account)).transaction('drafts').objectStore('drafts')
    kept = await new Promise((done, fail) => {
      const request = store.getAll()
      request.onsuccess = () => done(request.result as Draft[])
      request.onerror = () => fail(request.error)
    })
  } catch {
    const prefix = plainKey(account, '')
    kept = Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix))
      .map((key) => JSON.parse(localStorage.getItem(key) ?? '') as Draft)
  }
  return kept.sort((one, other) => other.at - one.at)
}

const plainKey = (account: Whose, id: string) => `etongban.draft/${account}/${id}`

async function write(
  account: Whose,
  durability: 'relaxed' | 'strict',
  change: (store: IDBObjectStore) => void,
  otherwise: () => void,
): Promise<boolean> {
  try {
    const database = await open(account)
    await new Promise<void>((done, fail) => {
      const transaction = database.transaction('drafts', 'readwrite', { durability })
      transaction.oncomplete = () => done()
      transaction.onabort = () => fail(transaction.error)
      change(transaction.objectStore('drafts'))
      // Without it the browser waits for this task to end, and a kill in between takes the stroke along.
      transaction.commit?.()
    })
    return true
  } catch {
    otherwise()
    return false
  }
}

let opened: { account: Whose; database: Promise<IDBDatabase> } | undefined

function open(account: Whose): Promise<IDBDatabase> {
  if (opened?.account === account) return opened.database
  const forget = () => {
    if (opened === mine) opened = undefined
  }
  const database = new Promise<IDBDatabase>((done, fail) => {
    const request = indexedDB.open(`etongban/${account}/drafts`)
    request.onupgradeneeded = () => request.result.createObjectStore('drafts', { keyPath: 'id' })
    request.onerror = () => fail(request.error)
    request.onsuccess = () => {
      // The system may cut the connection (Safari, low memory): the next stroke opens a new one.
      request.result.onclose = forget
      request.result.onversionchange = () => {
        forget()
        request.result.close()
      }
      done(request.result)
    }
  })
  database.catch(forget)
  const mine = { account, database }
  opened = mine
  return database
}
