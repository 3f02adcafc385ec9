// Who works here and in which house: one for all officer pages, so that going from queue to handover keeps the line.
import { get } from 'svelte/store'
import type { Actor } from '#db/actor.ts'
import type { Id } from '#db/id.ts'
import { actorIn, me, myStore, recallMe, renewMe, type Me, type Post } from '#web/outbox/me.ts'
import type { Store } from '#web/outbox/store.ts'
import { noteSeen, unsentOfOthers, wipeUnseen, type OfOthers } from '#web/outbox/tablet.ts'
import { DeskLine, type Claim, type Claims } from './desk.ts'

class Session {
  /** undefined until it is known, null where nobody is signed in */
  me = $state.raw<Me | null | undefined>()
  /** the house no longer takes this sign-in; what is here stays usable and unsent */
  signedOut = $state.raw(false)
  claims = $state.raw<Claims>(new Map())
  connected = $state.raw(false)
  /** what other officers have left unsent on this tablet */
  ofOthers = $state.raw<OfOthers>({ officers: 0, decisions: 0 })
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
    const renewed = await renewMe()
    this.signedOut = renewed === null
    this.me = get(me)
    void this.lookForOthers()
    // One whom the house no longer knows has not come back, however often this page is opened.
    if (renewed !== null && this.me?.officer) await noteSeen(this.store, Date.now()).catch(() => undefined) // a full disk
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
    const desk = new DeskLine(
      {
        connect: () => new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/houses/${facility}/desk`),
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
