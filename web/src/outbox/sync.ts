// One exchange with the house: what is new goes out, what is unknown is asked after, and all that comes back is kept
// in one transaction, so that a kill at any line loses nothing and doubles nothing.
import { limitBytes, maxCommands, protocol, type Cursor } from '#db/command.ts'
import { choose, isHeld } from './choose.ts'
import type { Link, Silence } from './link.ts'
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
  const load = await takeAlong(store, now, quiet)
  const heard = await link.send(store.account, {
    v: protocol,
    cursor: load.cursor,
    limit: limitBytes.usual,
    ask: load.asked.map(({ id, command }) => ({ id, facility: command.facility })),
    commands: load.sent.map(({ command }) => command),
  })

  if ('silence' in heard) {
    if (load.sent.length > 0) await slowDown(store)
    return { heard: heard.silence, goOn: false, afterMs: heard.afterMs ?? 0, heldUntil: await heldUntil(store, now) }
  }
  const { answer } = heard
  if (answer.asked.length !== load.asked.length || answer.results.length !== load.sent.length) {
    await slowDown(store)
    return { heard: 'update', goOn: false, afterMs: 0, heldUntil: null }
  }

  const settled = await settle(store, load, answer, now)
  await putMeta(store, 'pace', Math.min(maxCommands, (await paceOf(store)) * 4))
  const more = answer.more || (await readyToGo(store, now))
  return {
    heard: settled.outdated ? 'update' : 'answer',
    goOn: more && (settled.progress || quiet) && settled.afterMs === 0,
    afterMs: settled.afterMs,
    heldUntil: await heldUntil(store, now),
  }
}

/**
 * Marks what goes as sent, on disk, before a byte is on the wire.
 *
 * @param quiet the device says that it has no network: only questions go, to see whether that is true
 */
function takeAlong(store: Store, now: number, quiet: boolean): Promise<Load> {
  return store.transaction('rw', store.outbox, store.meta, async () => {
    const { asked, fresh } = choose(await store.outbox.orderBy('id').toArray(), now, quiet ? 0 : await paceOf(store))
    const sent = fresh.map((entry): Waiting => ({ ...entry, state: 'sent' }))
    await store.outbox.bulkPut(sent)
    return { asked, sent, cursor: (await getMeta<Cursor>(store, 'cursor')) ?? {} }
  })
}

const readyToGo = async (store: Store, now: number): Promise<boolean> =>
  (await store.outbox.filter((entry) => entry.state === 'sent' || !isHeld(entry, now)).count()) > 0

async function heldUntil(store: Store, now: number): Promise<number | null> {
  const held = await store.outbox.filter((entry) => entry.state === 'new' && isHeld(entry, now)).toArray()
  return held.length === 0 ? null : Math.min(...held.map(({ notBefore }) => notBefore))
}

// How many commands a request takes along: all that there is, until the link breaks; then one, until it has proved more.
const paceOf = async (store: Store): Promise<number> => (await getMeta<number>(store, 'pace')) ?? maxCommands
const slowDown = (store: Store) => putMeta(store, 'pace', 1)
