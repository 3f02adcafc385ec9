// The device in a cell: enrolled once with a code that an officer types before it, then known by what it
// signs with a key that never leaves it.
// Its letters come and go through sync; here is only what it is, and that somebody's PIN was tried too often.
import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { directory } from '#db/directory.ts'
import type { Id } from '#db/id.ts'
import { Enrolling, Locks, type KioskCard } from '#db/kiosk.ts'
import { newcomer, publicKey, readSignature, verifies, type Claimed } from '#db/kioskSignature.ts'
import { ledger } from '#db/ledger.ts'
import { kioskKey } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { anybody, only } from '../doors.ts'
import type { Env, Me, Signed } from '../env.ts'
import { hashOf, houseOfCode, normalCode } from '../house/code.ts'
import { inmateNews } from '../house/news.ts'
import { addressOf, HOUR_MS, later, tooMany } from '../identity/limit.ts'
import { sealKeyOf } from '../identity/sealKey.ts'
import { isWhole, signableOf } from '../identity/signedKiosk.ts'
import { append } from '../record/append.ts'

interface AtKiosk {
  Bindings: Env
  Variables: Signed['Variables'] & { kiosk: NonNullable<Me['kiosk']> }
}

const atKiosk = createMiddleware<AtKiosk>(async (c, next) => {
  const { kiosk } = c.var.me
  if (!kiosk) return c.json({ signIn: true }, 401)
  c.set('kiosk', kiosk)
  return next()
})

/** Who is enrolled proves that the key is theirs: this request is signed with it as well. */
const signedByNewcomer = createMiddleware<{ Bindings: Env; Variables: { claimed: Claimed } }>(async (c, next) => {
  const claimed = readSignature(c.req.raw.headers)
  if (claimed?.signer !== newcomer || claimed.covers !== 'content-digest' || !(await isWhole(c)))
    return refuse(c, 'check_input', 'key')
  c.set('claimed', claimed)
  return next()
})

/** Routes under `/api/kiosk`. */
export const kiosk = new Hono<AtKiosk>()
  // A code opens one device, once: whoever comes second finds it used up.
  .post('/enrol', anybody, signedByNewcomer, checked(Enrolling), async (c) => {
    const now = Date.now()
    const waitMs = await tooMany(
      directory(c.env),
      [{ what: `enrol:${addressOf(c)}`, most: 30, windowMs: HOUR_MS }],
      now,
    )
    if (waitMs > 0) return later(c, waitMs)

    const { key } = c.var.input
    const proved = await publicKey(key)
      .then((imported) => verifies(imported, c.var.claimed, signableOf(c)))
      .catch(() => false)
    if (!proved) return refuse(c, 'check_input', 'key')
    const db = directory(c.env)
    const [known] = await db.select().from(kioskKey).where(eq(kioskKey.publicKey, key))
    const enrolled = known && (await cardOf(c.env, known.facility, known.kiosk))
    if (enrolled) return c.json(enrolled) // it did not hear the answer

    const code = normalCode(c.var.input.code)
    const facility = await houseOfCode(c.env, code)
    const claimed = facility && (await claim(ledger(c.env, facility), facility, await hashOf(code), now))
    if (!facility || !claimed) return refuse(c, 'wrong_code', 'code', 404)

    // The ledger first: after a crash between the two the code is used up and the device not known, so nobody can
    // read anything, and the admin gives a new code.
    const { id, cell } = claimed
    await append(c.env, facility, { account: id, role: 'kiosk' }, [{ subject: id, move: 'enrol' }])
    await db.batch([
      db.delete(kioskKey).where(eq(kioskKey.kiosk, id)),
      db.insert(kioskKey).values({ kiosk: id, facility, cell, publicKey: key, enrolledAt: now }),
    ])
    return c.json(await cardOf(c.env, facility, id))
  })

  .get('/', ...only('kiosks'), atKiosk, async (c) => {
    const { id, facility } = c.var.kiosk
    const card = await cardOf(c.env, facility, id)
    return card ? c.json(card) : c.json({ signIn: true }, 401)
  })

  .post('/locks', ...only('kiosks'), atKiosk, checked(Locks), async (c) => {
    const { id, facility } = c.var.kiosk
    const { locks } = c.var.input
    const cellmates = await cellmatesOf(ledger(c.env, facility), facility, id)
    const known = locks.filter((lock) => cellmates.has(lock.person))
    if (known.length === 0) return c.json({})

    const entries = known.map((lock) => ({
      subject: lock.person,
      move: 'lock',
      command: lock.id,
      tell: [inmateNews(facility, cellmates.get(lock.person) ?? '', lock.person, 'inmate')],
    }))
    await append(c.env, facility, { account: id, role: 'kiosk' }, entries, (db) =>
      known.map((lock) => db.prepare(lockSql).bind(lock.person, facility, Math.min(lock.at, Date.now()), lock.opened)),
    )
    return c.json({})
  })

/** An opening that the kiosk had not heard of when it locked has answered this lock already. */
const lockSql = `
  UPDATE detainee SET locked_at = CASE WHEN opened_at > ?4 THEN locked_at ELSE max(locked_at, opened_at + 1, ?3) END
  WHERE id = ?1 AND facility = ?2`

const claim = (database: D1Database, facility: Id, hash: string, now: number) =>
  database
    .prepare(
      `UPDATE kiosk SET enrol_hash = NULL, enrol_until = NULL
       WHERE facility = ?1 AND enrol_hash = ?2 AND enrol_until > ?3 AND revoked_at IS NULL RETURNING id, cell`,
    )
    .bind(facility, hash, now)
    .first<{ id: Id; cell: string }>()

/** What the device is, beside the key to what it keeps. */
async function cardOf(env: Env, facility: Id, id: Id): Promise<(KioskCard & { seal: string }) | undefined> {
  const row = await ledger(env, facility)
    .prepare(
      `SELECT k.cell, k.name AS kiosk, h.id, h.name, h.telephone, h.hours FROM kiosk k JOIN house h ON h.id = k.facility
       WHERE k.id = ?1 AND k.facility = ?2 AND k.revoked_at IS NULL`,
    )
    .bind(id, facility)
    .first<KioskCard['house'] & { readonly cell: string; readonly kiosk: string }>()
  if (!row) return undefined
  const { cell, kiosk, ...house } = row
  return { kiosk: id, cell, name: kiosk, house, seal: await sealKeyOf(env.SEAL_SECRET, id) }
}

/** Who is in the kiosk's cell, and which it is. */
async function cellmatesOf(database: D1Database, facility: Id, kiosk: Id): Promise<ReadonlyMap<Id, string>> {
  const { results } = await database
    .prepare(
      `SELECT d.id, d.cell FROM kiosk k JOIN detainee d ON d.facility = k.facility AND d.cell = k.cell
       WHERE k.facility = ?1 AND k.id = ?2 AND k.revoked_at IS NULL AND d.left_at IS NULL`,
    )
    .bind(facility, kiosk)
    .all<{ id: Id; cell: string }>()
  return new Map(results.map(({ id, cell }) => [id, cell]))
}
