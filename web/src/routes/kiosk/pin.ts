// Who stands before the kiosk: a number and a PIN, checked here, so that it works with no network. Each try is counted
// on the disk before its answer is shown: neither a reload nor a pulled plug gives one back.
import { newId, type Id } from '#db/id.ts'
import type { Lock } from '#db/kiosk.ts'
import { pinRounds, pinTries } from '#db/kiosk.ts'
import type { Inmate } from '#db/matter.ts'
import { getMeta, putMeta, type Store } from '#web/outbox/store.ts'

/** What is kept of the tries for one person, until one is right or an officer opens. */
interface Tries {
  readonly wrong: number
  /** the newest opening that was known when they began: only a later one gives new tries */
  readonly opened: number
  /** the fifth: told to the house once there is a network */
  readonly lock?: Lock & { readonly told: boolean }
}

const keyOf = (person: Id) => `tries/${person}`
const prefix = 'tries/'

export type Found = { readonly person: Inmate } | { readonly refused: 'wrong' | 'locked' }

// One try after the other, and no report of a lock while one is still being counted.
let line: Promise<unknown> = Promise.resolve()
function inLine<Value>(task: () => Promise<Value>): Promise<Value> {
  const mine = line.then(task)
  line = mine.catch(() => undefined)
  return mine
}

/** @param now UTC milliseconds, this device's clock */
export const identify = (store: Store, number: string, pin: string, now: number): Promise<Found> =>
  inLine(async () => {
    const spoken = plain(number)
    const inmate = (await store.inmates.toArray()).find((inmate) => plain(inmate.number) === spoken)
    if (!inmate) {
      // As long as for somebody who is here: the clock on the wall tells nobody who is.
      await hashPin(pin, btoa(spoken))
      return { refused: 'wrong' }
    }

    const counted = await count(store, inmate)
    if (!counted) return { refused: 'locked' }
    if ((await hashPin(pin, inmate.pinSalt)) === inmate.pinHash) {
      await store.meta.delete(keyOf(inmate.id))
      return { person: inmate }
    }
    if (counted.wrong < pinTries) return { refused: 'wrong' }
    const lock = { id: newId(), person: inmate.id, at: now, opened: inmate.openedAt, told: false }
    await putMeta(store, keyOf(inmate.id), { ...counted, lock } satisfies Tries)
    return { refused: 'locked' }
  })

/** Whether somebody's letters stay shut: five wrong ones here, or at another kiosk, and no opening since. */
export async function isLocked(store: Store, inmate: Inmate): Promise<boolean> {
  if (inmate.lockedAt > inmate.openedAt) return true
  return (await triesOf(store, inmate)).wrong >= pinTries
}

/** The locks that the house has not heard of. */
export const untoldLocks = (store: Store): Promise<Lock[]> =>
  inLine(async () => {
    const kept = await store.meta.where('key').startsWith(prefix).toArray()
    return kept.flatMap(({ value }) => {
      const { lock } = value as Tries
      if (!lock || lock.told) return []
      const { told: _told, ...rest } = lock
      return [rest]
    })
  })

export const toldLocks = (store: Store, locks: readonly Lock[]): Promise<void> =>
  inLine(() =>
    store.transaction('rw', store.meta, async () => {
      for (const { id, person } of locks) {
        const tries = await getMeta<Tries>(store, keyOf(person))
        if (tries?.lock?.id !== id) continue
        await putMeta(store, keyOf(person), { ...tries, lock: { ...tries.lock, told: true } } satisfies Tries)
      }
    }),
  )

/** Counts a try before it is looked at; undefined where none is left. */
const count = (store: Store, inmate: Inmate): Promise<Tries | undefined> =>
  store.transaction('rw', store.meta, async () => {
    if (await isLocked(store, inmate)) return undefined
    const before = await triesOf(store, inmate)
    const counted: Tries = { ...before, wrong: before.wrong + 1 }
    await putMeta(store, keyOf(inmate.id), counted)
    return counted
  })

async function triesOf(store: Store, inmate: Inmate): Promise<Tries> {
  const kept = await getMeta<Tries>(store, keyOf(inmate.id))
  return kept && kept.opened >= inmate.openedAt ? kept : { wrong: 0, opened: inmate.openedAt }
}

/** A number as people say it: without dashes, in any case. */
const plain = (number: string) => number.replace(/[^0-9a-z]/gi, '').toLowerCase()

async function hashPin(pin: string, salt: string): Promise<string> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt: fromBase64(salt), iterations: pinRounds },
    key,
    256,
  )
  return btoa(String.fromCharCode(...new Uint8Array(bits)))
}

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
