// Who this device is signed in as: asked of the house when there is a network, remembered when there is none.
import Dexie from 'dexie'
import { writable } from 'svelte/store'
import type { Actor, OfficerRole } from '#db/actor.ts'
import { marker } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import type { HouseCard } from '#db/matter.ts'
import type { HouseKind } from '#db/settings.ts'
import { lookForLoss } from './canary.ts'
import { dropKey, giveKey, keyOf } from './key.ts'
import { sealOld } from './sealing.ts'
import { getMeta, openStore, putMeta, type Store } from './store.ts'
import { whose } from './whose.ts'

export interface Post {
  readonly house: HouseCard & { readonly code: string; readonly kind: HouseKind }
  readonly name: string
  readonly roles: readonly OfficerRole[]
}

/** What `GET /api/me` says, beside the key to what is kept here. */
export interface Me {
  readonly account: Id
  readonly name: string
  /** with its middle digits hidden */
  readonly phone: string
  readonly officer: boolean
  readonly posts: readonly Post[]
}

/** What happens when somebody comes or goes is fetched when somebody does. */
export const leave = () => import('./leave.ts')

let known: Me | undefined
/** Who is signed in, for screens; undefined until it is known, null where nobody is. */
export const me = writable<Me | null | undefined>(undefined)
me.subscribe((now) => (known = now ?? undefined))

let memory: Parameters<typeof openStore>[2]
let opened: Store | undefined
/** The store of whoever this device belongs to now: one for each page. Only after `recallMe`. */
export function myStore(): Store {
  const account = whose()
  if (opened?.account !== account) {
    opened?.close()
    opened = openStore(account, keyOf, memory)
  }
  return opened
}

/**
 * Who was signed in here last, without a network. A page asks this before all else: where IndexedDB is refused, memory
 * takes its place, so that letters still go while there is a network.
 */
export async function recallMe(): Promise<Me | null> {
  await myStore()
    .open()
    .catch(async (fault: unknown) => {
      if (fault instanceof Dexie.VersionError) throw fault // a newer version of the app wrote it, in another tab
      memory = await import('fake-indexeddb')
      opened = undefined
    })
  if (whose() !== 'nobody') await lookForLoss(myStore()).catch(() => undefined) // what is locked is not lost
  // Without its key what lies here is as good as somebody else's: the same person has to sign in.
  const cached = whose() === 'nobody' ? undefined : await getMeta<Me>(myStore(), 'me').catch(() => undefined)
  me.set(cached ?? null)
  return cached ?? null
}

/**
 * Asks the house who is signed in.
 *
 * @returns undefined where no answer came (no network, a portal), or this device has changed hands meanwhile: then what
 * is remembered holds. null where the sign-in has ended: nothing on the phone is lost by that, and what waits stays
 * with its account.
 */
export async function renewMe(): Promise<Me | null | undefined> {
  if (whose() === 'nobody' && !(await (await leave()).endSession())) return undefined
  const before = whose()
  const answer = await fetch('/api/me', { redirect: 'manual' }).catch(() => undefined)
  if (!answer?.headers.has(marker)) return undefined
  if (answer.status === 401) {
    await (await leave()).heard(answer)
    return null
  }
  if (!answer.ok) return undefined
  const { seal, ...now } = (await answer.json()) as Me & { readonly seal: string }
  await giveKey(now.account, seal)
  // Whoever has left meanwhile is not brought back by an answer that was on its way.
  if (whose() !== before && whose() !== now.account) return void (await dropKey(now.account))
  await become(now)
  return now
}

async function become(now: Me): Promise<void> {
  if (whose() !== now.account) await (await leave()).handOver(now.account)
  await lookForLoss(myStore())
  await putMeta(myStore(), 'me', now)
  void sealOld(myStore()).catch(() => undefined) // tried again at the next start
  me.set(now)
}

/** Whoever is signed in, as they act in one facility. */
export function actorIn(facility: Id): Actor {
  const post = known?.posts.find(({ house }) => house.id === facility)
  return {
    account: known?.account ?? ('nobody' as Id),
    facility,
    roles: [...(post?.roles ?? []), 'relative'],
  }
}
