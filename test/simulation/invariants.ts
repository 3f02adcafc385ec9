// What must always hold (DESIGN §9), by its names there. Each looks at the real tables and the real stores.
import type { Id } from '#db/id.ts'
import { matters as kinds } from '#db/matters/index.ts'
import type { Rows } from '#worker/record/rows.ts'
import type { Held } from '#web/outbox/store.ts'
import type { Device } from './device.ts'

/** A promise that was broken, by name. */
export class Broken extends Error {
  readonly promise: string
  constructor(promise: string, how: string) {
    super(`${promise}: ${how}`)
    this.promise = promise
  }
}

/** @throws Broken where `rows` has any: each is a way in which the promise is broken */
function none(promise: string, rows: readonly unknown[]): void {
  if (rows.length > 0) throw new Broken(promise, JSON.stringify(rows[0]))
}

interface Step {
  readonly matter: Id
  readonly seq: number
  readonly move: string
  readonly state: string
  readonly before: string | null
  readonly role: string
}

const stepsSql = `
  SELECT e.matter, e.seq, json_extract(e.body, '$.move') AS move, json_extract(e.body, '$.state') AS state,
    json_extract(e.body, '$.role') AS role,
    (SELECT json_extract(b.body, '$.state') FROM event b WHERE b.matter = e.matter AND b.seq = e.seq - 1) AS before
  FROM event e JOIN matter m ON m.id = e.matter`

/**
 * What holds in a ledger after every step.
 *
 * @param left commands in the order in which they first left a device
 */
export function ledgerHolds(rows: Rows, left: readonly Id[]): void {
  none('OnceOnly', rows('SELECT actor, command, count(*) FROM event GROUP BY 1, 2 HAVING count(*) > 1'))
  none('GaplessSeq', rows('SELECT matter, count(*), max(seq) FROM event GROUP BY 1 HAVING count(*) <> max(seq)'))
  none(
    'GaplessSeq',
    rows('SELECT facility, count(*) FROM event GROUP BY 1 HAVING count(*) <> max(position) + 1 OR min(position) <> 0'),
  )
  none(
    'LegalOnly',
    rows(`
      SELECT m.id, m.state, m.version FROM matter m LEFT JOIN event e ON e.matter = m.id AND e.seq = m.version
      WHERE e.seq IS NULL OR json_extract(e.body, '$.state') <> m.state
        OR m.version <> (SELECT max(seq) FROM event WHERE matter = m.id)`),
  )
  const steps = rows<Step>(stepsSql)
  const { moves } = kinds.letter
  none(
    'LegalOnly',
    steps.filter(({ move, before }) => !moves.get(move)?.from.includes(before ?? 'draft')),
  )
  none(
    'AllOrNone',
    rows(`
      SELECT e.matter, e.seq FROM event e LEFT JOIN content c ON c.matter = e.matter AND c.seq = e.seq
      WHERE (json_extract(e.body, '$.content') IS NULL) <> (c.matter IS NULL)`),
  )
  none(
    'AllOrNone',
    rows(`
      SELECT m.id FROM matter m WHERE NOT EXISTS (
        SELECT 1 FROM feed f WHERE f.subject = m.id AND f.channel = 'account:' || m.account)`),
  )
  none(
    'Counters',
    rows(`
      SELECT * FROM (
        SELECT date(json_extract(e.body, '$.at') / 1000, 'unixepoch', '+8 hours') AS day, m.kind,
          json_extract(e.body, '$.move') AS move, count(*) AS events
        FROM event e JOIN matter m ON m.id = e.matter GROUP BY 1, 2, 3
      ) recount LEFT JOIN daily d ON d.day = recount.day AND d.kind = recount.kind AND d.move = recount.move
      WHERE d.count IS NOT recount.events`),
  )
  const order = new Map(left.map((command, nth) => [command, nth]))
  const made = rows<{ matter: Id; seq: number; actor: Id; command: Id }>(
    'SELECT e.matter, e.seq, e.actor, e.command FROM event e JOIN matter m ON m.id = e.matter ORDER BY e.matter, e.seq',
  )
  const latest = new Map<string, number>()
  for (const { matter, seq, actor, command } of made) {
    const nth = order.get(command)
    if (nth === undefined) continue // the minute's
    const before = latest.get(`${matter} ${actor}`) ?? -1
    if (nth < before) throw new Broken('OrderInMatter', `step ${seq} of ${matter} was made before the one before it`)
    latest.set(`${matter} ${actor}`, nth)
  }
}

/** No screen says of a letter what is not in the record; nothing of one account lies in the store of another. */
export async function deviceHolds(device: Device, ledgerOf: (facility: Id) => Rows): Promise<void> {
  for (const held of await device.store.matters.toArray()) {
    const { id, matter } = held
    if (held.waiting > 0) continue
    const [event] = ledgerOf(matter.facility)<{ state: string }>(
      `SELECT json_extract(body, '$.state') AS state FROM event WHERE matter = '${id}' AND seq = ${matter.version}`,
    )
    if (event?.state !== matter.state)
      throw new Broken('NoFalseReceipt', `${id} is shown as ${matter.state}, and its event says ${event?.state}`)
  }
  none(
    'AccountWalls',
    (await device.store.outbox.toArray()).filter(({ who }) => who.account !== device.me.account),
  )
}

/** At rest the device shows what the house has: the same letters in the same states, the same timeline, the same words. */
export async function converges(device: Device, ledgerOf: (facility: Id) => Rows): Promise<void> {
  const shown = await device.store.matters.toArray()
  for (const held of shown) sameAs(held, ledgerOf(held.matter.facility))
  if (device.kind !== 'relative') return
  for (const facility of device.me.facilities) {
    const own = ledgerOf(facility)<{ id: Id; ended: number | null }>(
      `SELECT m.id, k.ended_at AS ended FROM matter m JOIN kinship k ON k.id = m.tie WHERE m.account = '${device.me.account}'`,
    )
    for (const { id, ended } of own) {
      const here = shown.some((held) => held.id === id)
      if (here !== (ended === null)) throw new Broken('Converges', `${id} is ${here ? 'still' : 'not'} on the phone`)
    }
  }
}

function sameAs(held: Held, rows: Rows): void {
  const [matter] = rows<{ state: string; version: number; edition: number; due: number | null }>(
    `SELECT state, version, edition, due FROM matter WHERE id = '${held.id}'`,
  )
  const steps = rows<{ seq: number; move: string; state: string; at: number }>(
    `SELECT seq, json_extract(body, '$.move') AS move, json_extract(body, '$.state') AS state, json_extract(body, '$.at') AS at
     FROM event WHERE matter = '${held.id}' ORDER BY seq`,
  )
  const contents = rows<{ seq: number; body: string }>(
    `SELECT seq, body FROM content WHERE matter = '${held.id}' ORDER BY seq`,
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
const ordered = (thing: unknown): string =>
  JSON.stringify(thing, (_name, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  )
