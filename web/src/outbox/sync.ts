// One exchange with the house: what is new goes out, what is unknown is asked after, and all that comes back is kept
// in one transaction, so that a kill at any line loses nothing and doubles nothing.
import type { Cursor, SyncRequest } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { protocol } from '#db/upcast.ts'
import { choose, firstRoom, isHeld, mostRoom } from './choose.ts'
import type { Begun, Flight } from './flight.ts'
import { heavyBytes, pack, type Cargo, type Heard, type Link, type Silence } from './link.ts'
import { heardNothing, heardWhole, newPace, worthAsking, type Pace } from './pace.ts'
import { settle } from './settle.ts'
import { getMeta, putMeta, type Store, type Waiting } from './store.ts'

export interface Round {
  readonly heard: 'answer' | Silence
  /** there is more to fetch or to send, and the last exchange got somewhere: go on at once */
  readonly goOn: boolean
  /** how long the house asked to be left in peace */
  readonly afterMs: number
  /** UTC milliseconds at which the next held decision may go, or null */
  readonly heldUntil: number | null
}

/** What one request takes along. */
export interface Load {
  readonly asked: readonly Waiting[]
  readonly sent: readonly Waiting[]
  readonly cursor: Cursor
  readonly limit: number
  readonly pace: Pace
  /** the one under way that is gone on with */
  readonly flight: Flight | undefined
}

/**
 * One request, one answer.
 *
 * @param now UTC milliseconds, this device's clock
 * @throws what IndexedDB throws: no room, connection lost; the next exchange finds all as it was
 */
export async function exchange(store: Store, link: Link, now: number): Promise<Round> {
  if (store.account === 'nobody') return { heard: 'signedOut', goOn: false, afterMs: 0, heldUntil: null }
  const quiet = link.down()
  const { account } = store
  const load = await takeAlong(store, now, quiet)
  const cargo = await pack(requestOf(load))
  // What is light needs none of it, and where it cannot be had what is heavy goes whole.
  const lead = cargo.body.byteLength > heavyBytes ? await import('./flight.ts').catch(() => undefined) : undefined
  const flight = lead?.withBody(load.flight ?? idsOf(load), cargo.body.byteLength)
  if (flight) await keepFlight(store, flight)
  const send = (some: Cargo) => link.send(account, some)
  const flown = flight && (await lead?.fly(cargo, flight, load.pace, quiet, send))
  const said = flown?.said ?? [await send(cargo)]
  const answer = said.find((heard): heard is Answered => 'answer' in heard && fits(heard, load))
  if (answer) return hears(store, load, answer, { now, quiet })
  const heard = said.find((one) => 'have' in one) ?? (said[0] as Heard)
  return hearsNot(
    store,
    flown?.after ?? {
      pace: 'silence' in heard && heard.silence === 'offline' ? heardNothing(load.pace, heard.tookMs) : load.pace,
    },
    heard,
    now,
  )
}

type Answered = Extract<Heard, { answer: unknown }>

function fits({ answer, broke }: Answered, { asked, sent }: Load): boolean {
  const left = [asked.length - answer.asked.length, sent.length - answer.results.length]
  return left.every((count) => (broke ? count >= 0 : count === 0))
}

function hears(
  store: Store,
  load: Load,
  { answer, broke, further }: Answered,
  { now, quiet }: { now: number; quiet: boolean },
): Promise<Round> {
  const pace = broke ? load.pace : heardWhole(load.pace)
  return store.transaction('rw', store.tables, async (): Promise<Round> => {
    const { progress: known, afterMs, outdated } = await settle(store, load, answer, pace, now)
    const progress = known || further === true
    await keepFlight(store, undefined)
    const left = await store.outbox.toArray()
    const more = answer.more || left.some((entry) => entry.state === 'sent' || !isHeld(entry, now))
    if (broke && !progress) return { heard: 'offline', goOn: false, afterMs, heldUntil: heldUntil(left, now) }
    return {
      heard: outdated ? 'update' : 'answer',
      goOn: more && (progress || quiet) && afterMs === 0,
      afterMs,
      heldUntil: heldUntil(left, now),
    }
  })
}

/** All stays as it is, but for what is known of the link, and of what has come of a request in pieces. */
function hearsNot(
  store: Store,
  { pace, flight }: { readonly pace: Pace; readonly flight?: Flight | undefined },
  heard: Heard,
  now: number,
): Promise<Round> {
  return store.transaction('rw', store.outbox, store.meta, async (): Promise<Round> => {
    await putMeta(store, 'pace', pace)
    await keepFlight(store, flight)
    const until = heldUntil(await store.outbox.toArray(), now)
    if ('have' in heard) return { heard: 'answer', goOn: true, afterMs: 0, heldUntil: until }
    const silence = 'silence' in heard ? heard : ({ silence: 'update' } as const)
    return { heard: silence.silence, goOn: false, afterMs: silence.afterMs ?? 0, heldUntil: until }
  })
}

/**
 * Marks what goes as sent, on disk, before a byte is on the wire.
 *
 * @param quiet the device says that it has no network: only questions go, to see whether that is true
 */
function takeAlong(store: Store, now: number, quiet: boolean): Promise<Load> {
  return store.transaction('rw', store.outbox, store.meta, async () => {
    const pace = await paceOf(store)
    const waiting = await store.outbox.orderBy('id').toArray()
    const flight = await getMeta<Flight>(store, 'flight')
    const underWay = flight && membersOf(flight, waiting)
    if (underWay) return { ...underWay, cursor: flight.cursor, limit: flight.limit, pace, flight }

    const room = quiet ? 'nothing' : pace.proven ? mostRoom : firstRoom
    const { asked, fresh } = choose(waiting, now, room)
    const sent = fresh.map((entry): Waiting => ({ ...entry, state: 'sent' }))
    if (sent.length > 0) await store.outbox.bulkPut(sent)
    const cursor = (await getMeta<Cursor>(store, 'cursor')) ?? {}
    const { fates, limit } = worthAsking(pace, asked.length > 0, sent.length > 0)
    return { asked: asked.slice(0, fates), sent, cursor, limit, pace, flight: undefined }
  })
}

const requestOf = ({ asked, sent, cursor, limit }: Load): SyncRequest => ({
  v: sent[0]?.v ?? protocol,
  cursor,
  limit,
  ask: asked.map(({ id, command }) => ({ id, facility: command.facility })),
  commands: sent.map(({ command }) => command),
})

/** @returns undefined where some of it has been answered by another way: what is left is asked after */
function membersOf(flight: Flight, waiting: readonly Waiting[]): Pick<Load, 'asked' | 'sent'> | undefined {
  const here = new Map(waiting.map((entry) => [entry.id, entry]))
  const found = (ids: readonly Id[]) => ids.flatMap((id) => here.get(id) ?? [])
  const [asked, sent] = [found(flight.asked), found(flight.sent)]
  const whole = asked.length === flight.asked.length && sent.length === flight.sent.length
  return whole && [...asked, ...sent].every(({ state }) => state === 'sent') ? { asked, sent } : undefined
}

function idsOf({ asked, sent, cursor, limit }: Load): Begun {
  const ids = (entries: readonly Waiting[]) => entries.map(({ id }) => id)
  return { asked: ids(asked), sent: ids(sent), cursor, limit }
}

const keepFlight = async (store: Store, flight: Flight | undefined): Promise<unknown> =>
  flight ? putMeta(store, 'flight', flight) : store.meta.delete('flight')

function heldUntil(waiting: readonly Waiting[], now: number): number | null {
  const held = waiting.filter((entry) => entry.state === 'new' && isHeld(entry, now))
  return held.length === 0 ? null : Math.min(...held.map(({ notBefore }) => notBefore))
}

/** An older app kept something else there. */
async function paceOf(store: Store): Promise<Pace> {
  const kept = await getMeta<Partial<Pace> | number>(store, 'pace')
  return typeof kept === 'object' && 'proven' in kept ? { ...newPace, ...kept } : newPace
}
