// The queue as this device holds it: what waits for this officer, the earliest due first; and older matters to look up.
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

/** Rows are read in steps of this many: the first screen needs no more. */
export const stepRows = 100

/**
 * @param limit how many rows at most
 * @returns `more`: this device holds further ones
 */
export async function rowsOf(
  store: Store,
  actor: Actor,
  view: View,
  limit: number,
): Promise<{ rows: Row[]; more: boolean }> {
  const wanted = wantedBy(actor, view)
  // A matter that waits for nobody has no due, and stands in no index of dues: the records go by their ids, newest first.
  const order = view.show === 'all' ? store.matters.reverse() : store.matters.orderBy('matter.due')
  const rows: Row[] = []
  await order
    .filter(wanted)
    .limit(limit + 1)
    .each((held) => rows.push(rowOf(held)))
  return { rows: rows.slice(0, limit), more: rows.length > limit }
}

/** How many there are on this device, over the index alone. */
export function countOf(store: Store, actor: Actor, show: 'todo' | 'approved'): Promise<number> {
  const states = show === 'todo' ? awaitedBy(actor) : ['approved']
  return store.matters
    .where('matter.state')
    .anyOf([...states])
    .count()
}

/** Whether an officer's hand is asked for, as far as the lifecycles say. */
export const isAwaited = (actor: Actor, matter: Matter): boolean => {
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
