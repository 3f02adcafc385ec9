// The people inside: admitted, their status, cell and PIN, and that they left.
import { Hono } from 'hono'
import { AdmitPerson, ChangeStatus, Leave, MoveCell, Nothing, SetBorn, SetCase } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Facts } from '#db/matter.ts'
import { keepPin, newPin } from '#db/pin.ts'
import { checked, refuse } from '../checked.ts'
import { copyOfPerson } from '../copy/copy.ts'
import { copied } from '../copy/page.ts'
import { append, type Entry } from '../record/append.ts'
import { brokeConstraint } from './constraint.ts'
import { inmateNews, moveNews, tieNews } from './news.ts'
import { leaves, otherHouse } from './transfers.ts'
import { answer, forbidden, idIn, may, type Asked, type InHouse } from './may.ts'

export const people = new Hono<InHouse>()
  .post('/', ...may('people'), checked(AdmitPerson), async (c) => {
    const { number, name, status, cell, born } = c.var.input
    const { house } = c.var.post
    const id = newId()
    const pin = newPin()
    const kept = await keepPin(pin)
    const admit = ledger(c.env, house.id)
      .prepare(
        `INSERT INTO detainee (id, facility, number, name, status, cell, born, pin_salt, pin_hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .bind(id, house.id, number, name, status, cell, born ?? null, kept.salt, kept.hash)
    const entry = {
      subject: id,
      move: 'admit',
      facts: { status },
      content: { number, name, cell, ...(born !== undefined && { born }) },
      tell: [inmateNews(house.id, cell, id, 'inmate')],
    }
    try {
      await append(c.env, house.id, c.var.actor, [entry], () => [admit])
    } catch (error) {
      if (brokeConstraint(error, 'detainee.number')) return refuse(c, 'taken', 'number', 409)
      throw error
    }
    return c.json({ id, pin }, 201)
  })

  .post('/:person/born', ...may('people'), checked(SetBorn), async (c) => {
    const { born } = c.var.input
    const step = { move: 'born', set: 'born = ?', values: [born], content: { born }, told: 'nobody' } as const
    return answer(c, await change(c, idIn(c, 'person'), step))
  })

  // Whose cases are one, and which lawyers then act for two of them, is seen at once; nothing that stands is ended by it.
  .post('/:person/case', ...may('cases'), checked(SetCase), async (c) => {
    const { case: number } = c.var.input
    const content = { case: number }
    const step = { move: 'case', set: 'case_group = ?', values: [number], content, told: 'nobody' } as const
    return answer(c, await change(c, idIn(c, 'person'), step))
  })

  .post('/:person/status', ...may('status'), checked(ChangeStatus), async (c) => {
    const { status } = c.var.input
    const step = {
      move: 'status',
      set: 'status = ?, status_at = ?',
      values: [status, Date.now()],
      facts: { status },
      told: 'kin',
    } as const
    return answer(c, await change(c, idIn(c, 'person'), step))
  })

  .post('/:person/move', ...may('move'), checked(MoveCell), async (c) => {
    const { cell } = c.var.input
    const step = { move: 'move', set: 'cell = ?', values: [cell], content: { cell }, told: 'kiosk', to: cell } as const
    return answer(c, await change(c, idIn(c, 'person'), step))
  })

  // What they asked for is closed by the minute, which the record wakes; it sees to it that the other house hears of them.
  .post('/:person/leave', ...may('leave'), checked(Leave), async (c) => {
    const { because, to } = c.var.input
    const there = to === undefined ? undefined : await otherHouse(c.env, c.var.post.house.id, to)
    if (to !== undefined && !there) return refuse(c, 'check_input', 'to')
    const id = idIn(c, 'person')
    const now = Date.now()
    const step = {
      move: 'leave',
      set: 'left_at = ?, left_because = ?',
      values: [now, because],
      facts: { because, ...(to !== undefined && { to }) },
      told: 'all',
      ...(id && there && { also: (db: D1Database) => [leaves(db, c.var.post.house.id, id, there, now)] }),
    } as const
    return answer(c, await change(c, id, step))
  })

  // Also for somebody who has left and comes to ask: the desk prints it, and the record keeps that it did.
  .post('/:person/copy', ...may('copies'), checked(Nothing), async (c) => {
    const facility = c.var.post.house.id
    const id = idIn(c, 'person')
    const person = await ledger(c.env, facility)
      .prepare(`SELECT id FROM detainee WHERE id = ? AND facility = ?`)
      .bind(id ?? '', facility)
      .first<{ id: Id }>()
    if (!person) return forbidden(c)
    await append(c.env, facility, c.var.actor, [{ subject: person.id, move: 'copy' }])
    return c.json(copied(await copyOfPerson(c.env, facility, person.id, Date.now()), c.req.header('accept-language')))
  })

  .post('/:person/open', ...may('open'), checked(Nothing), async (c) => {
    const step = { move: 'open', set: OPENED, values: [Date.now()], told: 'kiosk' } as const
    return answer(c, await change(c, idIn(c, 'person'), step))
  })

  .post('/:person/pin', ...may('pin'), checked(Nothing), async (c) => {
    const pin = newPin()
    const { salt, hash } = await keepPin(pin)
    const set = `pin_salt = ?, pin_hash = ?, ${OPENED}`
    const step = { move: 'pin', set, values: [salt, hash, Date.now()], told: 'kiosk' } as const
    return answer(c, await change(c, idIn(c, 'person'), step), { pin })
  })

// The clock of a kiosk may run ahead: an opening is never older than the lock that it opens.
const OPENED = 'opened_at = max(?, locked_at)'

interface PersonChange {
  readonly move: string
  /** what changes in their row, and the values it is given */
  readonly set: string
  readonly values: readonly (string | number | null)[]
  readonly facts?: Facts
  readonly content?: Record<string, unknown>
  /** `kiosk`: those of their cell · `kin`: all who have a tie · `all`: both, and the kiosk forgets the person */
  readonly told: 'kiosk' | 'kin' | 'all' | 'nobody'
  /** the cell that they are moved to */
  readonly to?: string
  /** what is written beside their row */
  readonly also?: (db: D1Database) => readonly D1PreparedStatement[]
}

/** @returns whether it was made: not for somebody who is not there, or has left */
async function change(c: Asked, id: Id | undefined, step: PersonChange): Promise<boolean> {
  const facility = c.var.post.house.id
  const db = ledger(c.env, facility)
  const [person, kin] = await db.batch<{ id: Id; account: Id; cell: string }>([
    db.prepare(`SELECT cell FROM detainee WHERE id = ? AND facility = ? AND left_at IS NULL`).bind(id ?? '', facility),
    db.prepare(`SELECT id, account FROM kinship WHERE detainee = ? AND ended_at IS NULL`).bind(id ?? ''),
  ])
  const cell = person?.results[0]?.cell
  if (!id || cell === undefined) return false

  const entry: Entry = {
    subject: id,
    move: step.move,
    ...(step.facts && { facts: step.facts }),
    ...(step.content && { content: step.content }),
    tell: [
      ...(step.told === 'kin' || step.told === 'nobody' ? [] : cellNews(facility, id, cell, step)),
      ...(step.told === 'kiosk' || step.told === 'nobody'
        ? []
        : (kin?.results ?? []).map((tie) => tieNews(facility, tie))),
    ],
  }
  return append(c.env, facility, c.var.actor, [entry], (db) => [
    db.prepare(`UPDATE detainee SET ${step.set} WHERE id = ?`).bind(...step.values, id),
    ...(step.also?.(db) ?? []),
  ])
}

const cellNews = (facility: Id, person: Id, cell: string, { told, to }: PersonChange) =>
  told === 'all' ? [inmateNews(facility, cell, person, 'gone')] : moveNews(facility, person, cell, to ?? cell)
