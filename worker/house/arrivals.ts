// Those who are on the way from another house: given a place here with one tap, or not expected after all.
import { Hono } from 'hono'
import { AdmitArrival, Nothing } from '#db/house.ts'
import { ledger } from '#db/ledger.ts'
import { keepPin, newPin } from '#db/pin.ts'
import { checked, refuse } from '../checked.ts'
import { append } from '../record/append.ts'
import { pokeDesk } from '../rooms/poke.ts'
import { brokeConstraint } from './constraint.ts'
import { inmateNews } from './news.ts'
import { answer, forbidden, idIn, may, type InHouse } from './may.ts'
import { expectedHere, turnAway } from './transfers.ts'

export const arrivals = new Hono<InHouse>()
  // Ties and letters come by the minute, which the record wakes.
  .post('/:person/admit', ...may('arrivals'), checked(AdmitArrival), async (c) => {
    const { number, cell } = c.var.input
    const facility = c.var.post.house.id
    const db = ledger(c.env, facility)
    const coming = await expectedHere(db, facility, idIn(c, 'person'))
    if (!coming) return forbidden(c)
    const { person: id, name, status, born } = coming
    const pin = newPin()
    const kept = await keepPin(pin)
    const entry = {
      subject: id,
      move: 'admit',
      facts: { status, from: coming.from },
      content: { number, name, cell, ...(born !== null && { born }) },
      tell: [inmateNews(facility, cell, id, 'inmate')],
    }
    try {
      await append(c.env, facility, c.var.actor, [entry], () => [
        db
          .prepare(
            // An id may not be null: of two who tap at once nothing is written of the second.
            `INSERT INTO detainee (id, facility, number, name, status, cell, born, case_group, pin_salt, pin_hash)
             VALUES ((SELECT person FROM arrival WHERE person = ? AND state = 'expected'), ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          )
          .bind(id, facility, number, name, status, cell, born, coming.caseGroup, kept.salt, kept.hash),
        db.prepare(`UPDATE arrival SET state = 'admitted' WHERE person = ?`).bind(id),
      ])
    } catch (error) {
      if (brokeConstraint(error, 'detainee.number')) return refuse(c, 'taken', 'number', 409)
      if (brokeConstraint(error, 'detainee.id')) return forbidden(c)
      throw error
    }
    return c.json({ id, pin }, 201)
  })

  // The house that they left hears that they have not come.
  .post('/:person/refuse', ...may('arrivals'), checked(Nothing), async (c) => {
    const facility = c.var.post.house.id
    const coming = await expectedHere(ledger(c.env, facility), facility, idIn(c, 'person'))
    const refused = coming !== undefined && (await turnAway(c.env, facility, c.var.actor, coming.person))
    if (refused) await pokeDesk(c.env, facility, { soon: true })
    return answer(c, refused)
  })
