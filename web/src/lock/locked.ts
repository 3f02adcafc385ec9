// When the lock shuts, and what stands before everything while it is. Fetched by phones alone whose owner has switched
// the lock on.
import { mount } from 'svelte'
import { listDrafts, saveDraft } from '#web/outbox/draft.ts'
import { me, myStore } from '#web/outbox/me.ts'
import type { Keeper } from '../routes/(outside)/letter/keep.ts'
import { lockKey, whose } from '#web/outbox/whose.ts'
import { idleMinutes, lockHere, removeLock, shut, writeLock, type Lock } from './lock.ts'
import Shut from './Shut.svelte'

const MINUTE_MS = 60_000
/** How exactly it is known when somebody was last here. */
const STEP_MS = 5_000

let shown = false

/** Nothing of the page below is seen, read out or reached. */
export function show(): void {
  if (shown) return
  shown = true
  hide()
  mount(Shut, { target: document.body })
}

let watching = false

/** Follows what somebody does here, and shuts when nobody does. */
export async function watch(): Promise<void> {
  const lock = lockHere()
  if (!lock) return
  if (lock.account !== whose()) return removeLock() // somebody else has signed in
  if (isOver(lock, Date.now(), lock.hiddenMinutes)) return shutNow()
  if (watching) return
  watching = true

  const touched = () => {
    const now = lockHere()
    if (now && !now.shut && Date.now() - now.seenAt > STEP_MS) writeLock({ ...now, seenAt: Date.now() })
  }
  for (const sign of ['pointerdown', 'keydown', 'input', 'scroll']) addEventListener(sign, touched, { passive: true })
  touched()

  const look = (minutes: (lock: Lock) => number) => {
    const now = lockHere()
    if (now && !now.shut && isOver(now, Date.now(), minutes(now))) void shutNow()
  }
  setInterval(() => look((now) => (document.hidden ? now.hiddenMinutes : idleMinutes)), STEP_MS)
  document.addEventListener('visibilitychange', () => {
    const now = lockHere()
    if (!now || now.shut) return
    if (document.hidden) {
      writeLock({ ...now, seenAt: Date.now() })
      if (now.hiddenMinutes === 0) void shutNow()
    } else look((lock) => lock.hiddenMinutes)
  })
  // In another tab it was shut, or switched off.
  addEventListener('storage', ({ key }) => {
    if (key === lockKey && lockHere()?.shut) void leavePage()
  })
}

const isOver = (lock: Lock, now: number, minutes: number) => now - lock.seenAt >= Math.max(minutes * MINUTE_MS, STEP_MS)

let shutting = false

/** What is half written lies on the disk before its key is gone; where it lies nowhere, the lock waits. */
async function shutNow(): Promise<void> {
  const lock = lockHere()
  if (!lock || lock.shut || shutting) return
  const keeper: Keeper | undefined = window.keeper
  if (keeper?.kept === 'nowhere') return
  shutting = true
  hide()
  const draft = keeper?.draft
  keeper?.stop()
  if (draft) await saveDraft(draft, 'strict', lock.account)
  const [unsent, drafts] = await Promise.all([
    myStore()
      .outbox.count()
      .catch(() => 0),
    listDrafts(lock.account).then(
      (all) => all.length,
      () => 0,
    ),
  ])
  await shut(lock, { unsent, drafts }, location.pathname + location.search)
  await leavePage()
}

/** Every page begins anew, so that nothing stays in its memory. */
async function leavePage(): Promise<void> {
  hide()
  window.keeper?.stop()
  me.set(null)
  location.assign('/')
}

function hide(): void {
  for (const child of document.body.children) {
    child.setAttribute('inert', '')
    ;(child as HTMLElement).style.visibility = 'hidden'
  }
}
