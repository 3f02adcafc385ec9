// Who works here and in which house: one for all officer pages, so that going from queue to handover keeps the line.
import { get } from 'svelte/store'
import type { Actor } from '#db/actor.ts'
import { deskPath } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { endedElsewhere, endSession, noteLeaving, type Leaving } from '#web/outbox/leave.ts'
import { actorIn, me, myStore, recallMe, renewMe, type Me, type Post } from '#web/outbox/me.ts'
import { getMeta, putMeta, type Store } from '#web/outbox/store.ts'
import { noteSeen, unsentOfOthers, wipeUnseen, type OfOthers } from '#web/outbox/tablet.ts'
import { remember } from '#web/outbox/whose.ts'
import { DeskLine, type Claim, type Claims } from './desk.ts'
import { bindPin, dropEnded, isDue, resumeDue } from './tablet.ts'
import { forgetWorker, noteWorker, pinOf, workersHere, type Worker } from './workers.ts'

class Session {
  /** undefined until it is known, null where nobody is signed in */
  me = $state.raw<Me | null | undefined>()
  /** the house no longer takes this sign-in; what is here stays usable and unsent */
  signedOut = $state.raw(false)
  claims = $state.raw<Claims>(new Map())
  connected = $state.raw(false)
  /** what other officers have left unsent on this tablet */
  ofOthers = $state.raw<OfOthers>({ officers: 0, decisions: 0 })
  /** who works on this tablet, for the lock */
  workers = $state.raw<readonly Worker[]>([])
  /** how much is on the screen that lies nowhere else: then it is not locked by itself */
  busy = 0
  /** UTC milliseconds, moved on twice a minute: what is shown of due times follows it */
  now = $state.raw(Date.now())
  #facility = $state.raw<Id>()
  #desk = $state.raw<DeskLine>()

  readonly posts: readonly Post[] = $derived(this.me?.posts ?? [])
  readonly post: Post | undefined = $derived(
    this.posts.find(({ house }) => house.id === this.#facility) ?? this.posts[0],
  )
  readonly actor: Actor | undefined = $derived(this.me && this.post ? actorIn(this.post.house.id) : undefined)

  get store(): Store {
    return myStore()
  }

  get desk(): DeskLine | undefined {
    return this.#desk
  }

  /** Who else has a matter open; nobody where it is this officer. */
  holder(matter: Id): Claim | undefined {
    const claim = this.claims.get(matter)
    return claim && claim.account !== this.me?.account ? claim : undefined
  }

  /** Asks who is signed in: first this device, which answers without a network, then the house. */
  async begin(): Promise<void> {
    await wipeUnseen(Date.now()).catch(() => undefined) // tried again at the next start
    await recallMe()
    this.me = get(me)
    void this.lookForOthers()
    this.workers = await workersHere(Date.now())
    await this.renew()
  }

  /** Asks the house, as whoever this device belongs to now. */
  async renew(): Promise<void> {
    const came = this.me ? await resumeDue(this.store).catch(() => 'done' as const) : 'done'
    const renewed = came === 'silent' ? undefined : came === 'refused' ? null : await renewMe()
    if (this.#gone) return // who has left while this was asked is not brought back by the answer
    this.signedOut = renewed === null
    this.me = get(me)
    void this.lookForOthers()
    if (renewed?.officer) await noteWorker(asWorker(renewed)).catch(() => undefined)
    this.workers = await workersHere(Date.now())
    // One whom the house no longer knows has not come back, however often this page is opened.
    if (renewed !== null && this.me?.officer) await noteSeen(this.store, Date.now()).catch(() => undefined) // a full disk
    const ended = await dropEnded().catch((): readonly Id[] => [])
    if (came === 'refused' && this.me && ended.includes(this.me.account)) return endedElsewhere()
    if (ended.length > 0) this.workers = await workersHere(Date.now())
  }

  /** Somebody has signed in by a passkey: from here on this device is theirs, before anything of theirs is shown. */
  async comes(): Promise<void> {
    this.me = undefined
    const renewed = await renewMe()
    if (!renewed) remember('nobody') // who was here before is not, whatever the network does
    if (renewed?.officer) await bindPin(renewed.account).catch(() => undefined)
  }

  /** All that is on the screen goes; what was typed and what is unsent waits, sealed, for the same officer. */
  async lock(): Promise<void> {
    const { store, me: who } = this
    if (!who?.officer) return
    const open = location.pathname + location.search
    this.#hide()
    const pin = await pinOf(who.account)
    await putMeta(store, openKey, open).catch(() => undefined) // a full disk
    store.close() // an answer that comes now would be kept without a key
    await this.#goes(who.account, pin ? 'rests' : 'locked')
  }

  /** An officer signs out: what is unsent stays on this device, locked, and goes when they are back. */
  async leave(): Promise<void> {
    const { store, me: who } = this
    if (!who) return
    this.#hide()
    const due = await isDue(store)
    store.close()
    await forgetWorker(who.account)
    await this.#goes(who.account, due ? 'rests' : 'left')
  }

  /** Something is on the screen that lies nowhere else. @returns how to say that it is no more */
  staysOpen(): () => void {
    this.busy += 1
    return () => (this.busy -= 1)
  }

  #hide(): void {
    this.#gone = true
    this.me = undefined
    this.signedOut = false
    this.claims = new Map()
  }
  #gone = false

  /** Nobody who leaves waits for the house: where it does not answer, the next page goes on. */
  async #goes(account: Id, how: Leaving): Promise<void> {
    noteLeaving(account, how)
    await Promise.race([endSession(), late(PATIENCE_MS)])
    openFresh('/officer')
  }

  /** An officer is back by their PIN: all is as they left it. */
  async goesOn(): Promise<void> {
    const open = await getMeta<string>(this.store, openKey).catch(() => undefined)
    openFresh(open ?? '/officer')
  }

  async lookForOthers(): Promise<void> {
    const nothingKnown = () => this.ofOthers // where storage is refused
    this.ofOthers = await unsentOfOthers(this.store.account).catch(nothingKnown)
  }

  /** The house named in the address, else the one worked in last. */
  chooseHouse(named: string | null): void {
    const wanted = named ?? keptHouse()
    const post = this.posts.find(({ house }) => house.id === wanted) ?? this.posts[0]
    this.#facility = post?.house.id
    if (post) keepHouse(post.house.id)
  }

  /**
   * Opens the line to a house's desk.
   *
   * @returns how to close it
   */
  openDesk(facility: Id, onPoke: () => void): () => void {
    const { account } = this.store
    const desk = new DeskLine(
      {
        connect: () => new WebSocket(`${location.origin.replace(/^http/, 'ws')}${deskPath(facility, account)}`),
        random: Math.random,
        now: Date.now,
        wait: (ms, then) => {
          const timer = setTimeout(then, ms)
          return () => clearTimeout(timer)
        },
      },
      onPoke,
    )
    this.#desk = desk
    const forget = [desk.claims.subscribe((claims) => (this.claims = claims))]
    forget.push(desk.connected.subscribe((connected) => (this.connected = connected)))
    return () => {
      desk.close()
      for (const stop of forget) stop()
      if (this.#desk === desk) this.#desk = undefined
    }
  }
}

export const session = new Session()

/** where an officer was when the tablet was locked: sealed like all else of theirs */
const openKey = 'open'
const PATIENCE_MS = 3000
const late = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

/** In a page of its own: of what the one before holds in its memory nothing is left. */
function openFresh(path: string): void {
  // Without a network and before these pages are kept here only the first page of all may be.
  const kept = navigator.serviceWorker?.controller?.scriptURL.endsWith('room=officer')
  location.replace(navigator.onLine || kept ? path : '/')
}

/** As the lock of this tablet names them. */
export const asWorker = ({ account, name, posts }: Me): Omit<Worker, 'pin'> => ({
  ...{ account, name: posts[0]?.name ?? name, seenAt: Date.now() },
})

const HOUSE_KEPT_UNDER = 'etongban.house'

function keptHouse(): string | null {
  try {
    return localStorage.getItem(HOUSE_KEPT_UNDER)
  } catch {
    return null
  }
}

function keepHouse(facility: Id): void {
  try {
    localStorage.setItem(HOUSE_KEPT_UNDER, facility)
  } catch {
    // asked for again at the next visit
  }
}
