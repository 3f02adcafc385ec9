// Who leaves a device, and who comes after them. An officer who leaves a shared one, for good or for a while: their
// session ends at the house, or rests until their PIN. Where there is no network that is remembered here, and done as
// soon as there is one, before anything else is asked in their name.
import { accountHeader, marker } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { deleteDraft, listDrafts, saveDraft } from './draft.ts'
import { dropKey } from './key.ts'
import { keepIn, keptIn, lockKey, remember, whose } from './whose.ts'

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

/** `rests`: what they could read stays, locked, and their session waits for them. `locked`: it ends. `left`: all goes. */
export type Leaving = 'left' | 'locked' | 'rests'

/** The key in localStorage, or the name of a cookie where that takes nothing: whose session is to be ended, and how. */
const leavingKey = 'etongban.leaving'
const patienceMs = 10_000
const pauseMs = 30_000

/** From here on this device is nobody's, whatever becomes of the rest. */
export function noteLeaving(account: Id, how: Leaving = 'left'): void {
  note(how === 'left' ? account : `${account} ${how}`)
  remember('nobody')
}

/**
 * Takes away what they could read, and tells the house that they have left. Where it does not answer this page goes on
 * trying.
 *
 * @returns whether nothing of that session is left
 */
export async function endSession(): Promise<boolean> {
  const noted = leaving()
  if (noted === null && isLocked()) {
    void import('#web/lock/locked.ts').then(({ show }) => show())
    return false
  }
  if (noted === null) return true
  // One tab at a time: whoever signs in next waits for it, and is not signed out by an answer that was late.
  const locks = navigator.locks as LockManager | undefined
  const end = async () => {
    if (leaving() !== noted) return true
    const [account, how] = noted.split(' ') as [Id, Leaving?]
    await lockUp(account, how)
    return tell(account, noted, how)
  }
  const ended = await (locks ? locks.request('etongban/leaving', end) : end())
  if (!ended) tryAgain()
  return ended
}

/** Somebody has come back by their PIN: their session is in this browser again, and no other. */
export function forgetLeaving(): void {
  keepIn(leavingKey, null)
  if (inCookie() !== null) cookie('', 0)
}

/**
 * The house takes this sign-in no more. Where it was ended from another device this one is lost, or somebody else's: what
 * waits stays, without its key.
 */
export async function heard(answer: Response): Promise<void> {
  if (((await answer.json()) as { ended?: true }).ended) await endedElsewhere()
}

/** From here on this device is nobody's: in a page of its own, that knows nothing of what this one shows. */
export async function endedElsewhere(): Promise<void> {
  const account = whose()
  if (account === 'nobody') return // that has been done
  remember('nobody')
  keepIn(lockKey, null)
  await lockUp(account)
  location.reload()
}

/** Nothing is asked in the name of somebody whose lock is shut. */
const isLocked = () => keptIn(lockKey)?.includes('"shut":true')

/** Whose session is still to be ended, and how; null where nobody's is. */
export const leaving = (): string | null => keptIn(leavingKey) ?? inCookie()

/** Where localStorage is refused or full a cookie keeps it: a browser that keeps no cookie has no session to end. */
function note(what: string): void {
  keepIn(leavingKey, what)
  if (keptIn(leavingKey) !== what) cookie(what, monthS)
}
const monthS = 30 * 24 * 3600

const inCookie = (): string | null => {
  const [, kept] = /(?:^|; )etongban\.leaving=([^;]*)/.exec(cookies().cookie) ?? []
  return kept ? decodeURIComponent(kept) : null
}

function cookie(what: string, seconds: number): void {
  const secure = location.protocol === 'https:' ? '; secure' : ''
  cookies().cookie = `${leavingKey}=${encodeURIComponent(what)}; path=/; max-age=${seconds}; samesite=strict${secure}`
}
/** A phone of a test has none. */
const cookies = () => (globalThis as { document?: { cookie: string } }).document ?? { cookie: '' }

async function lockUp(account: Id, how?: Leaving): Promise<void> {
  // Without the key nobody reads it either.
  if (!how) await import('./tablet.ts').then(({ wipeWhenLeft }) => wipeWhenLeft(account)).catch(() => undefined)
  await dropKey(account).catch(() => undefined)
}

async function tell(account: Id, noted: string, how?: Leaving): Promise<boolean> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), patienceMs)
  const answer = await fetch(`/api/identity/${how === 'rests' ? 'tablets/lock' : 'sign-out'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [accountHeader]: account },
    body: '{}',
    redirect: 'manual',
    signal: patience.signal,
  }).catch(() => undefined)
  clearTimeout(timer)
  if (!answer?.ok || !answer.headers.has(marker)) return false
  if (leaving() === noted) forgetLeaving()
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
