// The people inside from a list: what it would change, and what was taken of it once an admin had looked at that.
// Every step is on the record as if it had been taken by itself (people.ts), a thousand of them in one write.
import { Hono } from 'hono'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Leaving } from '#db/matter.ts'
import { planOf, type Known, type Place } from '#db/roster.ts'
import { AskPlan, TakeSteps, type Step } from '#db/rosterSteps.ts'
import { checked, refuse } from '../checked.ts'
import { append, type Entry } from '../record/append.ts'
import { brokeConstraint } from './constraint.ts'
import { may, type InHouse } from './may.ts'
import { inmateNews, moveNews, tieNews } from './news.ts'

/** Five thousand rows, or a thousand steps. */
const maxBytes = 2 * 1024 * 1024

export const roster = new Hono<InHouse>()
  .post('/plan', ...may('people'), checked(AskPlan, maxBytes), async (c) => {
    const { rows, whole } = c.var.input
    const facility = c.var.post.house.id
    const { results } = await ledger(c.env, facility)
      .prepare(
        `SELECT id, number, name, status, cell, born, left_at AS leftAt FROM detainee
         WHERE facility = ?1 AND (left_at IS NULL OR number IN (SELECT trim(value) FROM json_each(?2)))`,
      )
      .bind(facility, JSON.stringify(rows.flatMap(({ number }) => number ?? [])))
      .all<Known>()
    return c.json(planOf(rows, results, whole))
  })

  // What moved since it was looked at is not done: nothing of the request is, and the tablet asks for the plan anew.
  .post('/', ...may('people'), checked(TakeSteps, maxBytes), async (c) => {
    const { steps } = c.var.input
    const facility = c.var.post.house.id
    const { people, kin } = await read(ledger(c.env, facility), facility, steps)
    const now = Date.now()
    const rows: Row[] = []
    const entries: Entry[] = []
    for (const step of steps) {
      const person = people.get(step.step === 'admit' ? step.number : step.person)
      if (person && isDone(step, person)) continue
      if (!isAsSeen(step, person)) return refuse(c, 'stale', undefined, 409)
      const id = person?.id ?? newId()
      rows.push(rowOf(step, id, now))
      entries.push(...entriesOf(facility, step, id, kin.get(id) ?? []))
    }
    if (rows.length === 0) return c.json({})

    try {
      await append(
        c.env,
        facility,
        c.var.actor,
        entries,
        (db) => [
          db.prepare(ADMIT).bind(JSON.stringify(rows.filter((row) => 'pin' in row)), facility),
          db.prepare(CHANGE).bind(JSON.stringify(rows.filter((row) => 'was' in row)), facility),
        ],
        now,
      )
    } catch (error) {
      // Somebody was faster between reading and writing.
      if (brokeConstraint(error, 'detainee.number')) return refuse(c, 'stale', undefined, 409)
      throw error
    }
    return c.json({})
  })

interface Standing extends Known {
  readonly leftBecause: Leaving | null
  readonly pinHash: string
}
interface Kin {
  readonly id: Id
  readonly account: Id
  readonly detainee: Id
}

/** The people whom the steps are about, by id and by number, and who has a tie to them. */
async function read(db: D1Database, facility: Id, steps: readonly Step[]) {
  const ids = JSON.stringify(steps.flatMap((step) => (step.step === 'admit' ? [] : step.person)))
  const numbers = JSON.stringify(steps.flatMap((step) => (step.step === 'admit' ? step.number : [])))
  const columns = `d.id, d.number, d.name, d.status, d.cell, d.born, d.left_at AS leftAt, d.left_because AS leftBecause,
    d.pin_hash AS pinHash`
  const [byId, byNumber, ties] = await db.batch([
    db
      .prepare(`SELECT ${columns} FROM json_each(?2) n CROSS JOIN detainee d ON d.id = n.value WHERE d.facility = ?1`)
      .bind(facility, ids),
    db
      .prepare(`SELECT ${columns} FROM json_each(?2) n CROSS JOIN detainee d ON d.facility = ?1 AND d.number = n.value`)
      .bind(facility, numbers),
    db
      .prepare(
        `SELECT k.id, k.account, k.detainee FROM json_each(?2) n
         CROSS JOIN kinship k ON k.detainee = n.value WHERE k.facility = ?1 AND k.ended_at IS NULL`,
      )
      .bind(facility, ids),
  ])
  const rows = <Row>(answer: D1Result | undefined) => (answer?.results ?? []) as Row[]
  const kin = new Map<Id, Kin[]>()
  for (const tie of rows<Kin>(ties)) kin.set(tie.detainee, [...(kin.get(tie.detainee) ?? []), tie])
  return {
    people: new Map([
      ...rows<Standing>(byId).map((person) => [person.id as string, person] as const),
      ...rows<Standing>(byNumber).map((person) => [person.number, person] as const),
    ]),
    kin,
  }
}

const isAt = (person: Known, place: Place): boolean =>
  person.leftAt === null && person.status === place.status && person.cell === place.cell && person.born === place.born

/** Whether this very step was taken before: its answer may have been lost. */
function isDone(step: Step, person: Standing): boolean {
  switch (step.step) {
    case 'admit':
      return person.pinHash === step.pin.hash && person.leftAt === null
    case 'change':
      return isAt(person, step.now)
    case 'leave':
      return person.leftAt !== null && person.leftBecause === step.because
  }
}

const isAsSeen = (step: Step, person: Standing | undefined): boolean =>
  step.step === 'admit' ? person === undefined : person !== undefined && isAt(person, step.was)

type Row = { readonly id: Id } & (
  | (Pick<Known, 'number' | 'name' | 'status' | 'cell' | 'born'> & { readonly pin: { salt: string; hash: string } })
  | (Place & {
      readonly was: Place
      readonly statusAt: number | null
      readonly leftAt: number | null
      readonly because: Leaving | null
    })
)

function rowOf(step: Step, id: Id, now: number): Row {
  switch (step.step) {
    case 'admit':
      return {
        id,
        number: step.number,
        name: step.name,
        status: step.status,
        cell: step.cell,
        born: step.born ?? null,
        pin: step.pin,
      }
    case 'change': {
      const statusAt = step.now.status === step.was.status ? null : now
      return { id, was: step.was, ...step.now, statusAt, leftAt: null, because: null }
    }
    case 'leave':
      return { id, was: step.was, ...step.was, statusAt: null, leftAt: now, because: step.because }
  }
}

/** The same events, and the same news, as when each is done by itself. */
function entriesOf(facility: Id, step: Step, id: Id, kin: readonly Kin[]): Entry[] {
  const toKin = kin.map((tie) => tieNews(facility, tie))
  switch (step.step) {
    case 'admit': {
      const { number, name, status, cell, born } = step
      const tell = [inmateNews(facility, cell, id, 'inmate')]
      return [
        {
          subject: id,
          move: 'admit',
          facts: { status },
          content: { number, name, cell, ...(born !== undefined && { born }) },
          tell,
        },
      ]
    }
    case 'change': {
      const { was, now } = step
      const status: Entry = { subject: id, move: 'status', facts: { status: now.status }, tell: toKin }
      const tell = moveNews(facility, id, was.cell, now.cell)
      const move: Entry = { subject: id, move: 'move', content: { cell: now.cell }, tell }
      const born: Entry = { subject: id, move: 'born', content: { born: now.born } }
      return [
        ...(now.status === was.status ? [] : [status]),
        ...(now.cell === was.cell ? [] : [move]),
        ...(now.born === was.born ? [] : [born]),
      ]
    }
    case 'leave': {
      const tell = [inmateNews(facility, step.was.cell, id, 'gone'), ...toKin]
      return [{ subject: id, move: 'leave', facts: { because: step.because }, tell }]
    }
  }
}

const ADMIT = `
  INSERT INTO detainee (id, facility, number, name, status, cell, born, pin_salt, pin_hash)
  SELECT value ->> 'id', ?2, value ->> 'number', value ->> 'name', value ->> 'status', value ->> 'cell', value ->> 'born',
    value ->> '$.pin.salt', value ->> '$.pin.hash'
  FROM json_each(?1)`

/** A number may not be null: where somebody is no longer as they were seen, the whole batch comes to nothing. */
const CHANGE = `
  UPDATE detainee SET
    number = CASE WHEN detainee.left_at IS NULL AND detainee.status = n.value ->> '$.was.status'
      AND detainee.cell = n.value ->> '$.was.cell' AND detainee.born IS n.value ->> '$.was.born' THEN detainee.number END,
    status = n.value ->> 'status', cell = n.value ->> 'cell', born = n.value ->> 'born',
    status_at = coalesce(n.value ->> 'statusAt', detainee.status_at),
    left_at = n.value ->> 'leftAt', left_because = n.value ->> 'because'
  FROM json_each(?1) n WHERE detainee.id = n.value ->> 'id' AND detainee.facility = ?2`
