// The queue as this device holds it: what waits for this officer, the earliest due first; and older matters to look up.
import Dexie from 'dexie'
import type { Actor } from '#db/actor.ts'
import { reference, type Id } from '#db/id.ts'
import type { About, Matter } from '#db/matter.ts'
import { kinds } from '#db/matters/index.ts'
import type { Held, Store } from '#web/outbox/store.ts'

export const shows = ['todo', 'approved', 'all'] as const
export type Show = (typeof shows)[number]

/** What is looked for: all of it stands in the address, so that a view can be sent to a colleague. */
export interface View {
  readonly show: Show
  /** one state, within `all` */
  readonly state: string | undefined
  readonly text: string
}

export function readView(params: Pick<URLSearchParams, 'get'>): View {
  const show = shows.find((known) => known === params.get('show')) ?? 'todo'
  const state = params.get('state')
  return {
    show,
    state: show === 'all' && state !== null && states.has(state) ? state : undefined,
    text: params.get('q') ?? '',
  }
}

/** The address of a view, with a matter open in it or none. */
export function addressOf(view: View, facility: Id | undefined, matter?: Id): string {
  const params = new URLSearchParams()
  if (facility) params.set('house', facility)
  if (view.show !== 'todo') params.set('show', view.show)
  if (view.state) params.set('state', view.state)
  if (view.text) params.set('q', view.text)
  if (matter) params.set('matter', matter)
  return `/officer?${params.toString()}`
}

/** One line of the queue: small, because a screen holds thousands. */
export interface Row {
  readonly id: Id
  readonly matter: Matter
  readonly about: About | undefined
  /** it came back after an officer returned it */
  readonly fixed: boolean
  /** a decision of this device has not reached the house yet */
  readonly unsent: boolean
}

/** The list is shown in blocks of this many, each read when it comes near the eye. */
export const blockRows = 50

/** More than this nobody looks through: they say more of what they look for. */
const mostFound = 500
const searchedAtOnce = 200

/** Which matters a view has, in its order, over the index alone: thousands cost what one costs. */
export async function idsOf(store: Store, actor: Actor, view: View): Promise<Id[]> {
  if (view.text) return found(store, actor, view)
  if (view.show !== 'all') return inStates(store, actor.facility, statesOf(actor, view.show))
  // A matter that waits for nobody has no due: the records go by their ids, the newest first.
  const all = view.state ? store.matters.where('matter.state').equals(view.state) : store.matters.toCollection()
  return (await all.primaryKeys()).sort().reverse()
}

/** The rows of a block; a matter that has just gone is left out. */
export async function rowsOf(store: Store, ids: readonly Id[]): Promise<Row[]> {
  const held = await store.matters.bulkGet([...ids])
  return held.flatMap((each) => (each ? [rowOf(each)] : []))
}

export const countOf = async (store: Store, actor: Actor, show: 'todo' | 'approved'): Promise<number> => {
  const counts = [...statesOf(actor, show)].map((state) => due(store, actor.facility, state).count())
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
}

const statesOf = (actor: Actor, show: 'todo' | 'approved'): ReadonlySet<string> =>
  show === 'todo' ? awaitedBy(actor) : new Set(['approved'])

const due = (store: Store, facility: Id, state: string) =>
  store.matters
    .where('[matter.facility+matter.state+matter.due]')
    .between([facility, state, Dexie.minKey], [facility, state, Dexie.maxKey])

async function inStates(store: Store, facility: Id, states: ReadonlySet<string>): Promise<Id[]> {
  const [only, ...others] = states
  if (only === undefined) return []
  if (others.length === 0) return due(store, facility, only).primaryKeys()
  // Somebody with several posts has several queues: they are woven by due.
  const queues = [...states].map(async (state) => {
    const queue = due(store, facility, state)
    const [ids, keys] = await Promise.all([queue.primaryKeys(), queue.keys()])
    return ids.map((id, at) => ({ id, due: (keys[at] as unknown as [Id, string, number])[2] }))
  })
  const woven = (await Promise.all(queues)).flat()
  return woven.sort((one, other) => one.due - other.due || (one.id < other.id ? -1 : 1)).map(({ id }) => id)
}

/** Words are looked for in the whole of what is here; that opens every matter, so it stops when there are enough. */
async function found(store: Store, actor: Actor, view: View): Promise<Id[]> {
  const wanted = wantedBy(actor, view)
  const matches: Held[] = []
  let page: Held[]
  let after: Id | '' = ''
  do {
    page = await store.matters.where(':id').above(after).limit(searchedAtOnce).toArray()
    matches.push(...page.filter(wanted))
    after = page.at(-1)?.id ?? ''
  } while (page.length === searchedAtOnce && matches.length < mostFound)
  const order = (held: Held) => (view.show === 'all' ? -held.matter.since : (held.matter.due ?? Infinity))
  return matches.sort((one, other) => order(one) - order(other)).map(({ id }) => id)
}

/** Whether an officer's hand is asked for, as far as the lifecycles say. */
const isAwaited = (actor: Actor, matter: Matter): boolean => {
  const role = kinds.get(matter.kind)?.awaits.get(matter.state)
  return role !== undefined && actor.roles.includes(role)
}

const states: ReadonlySet<string> = new Set([...kinds.values()].flatMap(({ states }) => states))

const awaitedBy = (actor: Actor): ReadonlySet<string> =>
  new Set(
    [...kinds.values()].flatMap(({ awaits }) =>
      [...awaits].filter(([, role]) => actor.roles.includes(role)).map(([state]) => state),
    ),
  )

function wantedBy(actor: Actor, view: View): (held: Held) => boolean {
  const words = view.text.toLowerCase().split(/\s+/).filter(Boolean)
  return (held) => {
    const { matter } = held
    if (matter.facility !== actor.facility) return false
    if (view.show === 'todo' && !isAwaited(actor, matter)) return false
    if (view.show === 'approved' && matter.state !== 'approved') return false
    if (view.state && matter.state !== view.state) return false
    if (words.length === 0) return true
    const { about } = held
    const text = [
      reference(matter.id),
      reference(matter.id).replace(' ', ''),
      about?.person,
      about?.number,
      about?.cell,
      about?.relative,
    ]
      .join(' ')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  }
}

const rowOf = ({ matter, about, steps, waiting }: Held): Row => ({
  id: matter.id,
  matter,
  about,
  fixed: steps.some(({ move }) => move === 'return'),
  unsent: waiting > 0,
})
