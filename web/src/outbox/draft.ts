// What is being written, kept at every stroke. It is inlined in the letter page and works before any framework does,
// so it speaks to IndexedDB itself. Measured under SIGKILL: a put with `commit()` in the input handler loses nothing,
// localStorage loses its last five seconds whole; it is the last resort, where IndexedDB is refused.
import type { Id } from '#db/id.ts'
import type { Kind } from '#db/matters/index.ts'
import { diskIsFull } from './fault.ts'
import { forgetKeys, keyOf, type Key } from './key.ts'
import { isSealed, openRow, sealRow, type SealedRow } from './seal.ts'
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

/** Sealing takes a moment: what was typed first is written first. */
let turn: Promise<unknown> = Promise.resolve()

/**
 * @param durability `strict` when the writer pauses, and before the screen says 已存在手机
 * @returns `database`, or why it is in localStorage instead: `full`, the disk is; `plain`, IndexedDB is refused
 * @throws where localStorage does not take it either
 */
export async function saveDraft(
  draft: Draft,
  durability: 'relaxed' | 'strict' = 'relaxed',
  account = whose(),
): Promise<'database' | 'full' | 'plain'> {
  const sealed = turn.then(() => sealDraft(draft, account))
  turn = sealed.catch(() => undefined)
  const lying = await sealed
  try {
    await write(account, durability, (store) => store.put(lying))
  } catch (fault) {
    localStorage.setItem(plainKey(account, draft.id), JSON.stringify(draft))
    return diskIsFull(fault) ? 'full' : 'plain'
  }
  if (durability === 'strict') forgetPlain(account, draft)
  return 'database'
}

export async function deleteDraft(id: Id, account = whose()): Promise<void> {
  await write(account, 'strict', (store) => store.delete(id)).catch(() => undefined)
  forgetPlain(account, { id, at: Infinity })
}

/** All that is half written, the newest first. On a full disk the newest strokes are not in the database. */
export async function listDrafts(account: Whose = whose()): Promise<Draft[]> {
  const kept = new Map<Id, Draft>()
  for (const draft of [...(await inDatabase(account).catch(() => [])), ...plainDrafts(account)])
    if ((kept.get(draft.id)?.at ?? 0) <= draft.at) kept.set(draft.id, draft)
  return [...kept.values()].sort((one, other) => other.at - one.at)
}

/** What waits in localStorage for a place in the database. */
export const inPlain = (id: Id, account = whose()): Draft | undefined =>
  plainDrafts(account).find((draft) => draft.id === id)

/** Without its key nothing of what is sealed. */
async function inDatabase(account: Whose): Promise<Draft[]> {
  const key = await keyOf(account)
  const transaction = (await open(account)).transaction('drafts')
  const lying = await new Promise<(Draft | SealedRow)[]>((done, fail) => {
    const request = transaction.objectStore('drafts').getAll()
    request.onsuccess = () => done(request.result as (Draft | SealedRow)[])
    request.onerror = () => fail(request.error)
    transaction.commit?.() // a page that is left in the middle holds up nobody (leaving.ts)
  })
  return (await Promise.all(lying.map((draft) => openDraft(draft, key)))).flat()
}

/** Plain where this browser keeps no key. */
async function sealDraft(draft: Draft, account: Whose): Promise<Draft | SealedRow> {
  const key = await keyOf(account)
  if (key === null) throw new Error('locked')
  return key ? sealRow(key, { ...draft }, ['id'], placeOf(draft)) : draft
}

async function openDraft(draft: Draft | SealedRow, key: Key): Promise<Draft[]> {
  if (!isSealed(draft)) return [draft]
  return key ? [(await openRow(key, draft, placeOf(draft))) as unknown as Draft] : []
}

const placeOf = (draft: Draft | SealedRow) => `drafts/${String(draft.id)}`

function plainDrafts(account: Whose): Draft[] {
  const prefix = plainKey(account, '')
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix))
      .map((key) => JSON.parse(localStorage.getItem(key) ?? '') as Draft)
  } catch {
    return [] // refused too
  }
}

/** Nothing that was typed later, in another tab. */
function forgetPlain(account: Whose, { id, at }: Pick<Draft, 'id' | 'at'>): void {
  const plain = inPlain(id, account)
  if (plain && plain.at <= at) localStorage.removeItem(plainKey(account, id))
}

const plainKey = (account: Whose, id: string) => `etongban.draft/${account}/${id}`

/** @throws what IndexedDB throws */
async function write(
  account: Whose,
  durability: 'relaxed' | 'strict',
  change: (store: IDBObjectStore) => void,
): Promise<void> {
  const database = await open(account)
  await new Promise<void>((done, fail) => {
    const transaction = database.transaction('drafts', 'readwrite', { durability })
    transaction.oncomplete = () => done()
    transaction.onabort = () => fail(transaction.error)
    change(transaction.objectStore('drafts'))
    // Without it the browser waits for this task to end, and a kill in between takes the stroke along.
    transaction.commit?.()
  })
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
      // The system may cut the connection (Safari, low memory): the next stroke opens a new one, and asks for its key anew.
      request.result.onclose = () => {
        forget()
        forgetKeys()
      }
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
