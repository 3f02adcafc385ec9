// The kiosks of a house: hung up in a cell, enrolled with a code that is typed once at the device, taken away again.
import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { directory } from '#db/directory.ts'
import { AddKiosk, enrolBits, enrolHours, Nothing } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { kioskKey } from '#db/tables/directory.ts'
import { checked } from '../checked.ts'
import type { Env } from '../env.ts'
import { append } from '../record/append.ts'
import { hashOf, newCode } from './code.ts'
import { forbidden, idIn, may, type InHouse } from './may.ts'

const HOUR_MS = 3_600_000

export const kiosks = new Hono<InHouse>()
  .post('/', ...may('kiosks'), checked(AddKiosk), async (c) => {
    const { name, cell } = c.var.input
    const { house } = c.var.post
    const id = newId()
    const enrolment = await newEnrolment(house.code)
    const add = ledger(c.env, house.id)
      .prepare(`INSERT INTO kiosk (id, facility, cell, name, enrol_hash, enrol_until) VALUES (?, ?, ?, ?, ?, ?)`)
      .bind(id, house.id, cell, name, enrolment.hash, enrolment.until)
    await append(c.env, house.id, c.var.actor, [{ subject: id, move: 'add', content: { name, cell } }], () => [add])
    return c.json({ id, code: enrolment.code, until: enrolment.until }, 201)
  })

  // A new code for a device that was exchanged or wiped. The old device goes on until the new one has enrolled.
  .post('/:kiosk/enrol', ...may('kiosks'), checked(Nothing), async (c) => {
    const { house } = c.var.post
    const db = ledger(c.env, house.id)
    const id = idIn(c, 'kiosk')
    if (!id || !(await standing(db, house.id, id))) return forbidden(c)

    return c.json(await offerEnrolment(c.env, house, id, c.var.actor))
  })

  .post('/:kiosk/revoke', ...may('kiosks'), checked(Nothing), async (c) => {
    const { house } = c.var.post
    const db = ledger(c.env, house.id)
    const id = idIn(c, 'kiosk')
    if (!id || !(await standing(db, house.id, id))) return forbidden(c)

    // First what opens doors: after a crash between the two the device is out already, and a second try finishes.
    await directory(c.env).delete(kioskKey).where(eq(kioskKey.kiosk, id))
    const revoke = db
      .prepare(`UPDATE kiosk SET revoked_at = ?, enrol_hash = NULL, enrol_until = NULL WHERE id = ?`)
      .bind(Date.now(), id)
    await append(c.env, house.id, c.var.actor, [{ subject: id, move: 'revoke' }], () => [revoke])
    return c.json({})
  })

/** A new code for a kiosk that stands. */
export async function offerEnrolment(
  env: Env,
  house: { readonly id: Id; readonly code: string },
  kiosk: Id,
  actor: InHouse['Variables']['actor'],
): Promise<{ readonly code: string; readonly until: number }> {
  const { code, hash, until } = await newEnrolment(house.code)
  const offer = ledger(env, house.id)
    .prepare(`UPDATE kiosk SET enrol_hash = ?, enrol_until = ? WHERE id = ?`)
    .bind(hash, until, kiosk)
  await append(env, house.id, actor, [{ subject: kiosk, move: 'offer' }], () => [offer])
  return { code, until }
}

async function newEnrolment(houseCode: string): Promise<{ code: string; hash: string; until: number }> {
  const code = newCode(houseCode, enrolBits)
  return { code, hash: await hashOf(code), until: Date.now() + enrolHours * HOUR_MS }
}

const standing = (db: D1Database, facility: string, kiosk: string) =>
  db.prepare(`SELECT 1 FROM kiosk WHERE id = ? AND facility = ? AND revoked_at IS NULL`).bind(kiosk, facility).first()
