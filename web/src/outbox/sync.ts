// One exchange with the house: what is new goes out, what is unknown is asked after, and all that comes back is kept
// in one transaction, so that a kill at any line loses nothing and doubles nothing.
import { limitBytes, type Cursor, type Result, type SyncAnswer, type SyncRequest } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { protocol } from '#db/upcast.ts'
import { bytesOf, choose, isHeld } from './choose.ts'
import type { Link, Silence } from './link.ts'
import { answered, broke, brokeOff, newPace, roomFor, roomForNews, type Pace, type Seen } from './pace.ts'
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
  readonly pace: Pace
  readonly room: number | 'nothing'
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
  const request: SyncRequest = {
    v: load.sent[0]?.v ?? protocol,
    cursor: load.cursor,
    limit: pageFor(roomForNews(load.pace, now)),
    ask: load.asked.map(({ id, command }) => ({ id, facility: command.facility })),
    commands: load.sent.map(({ command }) => command),
  }
  const heard = await link.send(store.account, request)
  const { tookMs = 0 } = heard
  const sentBytes = load.sent.reduce((sum, entry) => sum + bytesOf(entry), 0)
  const seen: Seen = { bytes: sentBytes, tookMs, atMs: now }

  if ('silence' in heard) return breaks(store, load, seen, heard.silence, heard.afterMs)
  const { answer } = heard
  if (answer.asked.length !== load.asked.length || answer.results.length !== load.sent.length)
    return breaks(store, load, seen, 'update')

  const carried: Seen = { ...seen, bytes: sentBytes + pageBytes(answer) }
  const pace = heard.broke ? brokeOff(load.pace, carried) : answered(load.pace, carried, arrived(load, answer.asked))
  return store.transaction('rw', store.tables, async (): Promise<Round> => {
    const { progress, afterMs, outdated } = await settle(store, load, answer, pace, now)
    const left = await store.outbox.toArray()
    const more = answer.more || left.some((entry) => entry.state === 'sent' || !isHeld(entry, now))
    if (heard.broke && !progress) return { heard: 'offline', goOn: false, afterMs, heldUntil: heldUntil(left, now) }
    return {
      heard: outdated ? 'update' : 'answer',
      goOn: more && (progress || load.room === 'nothing') && afterMs === 0,
      afterMs,
      heldUntil: heldUntil(left, now),
    }
  })
}

/** No answer came, or none that can be understood: all stays as it is, and the pace learns from it. */
function breaks(store: Store, load: Load, seen: Seen, heard: Silence, afterMs = 0): Promise<Round> {
  const cutOff = load.sent.map(({ id }) => id)
  return store.transaction('rw', store.outbox, store.meta, async () => {
    await putMeta(store, 'pace', broke(load.pace, seen, cutOff))
    return { heard, goOn: false, afterMs, heldUntil: heldUntil(await store.outbox.toArray(), seen.atMs) }
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
    const room = quiet ? 'nothing' : roomFor(pace, now)
    const { asked, fresh } = choose(waiting, now, room)
    const sent = fresh.map((entry): Waiting => ({ ...entry, state: 'sent' }))
    if (sent.length > 0) await store.outbox.bulkPut(sent)
    return { asked, sent, cursor: (await getMeta<Cursor>(store, 'cursor')) ?? {}, pace, room }
  })
}

function heldUntil(waiting: readonly Waiting[], now: number): number | null {
  const held = waiting.filter((entry) => entry.state === 'new' && isHeld(entry, now))
  return held.length === 0 ? null : Math.min(...held.map(({ notBefore }) => notBefore))
}

/** An older app kept a number there, and later less than this one. */
async function paceOf(store: Store): Promise<Pace> {
  const kept = await getMeta<Pace | number>(store, 'pace')
  return typeof kept === 'object' ? { ...newPace, ...kept } : newPace
}

/** What was on the wire at the last break shared one fate, as far as a link is concerned: whether it arrived. */
function arrived({ asked, pace }: Load, answers: readonly Result[]): boolean | undefined {
  const fates = answers.filter((_, nth) => pace.flying?.ids.includes(asked[nth]?.id as Id))
  const unknown = fates.filter((fate) => 'unknown' in fate).length
  return fates.length === 0 || (unknown > 0 && unknown < fates.length) ? undefined : unknown === 0
}

// A page of news is counted in letters; most of them are Chinese, and weigh what three bytes of JSON do.
const pageFor = (room: number): number => Math.round(Math.min(limitBytes.usual, Math.max(limitBytes.min, room / 3)))
const pageBytes = ({ changes }: SyncAnswer): number => (changes.length === 0 ? 0 : JSON.stringify(changes).length * 3)
