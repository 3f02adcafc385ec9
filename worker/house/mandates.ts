// A leave to act for a relative: given by them on their phone or recorded by the desk, taken by whoever holds its code,
// ended at once by either side or the desk, and by its time. What is made under it is the relative's (db/decide.ts); each
// command reads it anew.
import { sql, eq } from 'drizzle-orm'
import { Hono, type Context } from 'hono'
import { directory } from '#db/directory.ts'
import { Code, Nothing } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import {
  GiveMandate,
  mandateBits,
  mandateCodeDays,
  mostMandateDays,
  RecordMandate,
  TieWithoutPhone,
  type MandateCard,
  type MandateLook,
} from '#db/mandate.ts'
import type { HouseCard } from '#db/matter.ts'
import { isMinor } from '#db/minor.ts'
import { hex, idFrom, sha256 } from '#db/record.ts'
import { facility as houses, reach, user } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { anybody, only } from '../doors.ts'
import type { Env, Signed } from '../env.ts'
import { accountWithoutPhone } from '../identity/accounts.ts'
import { ofAge } from '../identity/document.ts'
import { addressOf, HOUR_MS, later, tooMany } from '../identity/limit.ts'
import { givePass } from '../identity/signedIn.ts'
import { append } from '../record/append.ts'
import { looksChain } from '../record/looks.ts'
import { channels } from '../sync/feed.ts'
import { hashOf, houseOfCode, newCode, normalCode } from './code.ts'
import { brokeConstraint } from './constraint.ts'
import { standingTie, type StandingTie } from './kinships.ts'
import { isLinked, linkTo } from './links.ts'
import { forbidden, idIn, may, type InHouse } from './may.ts'
import { tieNews } from './news.ts'
import { isHash, isJpeg, readPhoto } from './papers.ts'
import { pictureHeaders, photoKey } from './photos.ts'
import { tieSql, tiesOf, tiesToActSql, type TieRow } from './ties.ts'

const DAY_MS = 24 * HOUR_MS

/** `/api/mandates`: for whoever gives a leave and whoever has it. */
export const mandated = new Hono<Signed>()
  .get('/', ...only('relatives'), async (c) => {
    const { account, facilities } = c.var.me
    const now = Date.now()
    const lists = await Promise.all(facilities.map((house) => cardsOf(ledger(c.env, house), house, account, now)))
    return c.json({ mandates: lists.flat() })
  })

  .post('/', ...only('relatives'), checked(GiveMandate), async (c) => {
    const { account, facilities } = c.var.me
    const { house, tie: id, name, until } = c.var.input
    const now = Date.now()
    const waitMs = await tooMany(directory(c.env), [{ what: `mandate:${account}`, most: 10, windowMs: DAY_MS }], now)
    if (waitMs > 0) return later(c, waitMs)
    const tie = facilities.includes(house) ? await standingTie(ledger(c.env, house), house, id) : null
    if (tie?.account !== account) return forbidden(c)
    return give(c, house, { account, role: 'relative' }, tie, { name, until, ground: 'given' }, now)
  })

  .post('/look', anybody, checked(Code), async (c) => {
    const limit = { what: `mandate:${addressOf(c)}`, most: 60, windowMs: HOUR_MS }
    const waitMs = await tooMany(directory(c.env), [limit], Date.now())
    if (waitMs > 0) return later(c, waitMs)
    const found = await find(c.env, c.var.input.code)
    if (!found || found.agent) return refuse(c, 'wrong_code', 'code', 404)
    const look: MandateLook = {
      house: { id: found.facility, name: found.houseName, telephone: found.telephone, hours: found.hours },
      name: found.name,
      of: found.relative,
      kin: found.kin,
      person: `${[...found.person][0] ?? ''}＊`,
      until: found.until,
    }
    return c.json(look)
  })

  .post('/take', ...only('relatives'), checked(Code), async (c) => {
    const { account, facilities } = c.var.me
    const now = Date.now()
    const limits = [
      { what: `mandate:${account}`, most: 20, windowMs: HOUR_MS },
      { what: `mandate:${addressOf(c)}`, most: 60, windowMs: HOUR_MS },
    ]
    const waitMs = await tooMany(directory(c.env), limits, now)
    if (waitMs > 0) return later(c, waitMs)
    const found = await find(c.env, c.var.input.code)
    // The same person's other tap, or an answer that was lost, finds it taken by themselves.
    if (!found || (found.agent && found.agent !== account)) return refuse(c, 'wrong_code', 'code', 404)
    if (found.account === account) return refuse(c, 'not_allowed', 'code', 403)

    // Whoever acts for another is of age themselves (民法典第十八条), as far as their document says.
    if (isMinor({ ofAgeAt: await ofAge(c.env, account) }, now)) return refuse(c, 'closed', 'code', 403)

    // First the directory: that an account may reach a house in which it may do nothing yet shows it nothing.
    const db = directory(c.env)
    await db.batch([
      db.insert(reach).values({ account, facility: found.facility }).onConflictDoNothing(),
      db
        .update(user)
        .set({ name: found.name })
        .where(sql`${eq(user.id, account)} AND ${eq(user.name, '')}`),
    ])
    if (!found.agent && !(await take(c.env, account, found, now))) return refuse(c, 'wrong_code', 'code', 404)
    await givePass(c, { account, facilities: [...new Set([...facilities, found.facility])] }, now)
    const rows = await ledger(c.env, found.facility)
      .prepare(`SELECT * FROM (${tiesToActSql}) WHERE id = ?3`)
      .bind(found.facility, account, found.tie)
      .all<TieRow>()
    return c.json({ tie: tiesOf(rows.results, now)[0] })
  })

  .post('/:house/:mandate/end', ...only('relatives'), checked(Nothing), async (c) => {
    const { account, facilities } = c.var.me
    const [house, id] = [idIn(c, 'house'), idIn(c, 'mandate')]
    const found = house && id && facilities.includes(house) ? await openOrStanding(c.env, house, id) : null
    if (!house || !found || (found.account !== account && found.agent !== account)) return forbidden(c)
    await end(c.env, house, { account, role: 'relative' }, found, 'endMandate', Date.now())
    return c.json({})
  })

/** `/api/houses/:facility/mandates`: for a relative who has no phone, from a paper that they have signed. */
export const mandates = new Hono<InHouse>()
  // Their account has no number: nobody signs in to it, and what is theirs is theirs all the same.
  .post('/elder', ...may('mandates'), checked(TieWithoutPhone), async (c) => {
    const facility = c.var.post.house.id
    const { person, kin, name } = c.var.input
    const now = Date.now()
    const inside = await ledger(c.env, facility)
      .prepare(`SELECT 1 FROM detainee WHERE id = ? AND facility = ? AND left_at IS NULL`)
      .bind(person, facility)
      .first()
    if (!inside) return forbidden(c)
    const [id, account] = [newId(), await accountWithoutPhone(c.env, facility, name)]
    const entry = { subject: id, move: 'tie', facts: { person, kin, phone: false }, content: { name } }
    const standing = 'FROM detainee WHERE id = ?3 AND left_at IS NULL'
    await append(c.env, facility, c.var.actor, [entry], (db) => [
      db.prepare(tieSql(standing)).bind(id, facility, person, account, kin, name, now),
    ])
    return c.json({ tie: id }, 201)
  })

  .post('/:tie', ...may('mandates'), checked(RecordMandate), async (c) => {
    const facility = c.var.post.house.id
    const id = idIn(c, 'tie')
    const tie = id && (await standingTie(ledger(c.env, facility), facility, id))
    if (!tie) return forbidden(c)
    return give(c, facility, c.var.actor, tie, { ...c.var.input, ground: 'paper' }, Date.now())
  })

  // Nobody can take it before the paper is there.
  .put('/:mandate/paper/:hash', ...may('mandates'), async (c) => {
    const facility = c.var.post.house.id
    const [id, hash] = [idIn(c, 'mandate'), c.req.param('hash')]
    const found = id && isHash(hash) ? await openOrStanding(c.env, facility, id) : null
    if (found?.ground !== 'paper' || found.agent) return forbidden(c)
    const bytes = await readPhoto(c)
    if (!bytes) return refuse(c, 'too_large', 'paper', 413)
    if (!isJpeg(bytes) || hex(sha256(bytes)) !== hash) return refuse(c, 'check_input', 'paper')
    await c.env.FILES.put(photoKey(facility, found.account, hash), bytes)
    const entry = { subject: found.tie, move: 'paper', facts: { mandate: found.id }, command: idFrom(`${id} ${hash}`) }
    await append(c.env, facility, c.var.actor, [entry], (db) => [
      db.prepare(`UPDATE mandate SET paper = ?2 WHERE id = ?1 AND agent IS NULL`).bind(found.id, hash),
    ])
    return c.json({})
  })

  .post('/:mandate/paper', ...may('mandates'), checked(Nothing), async (c) => {
    const id = idIn(c, 'mandate')
    const found = id ? await openOrStanding(c.env, c.var.post.house.id, id) : null
    if (!found?.paper) return forbidden(c)
    return c.json({ links: [await linkTo(c.env, `${c.req.path}/${found.paper}`, c.var.actor.account, Date.now())] })
  })

  .get('/:mandate/paper/:hash', ...may('mandates'), async (c) => {
    const facility = c.var.post.house.id
    const id = idIn(c, 'mandate')
    if (!(await isLinked(c, c.var.actor.account, Date.now()))) return forbidden(c)
    const found = id ? await openOrStanding(c.env, facility, id) : null
    const { hash } = c.req.param()
    const file = found?.paper === hash && (await c.env.FILES.get(photoKey(facility, found.account, hash)))
    if (!found || !file) return forbidden(c)
    const look = { subject: looksChain(found.tie), move: 'read', facts: { mandate: found.id } }
    await append(c.env, facility, c.var.actor, [look])
    return c.body(file.body, 200, pictureHeaders)
  })

  .post('/:mandate/end', ...may('mandates'), checked(Nothing), async (c) => {
    const facility = c.var.post.house.id
    const id = idIn(c, 'mandate')
    const found = id ? await openOrStanding(c.env, facility, id) : null
    if (!found) return forbidden(c)
    await end(c.env, facility, c.var.actor, found, 'endMandate', Date.now())
    return c.json({})
  })

interface Given {
  readonly name: string
  readonly until: number
  readonly ground: 'given' | 'paper'
}

type By = Parameters<typeof append>[2]

/** The code is told once. A code that nobody has taken is good no more once there is a newer one. */
async function give(c: Context, facility: Id, by: By, tie: StandingTie, said: Given, now: number): Promise<Response> {
  const { name, until, ground } = said
  if (until <= now || until > now + (mostMandateDays + 1) * DAY_MS) return refuse(c, 'check_input', 'until')
  const env = c.env as Env
  const [house] = await directory(env).select({ code: houses.code }).from(houses).where(eq(houses.id, facility))
  if (!house) return forbidden(c)
  const stands = await ledger(env, facility)
    .prepare(`SELECT 1 FROM mandate WHERE tie = ? AND agent IS NOT NULL AND ended_at IS NULL`)
    .bind(tie.id)
    .first()
  if (stands) return refuse(c, 'taken', 'tie', 409)
  const [id, code] = [newId(), newCode(house.code, mandateBits)]
  const expiresAt = Math.min(until, now + mandateCodeDays * DAY_MS)
  const hash = await hashOf(code)
  const entry = { subject: tie.id, move: 'mandate', facts: { mandate: id, ground, until }, content: { name } }
  await append(env, facility, by, [entry], (db) => [
    db
      .prepare(`UPDATE mandate SET ended_at = ?2 WHERE tie = ?1 AND agent IS NULL AND ended_at IS NULL`)
      .bind(tie.id, now),
    db
      .prepare(
        `INSERT INTO mandate (id, facility, tie, ground, name, until, code_hash, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .bind(id, facility, tie.id, ground, name, until, hash, expiresAt),
  ])
  return c.json({ id, code, expiresAt }, 201)
}

/** @returns false where somebody was faster, or it was withdrawn meanwhile */
async function take(env: Env, account: Id, found: Found, now: number): Promise<boolean> {
  const { facility, tie, id } = found
  const entry = {
    subject: tie,
    move: 'takeMandate',
    facts: { mandate: id },
    tell: [tieNews(facility, { id: tie, account: found.account }), tieNews(facility, { id: tie, account })],
  }
  try {
    await append(env, facility, { account, role: 'relative' }, [entry], (db) => [
      db.prepare(takeSql).bind(id, account, now),
    ])
    return true
  } catch (error) {
    if (brokeConstraint(error, 'mandate.')) return false
    throw error
  }
}

/** A tie may not be null: where it is taken, ended or expired the whole batch comes to nothing. */
const takeSql = `
  UPDATE mandate SET agent = ?2, since = ?3,
    tie = (SELECT tie FROM mandate WHERE id = ?1 AND agent IS NULL AND ended_at IS NULL AND expires_at > ?3)
  WHERE id = ?1`

/** What was made under it leaves the phone of whoever made it, and stays with whose it is. */
async function end(env: Env, facility: Id, by: By, found: Standing, move: string, now: number): Promise<void> {
  const { id, tie, account, agent } = found
  const entry = {
    subject: tie,
    move,
    facts: { mandate: id },
    command: idFrom(`${id} ends`),
    tell: [account, ...(agent ? [agent] : [])].map((one) => tieNews(facility, { id: tie, account: one })),
  }
  await append(
    env,
    facility,
    by,
    [entry],
    (db) => [
      ...(agent ? [db.prepare(goneSql).bind(channels.account(facility, agent), facility, tie, agent)] : []),
      db.prepare(`UPDATE mandate SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL`).bind(id, now),
    ],
    now,
  )
}

const goneSql = `
  INSERT INTO feed (channel, subject, position, what)
  SELECT ?1, m.id, (SELECT max(position) FROM event WHERE facility = ?2), 'gone'
  FROM kinship k JOIN matter m ON m.detainee = k.detainee AND m.tie = k.id AND m.agent = ?4 WHERE k.id = ?3
  ON CONFLICT (channel, subject) DO UPDATE SET position = excluded.position, what = excluded.what`

/** Those whose time is over hold no more by themselves; the record keeps their end, and both phones hear of it. */
export async function endMandates(env: Env, facility: Id, now: number): Promise<void> {
  const { results } = await ledger(env, facility)
    .prepare(
      `${standingSql} WHERE m.facility = ? AND m.until <= ? AND m.agent IS NOT NULL AND m.ended_at IS NULL LIMIT 20`,
    )
    .bind(facility, now)
    .all<Standing>()
  for (const found of results)
    await end(env, facility, { account: facility, role: 'system' }, found, 'mandateEnds', now)
}

interface Standing {
  readonly id: Id
  readonly tie: Id
  readonly account: Id
  readonly agent: Id | null
  readonly ground: 'given' | 'paper'
  readonly paper: string | null
}

const standingSql = `
  SELECT m.id, m.tie, m.agent, m.ground, m.paper, k.account FROM mandate m JOIN kinship k ON k.id = m.tie`

const openOrStanding = (env: Env, facility: Id, id: Id) =>
  ledger(env, facility)
    .prepare(`${standingSql} WHERE m.id = ? AND m.facility = ? AND m.ended_at IS NULL`)
    .bind(id, facility)
    .first<Standing>()

/** Those that somebody has given or has. */
async function cardsOf(db: D1Database, house: Id, account: Id, now: number): Promise<MandateCard[]> {
  const { results } = await db
    .prepare(
      `SELECT m.id, m.ground, m.name, m.until, m.since, m.paper, m.tie, d.name AS person,
              iif(k.account = ?1, NULL, k.name) AS "of", house.name AS houseName, house.telephone, house.hours
       FROM mandate m JOIN kinship k ON k.id = m.tie AND k.ended_at IS NULL JOIN detainee d ON d.id = k.detainee
       JOIN house ON house.id = m.facility
       WHERE m.tie IN (SELECT id FROM kinship WHERE account = ?1 UNION ALL SELECT tie FROM mandate WHERE agent = ?1)
         AND m.facility = ?2 AND (k.account = ?1 OR m.agent = ?1) AND m.ended_at IS NULL
         AND m.until > ?3 AND (m.agent IS NOT NULL OR m.expires_at > ?3)
       ORDER BY m.id`,
    )
    .bind(account, house, now)
    .all<Omit<MandateCard, 'house'> & Omit<HouseCard, 'id' | 'name'> & { readonly houseName: string }>()
  return results.map(({ houseName, telephone, hours, ...card }) => ({
    ...card,
    house: { id: house, name: houseName, telephone, hours },
  }))
}

interface Found {
  readonly id: Id
  readonly facility: Id
  readonly tie: Id
  readonly name: string
  readonly until: number
  readonly agent: Id | null
  /** whose tie it is */
  readonly account: Id
  readonly relative: string
  readonly kin: MandateLook['kin']
  readonly person: string
  readonly houseName: string
  readonly telephone: string
  readonly hours: string
}

/** @returns undefined for what is unknown, ended, expired or lacks its paper, or whose tie has ended, or whose person has left */
async function find(env: Env, typed: string): Promise<Found | undefined> {
  const code = normalCode(typed)
  const facility = await houseOfCode(env, code)
  if (!facility) return undefined
  const now = Date.now()
  const found = await ledger(env, facility)
    .prepare(
      `SELECT m.id, m.facility, m.tie, m.name, m.until, m.agent, k.account, k.name AS relative, k.kin,
              d.name AS person, house.name AS houseName, house.telephone, house.hours
       FROM mandate m
       JOIN kinship k ON k.id = m.tie AND k.ended_at IS NULL
       JOIN detainee d ON d.id = k.detainee AND d.left_at IS NULL
       JOIN house ON house.id = m.facility
       WHERE m.code_hash = ? AND m.facility = ? AND m.ended_at IS NULL AND m.until > ?3
         AND (m.agent IS NOT NULL OR m.expires_at > ?3) AND (m.ground = 'given' OR m.paper IS NOT NULL)`,
    )
    .bind(await hashOf(code), facility, now)
    .first<Found>()
  return found ?? undefined
}
