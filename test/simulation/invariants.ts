// What must hold on a device (DESIGN §9), by its names there. Each looks at the real stores and the real tables.
import { reached, type Cursor } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { kinds } from '#db/matters/index.ts'
import { getMeta, type Held, type Shelved, type Waiting } from '#web/outbox/store.ts'
import type { Me } from '#worker/env.ts'
import type { Books } from './books.ts'
import type { Device } from './device.ts'
import type { Ledger } from './ledger.ts'

/** A promise that was broken, by name. */
export class Broken extends Error {
  readonly promise: string
  constructor(promise: string, how: string) {
    super(`${promise}: ${how}`)
    this.promise = promise
  }
}

/** @throws Broken where `rows` has any: each is a way in which the promise is broken */
export function none(promise: string, rows: readonly unknown[]): void {
  if (rows.length > 0) throw new Broken(promise, JSON.stringify(rows[0]))
}

/** What is known of what was made, and of what has left the devices. */
export interface Wire {
  /** a command as it was on a wire, as JSON */
  onWire(command: Id): string | undefined
  /** told of everything that waits on a device, in its order */
  made(command: Id, device: Device): void
  /** whether the house has ever said that it does not know of it */
  unknown(command: Id): boolean
}

/** All that lies on a device, read at one moment. */
export interface Contents {
  readonly shown: readonly Held[]
  readonly outbox: readonly Waiting[]
  readonly shelf: readonly Shelved[]
  readonly cursor: Cursor
}

/** As it lies on the disk, past the product's own store: in none of the device's steps. */
export async function lyingOn(device: Device): Promise<Contents> {
  const rows = await device.rows()
  const table = (name: string) => (rows.get(name) ?? []) as readonly unknown[]
  const meta = table('meta') as readonly { key: string; value: unknown }[]
  return {
    shown: table('matters') as readonly Held[],
    outbox: table('outbox') as readonly Waiting[],
    shelf: table('shelf') as readonly Shelved[],
    cursor: (meta.find(({ key }) => key === 'cursor')?.value ?? {}) as Cursor,
  }
}

/** As the product itself reads it. */
export const contentsOf = ({ store }: Device): Promise<Contents> =>
  store.transaction('r', [store.matters, store.outbox, store.shelf, store.meta], async () => ({
    shown: await store.matters.toArray(),
    outbox: await store.outbox.toArray(),
    shelf: await store.shelf.toArray(),
    cursor: (await getMeta<Cursor>(store, 'cursor')) ?? {},
  }))

/** What holds on a device after every step. */
export function deviceHolds(device: Device, contents: Contents, booksOf: (facility: Id) => Books, wire: Wire): void {
  const { me } = device
  const { shown, outbox, shelf } = contents
  for (const held of shown) {
    const { id, matter } = held
    const states = booksOf(matter.facility).chains.get(id)?.states ?? []
    const waiting = outbox.filter((entry) => entry.matter === id).length
    if (held.waiting !== waiting)
      throw new Broken('NoFalseReceipt', `${held.waiting} commands of ${id} are said to wait, and ${waiting} do`)
    if (waiting === 0 && states[matter.version - 1] !== matter.state)
      throw new Broken('NoFalseReceipt', `${id} is shown as ${matter.state}, its events say ${states.join()}`)
    const last = held.steps.at(-1)?.seq ?? 0
    if (waiting === 0 && last > matter.version)
      throw new Broken('NoFalseReceipt', `${id} is shown as it was at step ${matter.version} of ${last}`)
    none(
      'NoFalseReceipt',
      held.steps.filter(({ seq, state }) => states[seq - 1] !== state),
    )
    if (device.kind === 'relative' && matter.account !== me.account)
      throw new Broken('OnlyMine', `${id} lies on the phone of ${me.account}`)
  }
  none(
    'AccountWalls',
    outbox.filter(({ who }) => who.account !== me.account),
  )
  for (const { id, command, state } of outbox) {
    wire.made(id, device)
    const left = wire.onWire(id)
    if (left === undefined) continue
    if (left !== JSON.stringify(command)) throw new Broken('OutboxFrozen', `${left} is kept as another command`)
    if (state === 'new') throw new Broken('OutboxFrozen', `${left} is kept as if it had never left`)
    if (state === 'again' && !wire.unknown(id)) throw new Broken('OutboxFrozen', `${left} goes again unasked`)
  }
  for (const { id } of shelf)
    if (me.facilities.some((facility) => booksOf(facility).done.has(`${me.account} ${id}`)))
      throw new Broken('NoFalseReceipt', `${id} lies on the shelf as refused, and is in the record`)
  if (device.kind === 'relative' && !device.placeLost) nothingPassedOver(me, contents, booksOf)
  const kept = new Set([...outbox, ...shelf].map(({ id }) => id))
  for (const id of device.made) {
    if (device.me.facilities.some((facility) => booksOf(facility).done.has(`${me.account} ${id}`)))
      device.made.delete(id)
    else if (!kept.has(id)) throw new Broken('NothingLost', `the command ${id} was made here, and is nowhere`)
  }
}

/**
 * CursorMonotone: what lies behind the cursor of a phone and is not still to come has been heard, as long as it has not
 * lost its place. A letter under a tie that has ended may have left it, before the phone has heard why.
 */
function nothingPassedOver(me: Me, { shown, cursor }: Contents, booksOf: (facility: Id) => Books): void {
  for (const facility of me.facilities) {
    const books = booksOf(facility)
    const [read, since] = reached(cursor[facility] ?? 0)
    if (read > books.size) throw new Broken('CursorMonotone', `${read} events were read of ${books.size}`)
    for (const [id, { matter, positions }] of books.chains) {
      if (matter?.account !== me.account) continue
      const heard = positions.filter((position) => position < since).length
      const steps = shown.find((held) => held.id === id)?.steps.length ?? 0
      if (steps < heard && !books.hasEnded(matter.tie))
        throw new Broken('CursorMonotone', `${heard} steps of ${id} were passed, ${steps} are known`)
    }
  }
}

/** At rest the device shows what the house has: the same letters in the same states, the same timeline, the same words. */
export async function converges(device: Device, houses: readonly { facility: Id; ledger: Ledger; books: Books }[]) {
  const shown = await device.store.matters.toArray()
  for (const { facility, ledger, books } of houses) {
    const here = shown.filter(({ matter }) => matter.facility === facility)
    if (!device.me.facilities.includes(facility)) {
      none('OnlyMine', here)
      continue
    }
    for (const held of here) sameAs(held, ledger)
    const ended = new Set(
      ledger.rows<{ id: Id }>('SELECT id FROM kinship WHERE ended_at IS NOT NULL').map(({ id }) => id),
    )
    for (const [id, { matter }] of books.chains) {
      if (!matter) continue
      const readable = kinds.get(matter.kind)?.reads.get('kiosk')?.states ?? []
      const due =
        device.kind === 'relative'
          ? matter.account === device.me.account && !ended.has(matter.tie)
          : device.kind === 'officer' || readable.includes(matter.state)
      const there = here.some((held) => held.id === id)
      if (there !== due)
        throw new Broken(
          'Converges',
          `${id}, ${matter.state}, is ${there ? 'still' : 'not'} on the ${device.kind}'s device`,
        )
    }
  }
}

function sameAs(held: Held, { rows }: Ledger): void {
  const [matter] = rows<object>('SELECT state, version, edition, due FROM matter WHERE id = ?', held.id)
  const steps = rows<object>(
    `SELECT seq, json_extract(body, '$.move') AS move, json_extract(body, '$.state') AS state, json_extract(body, '$.at') AS at
     FROM event WHERE matter = ? ORDER BY seq`,
    held.id,
  )
  const contents = rows<{ seq: number; body: string }>(
    'SELECT seq, body FROM content WHERE matter = ? ORDER BY seq',
    held.id,
  )
  const { state, version, edition, due } = held.matter
  const here = [
    { state, version, edition, due },
    held.steps.map(({ seq, move, state, at }) => ({ seq, move, state, at })),
    held.contents.map(({ seq, input }) => [seq, input]),
    held.waiting,
  ]
  const there = [
    matter && { ...matter },
    steps.map((step) => ({ ...step })),
    contents.map(({ seq, body }) => [seq, JSON.parse(body) as unknown]),
    0,
  ]
  if (ordered(here) !== ordered(there))
    throw new Broken('Converges', `the device shows ${ordered(here)}, the house has ${ordered(there)}`)
}

/** JSON with the names of every object in order, so that equal things have equal texts. */
export const ordered = (thing: unknown): string =>
  JSON.stringify(thing, (_name, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  )
