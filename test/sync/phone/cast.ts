// A relative with a phone, a bad network, and a house at its other end.
import 'fake-indexeddb/auto'
import type { Actor } from '#db/actor.ts'
import type { SyncRequest } from '#db/command.ts'
import { newId, type Id } from '#db/id.ts'
import type { Tie } from '#db/matter.ts'
import { letter } from '#db/words/zh/letter.ts'
import { outbox } from '#db/words/zh/outbox.ts'
import type { Draft } from '#web/outbox/draft.ts'
import { giveKey, keyOf, type Key } from '#web/outbox/key.ts'
import type { Cargo, Heard, Link } from '#web/outbox/link.ts'
import { make, sendDraft, type Made, type Wish } from '#web/outbox/make.ts'
import { openStore, stateShown, type Held, type Store } from '#web/outbox/store.ts'
import { exchange } from '#web/outbox/sync.ts'
import type { Whose } from '#web/outbox/whose.ts'
import type { House } from './house.ts'

/** What happens to the next requests, one each; after them the network is good. */
export type Weather = 'requestLost' | 'answerLost' | 'portal' | 'offline'

export class FakeLink implements Link {
  readonly weather: Weather[] = []
  /** every command body that was on the wire, by id */
  readonly onWire = new Map<Id, string[]>()
  requests = 0
  noNetwork = false
  /** called while the request is on its way */
  meanwhile: () => void | Promise<void> = () => undefined
  readonly #house: House
  readonly #who: Actor

  constructor(house: House, who: Actor) {
    this.#house = house
    this.#who = who
  }

  down = () => this.noNetwork

  async send(account: Id, { request, body: piece }: Cargo): Promise<Heard> {
    if (piece.byteLength === 0) return { have: [] }
    const body = JSON.stringify(request)
    this.requests += 1
    const weather = this.weather.shift()
    if (this.noNetwork || weather === 'offline') return { silence: 'offline' }
    if (weather === 'portal') return { silence: 'portal' }
    for (const command of request.commands as { id: Id }[])
      this.onWire.set(command.id, [...(this.onWire.get(command.id) ?? []), JSON.stringify(command)])
    await this.meanwhile()
    if (weather === 'requestLost') return { silence: 'offline' }
    if (account !== this.#who.account) return { silence: 'signedOut' }
    const answer = this.#house.sync(JSON.parse(body) as SyncRequest, this.#who)
    return weather === 'answerLost' ? { silence: 'offline' } : { answer }
  }
}

/** What a sign-in hands over. */
export async function signedInKey(account: Whose): Promise<Key> {
  await giveKey(account, btoa(account.slice(0, 32).padEnd(32)))
  return keyOf(account)
}

export class Phone {
  readonly house: House
  readonly who: Actor
  readonly link: FakeLink
  store: Store
  /** this device's clock: a claim */
  now = 1_790_000_000_000

  constructor(house: House, who: Actor) {
    this.house = house
    this.who = who
    this.link = new FakeLink(house, who)
    this.store = openStore(who.account, signedInKey)
  }

  makes(wish: Omit<Wish, 'facility' | 'kind'>, hold?: { holdMs: number }): Promise<Made> {
    this.now += 1
    return make(this.store, this.who, { facility: this.house.facility, kind: 'letter', ...wish }, this.now, hold)
  }

  sends(draft: Draft): Promise<Made> {
    this.now += 1
    return sendDraft(this.store, this.who, draft, this.now)
  }

  exchanges() {
    this.now += 1
    return exchange(this.store, this.link, this.now)
  }

  /** Exchanges until nothing more is to be said. */
  async syncs(): Promise<void> {
    for (let round = 0; round < 30; round += 1) {
      const { goOn } = await this.exchanges()
      if (!goOn) return
    }
    throw new Error('the phone talks without end')
  }

  /** The battery dies, and somebody finds a charger. */
  restarts() {
    this.store.close()
    this.store = openStore(this.who.account, signedInKey)
  }

  async holds(matter: Id): Promise<Held> {
    const held = await this.store.matters.get(matter)
    if (!held) throw new Error('the phone has no such matter')
    return held
  }

  /** The words on the screen. */
  async sees(matter: Id): Promise<string> {
    const state = stateShown(await this.holds(matter))
    return state === 'onPhone' ? outbox.onPhone : letter.states[state as keyof typeof letter.states]
  }
}

export class Mother extends Phone {
  readonly tie: Tie

  static async of(house: House): Promise<Mother> {
    const mother = new Mother(house)
    await mother.syncs() // her first sign-in brought her ties
    return mother
  }

  private constructor(house: House) {
    super(house, { account: newId(), facility: house.facility, roles: ['relative'] })
    this.tie = house.tieFor()
  }

  draft(body: string): Draft {
    return { id: newId(), kind: 'letter', to: this.tie.id, body, at: this.now }
  }

  /** @returns the letter's id */
  async writes(body: string): Promise<Id> {
    const draft = this.draft(body)
    const outcome = await this.sends(draft)
    if ('refused' in outcome) throw new Error(`the phone refused the letter: ${outcome.refused.code}`)
    return draft.id
  }
}

export const reviewerOf = (house: House) => new Phone(house, house.reviewer)

export const kioskOf = (house: House, ...people: Id[]) =>
  new Phone(house, { account: newId(), facility: house.facility, roles: ['kiosk'], people })
