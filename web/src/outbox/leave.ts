// Who leaves a device, and who comes after them. An officer who leaves a shared one: their session ends at the house: where there is no network that is remembered
// here, and done as soon as there is one, before anything else is asked in their name.
import { accountHeader, marker } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { deleteDraft, listDrafts, saveDraft } from './draft.ts'
import { dropKey } from './key.ts'
import { keptIn, lockKey, remember, whose } from './whose.ts'

/**
 * After a sign-in: this device is theirs, and what was written before it goes with them. What somebody else has left
 * here is locked until they are back.
 */
export async function handOver(account: Id): Promise<void> {
  const before = whose()
  if (before !== 'nobody') await dropKey(before)
  for (const draft of await listDrafts('nobody')) {
    await saveDraft(draft, 'strict', account)
    await deleteDraft(draft.id, 'nobody')
  }
  remember(account)
}

/** Somebody has switched the lock on (lock/locked.ts). */
export const watchLock = (): Promise<void> => import('#web/lock/locked.ts').then(({ watch }) => watch())

/** The key in localStorage: whose session is still to be ended. */
const leavingKey = 'etongban.leaving'
const patienceMs = 10_000
const pauseMs = 30_000

/**
 * From here on this device is nobody's, whatever becomes of the rest.
 *
 * @returns false where the browser keeps nothing: then the house has to hear of it now
 */
export function noteLeaving(account: Id): boolean {
  try {
    localStorage.setItem(leavingKey, account)
  } catch {
    return false
  }
  remember('nobody')
  return true
}

/**
 * Takes away what they could read, and tells the house that they have left. Where it does not answer this page goes on
 * trying.
 *
 * @returns whether nothing of that session is left
 */
export async function endSession(account = leaving()): Promise<boolean> {
  if (!account && isLocked()) {
    void import('#web/lock/locked.ts').then(({ show }) => show())
    return false
  }
  if (!account) return true
  const noted = leaving() === account
  // One tab at a time: whoever signs in next waits for it, and is not signed out by an answer that was late.
  const locks = navigator.locks as LockManager | undefined
  const end = async () => {
    if (noted && leaving() !== account) return true
    await lockUp(account)
    return tell(account)
  }
  const ended = await (locks ? locks.request('etongban/leaving', end) : end())
  if (!ended) tryAgain()
  return ended
}

/**
 * The house takes this sign-in no more. Where it was ended from another device this one is lost, or somebody else's: what
 * waits stays, without its key.
 */
export async function heard(answer: Response): Promise<void> {
  if (!((await answer.json()) as { ended?: true }).ended) return
  const account = whose()
  if (account === 'nobody') return // that has been done
  remember('nobody')
  localStorage.removeItem(lockKey)
  await lockUp(account)
  location.reload()
}

/** Nothing is asked in the name of somebody whose lock is shut. */
const isLocked = () => keptIn(lockKey)?.includes('"shut":true')

const leaving = () => keptIn(leavingKey) as Id | null

async function lockUp(account: Id): Promise<void> {
  // Without the key nobody reads it either.
  await import('./tablet.ts').then(({ wipeWhenLeft }) => wipeWhenLeft(account)).catch(() => undefined)
  await dropKey(account).catch(() => undefined)
}

async function tell(account: Id): Promise<boolean> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), patienceMs)
  const answer = await fetch('/api/identity/sign-out', {
    method: 'POST',
    headers: { 'content-type': 'application/json', [accountHeader]: account },
    body: '{}',
    redirect: 'manual',
    signal: patience.signal,
  }).catch(() => undefined)
  clearTimeout(timer)
  if (!answer?.ok || !answer.headers.has(marker)) return false
  if (leaving() === account) localStorage.removeItem(leavingKey)
  return true
}

let timer: ReturnType<typeof setTimeout> | undefined

function tryAgain(): void {
  clearTimeout(timer)
  const again = () => {
    removeEventListener('online', again)
    clearTimeout(timer)
    void endSession()
  }
  timer = setTimeout(again, pauseMs * (1 + Math.random()))
  addEventListener('online', again)
}
