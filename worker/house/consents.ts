// The case-handling body's leave for one tie and kind: recorded by an officer from a paper, or given by the body itself
// through a link that answers once. What waits for it goes on, ends or comes back with the minute (worker/minute.ts).
import { Hono } from 'hono'
import { Answer, type LinkLook } from '#db/consent.ts'
import { directory } from '#db/directory.ts'
import { Code, EndConsent, GiveConsent, linkBits, linkDays, MakeLink } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Kin } from '#db/matter.ts'
import type { Kind } from '#db/matters/index.ts'
import { checked, refuse } from '../checked.ts'
import { anybody } from '../doors.ts'
import type { Env } from '../env.ts'
import { addressOf, HOUR_MS, later, tooMany } from '../identity/limit.ts'
import { append } from '../record/append.ts'
import { hashOf, houseOfCode, newCode, normalCode } from './code.ts'
import { brokeConstraint } from './constraint.ts'
import { standingTie, type StandingTie } from './kinships.ts'
import { forbidden, may, type InHouse } from './may.ts'
import { tieNews } from './news.ts'

const DAY_MS = 24 * HOUR_MS

/** `/api/houses/:facility/consents`. A newer paper replaces an older one. */
export const consents = new Hono<InHouse>()
  .post('/', ...may('consents'), checked(GiveConsent), async (c) => {
    const { tie: id, kind, until, document } = c.var.input
    const facility = c.var.post.house.id
    const tie = await standingTie(ledger(c.env, facility), facility, id)
    if (!tie) return forbidden(c)
    const entry = {
      subject: tie.id,
      move: 'consent',
      facts: until === null ? { kind } : { kind, until },
      content: { document },
      tell: [tieNews(facility, tie)],
    }
    await append(c.env, facility, c.var.actor, [entry], (db) => [given(db, tie, kind, Date.now(), until, document)])
    return c.json({}, 201)
  })

  .post('/end', ...may('consents'), checked(EndConsent), async (c) => {
    const { tie: id, kind, how } = c.var.input
    const facility = c.var.post.house.id
    const db = ledger(c.env, facility)
    const now = Date.now()
    const tie = await standingTie(db, facility, id)
    if (!tie) return forbidden(c)
    if (how === 'takenBack' && !(await stands(db, tie, kind, now))) return forbidden(c)
    const entry = { subject: tie.id, move: how, facts: { kind }, tell: [tieNews(facility, tie)] }
    await append(c.env, facility, c.var.actor, [entry], () => [ended(db, tie, kind, now, how === 'refused')])
    return c.json({})
  })

  // The link is told once, to be handed on; one that nobody has answered yet is good no more.
  .post('/link', ...may('consents'), checked(MakeLink), async (c) => {
    const { tie: id, kind } = c.var.input
    const { house } = c.var.post
    const tie = await standingTie(ledger(c.env, house.id), house.id, id)
    if (!tie) return forbidden(c)

    const code = newCode(house.code, linkBits)
    const [hash, link, now] = [await hashOf(code), newId(), Date.now()]
    const expiresAt = now + linkDays * DAY_MS
    const entry = { subject: tie.id, move: 'askConsent', facts: { kind, link } }
    await append(c.env, house.id, c.var.actor, [entry], (db) => [
      db
        .prepare(`UPDATE consent_link SET expires_at = ?3 WHERE tie = ?1 AND kind = ?2 AND expires_at > ?3`)
        .bind(tie.id, kind, now),
      db
        .prepare(
          `INSERT INTO consent_link (code_hash, id, facility, tie, kind, made_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
        )
        .bind(hash, link, house.id, tie.id, kind, c.var.me.account, expiresAt),
    ])
    return c.json({ code, expiresAt }, 201)
  })

const given = (db: D1Database, tie: StandingTie, kind: Kind, now: number, until: number | null, document: string) =>
  db
    .prepare(
      `INSERT INTO consent (detainee, account, kind, "from", "until", document) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
       ON CONFLICT (detainee, account, kind) DO UPDATE SET "from" = ?4, "until" = ?5, document = ?6,
         ended_at = NULL, refused = 0`,
    )
    .bind(tie.detainee, tie.account, kind, now, until, document)

/** From now on nothing holds; what was refused before there was a paper has none. */
const ended = (db: D1Database, tie: StandingTie, kind: Kind, now: number, refused: boolean) =>
  db
    .prepare(
      `INSERT INTO consent (detainee, account, kind, "from", "until", document, ended_at, refused)
       VALUES (?1, ?2, ?3, ?4, ?4, '', ?4, ?5)
       ON CONFLICT (detainee, account, kind) DO UPDATE SET "until" = ?4, ended_at = ?4, refused = ?5`,
    )
    .bind(tie.detainee, tie.account, kind, now, refused ? 1 : 0)

const stands = (db: D1Database, tie: StandingTie, kind: Kind, now: number) =>
  db
    .prepare(
      `SELECT 1 FROM consent WHERE detainee = ? AND account = ? AND kind = ? AND ("until" IS NULL OR "until" > ?)`,
    )
    .bind(tie.detainee, tie.account, kind, now)
    .first()

/** `/api/consents`: whoever holds a link, signed in or not. Looking changes nothing, so that a link scanner may. */
export const answered = new Hono<{ Bindings: Env }>()
  .use(async (c, next) => {
    const limit = { what: `consent:${addressOf(c)}`, most: 60, windowMs: HOUR_MS }
    const waitMs = await tooMany(directory(c.env), [limit], Date.now())
    return waitMs > 0 ? later(c, waitMs) : next()
  })

  .post('/look', anybody, checked(Code), async (c) => {
    const link = await find(c.env, c.var.input.code)
    if (!link || link.answer) return refuse(c, 'wrong_code', 'code', 404)
    const look: LinkLook = {
      house: { id: link.facility, name: link.houseName, telephone: link.telephone, hours: link.hours },
      person: masked(link.person),
      relative: masked(link.relative),
      kin: link.kin,
      kind: link.kind,
      expiresAt: link.expiresAt,
    }
    return c.json(look)
  })

  .post('/answer', anybody, checked(Answer), async (c) => {
    const said = c.var.input
    const now = Date.now()
    const link = await find(c.env, said.code)
    if (!link) return refuse(c, 'wrong_code', 'code', 404)
    // the same answer again is an answer that was lost on its way
    if (link.answer) return link.answer === said.answer ? c.json({}) : refuse(c, 'wrong_code', 'code', 404)
    if (said.answer === 'agrees' && said.until !== null && said.until <= now) return refuse(c, 'check_input', 'until')

    const { facility, kind } = link
    const tie = { id: link.tie, detainee: link.detainee, account: link.account }
    const agrees = said.answer === 'agrees'
    const entry = {
      subject: tie.id,
      move: agrees ? 'consent' : 'refused',
      facts: { kind, issuedBy: link.madeBy, ...(agrees && said.until !== null && { until: said.until }) },
      ...(agrees && { content: { document: said.document } }),
      tell: [tieNews(facility, tie)],
    }
    try {
      await append(c.env, facility, { account: link.id, role: 'caseHandler' }, [entry], (db) => [
        db.prepare(answerSql).bind(link.codeHash, now, said.answer),
        agrees ? given(db, tie, kind, now, said.until, said.document) : ended(db, tie, kind, now, true),
      ])
    } catch (error) {
      if (brokeConstraint(error, 'consent_link.tie')) return refuse(c, 'wrong_code', 'code', 404)
      throw error
    }
    return c.json({})
  })

/** A tie may not be null: where somebody was faster, or the time is over, the whole batch comes to nothing. */
const answerSql = `
  UPDATE consent_link SET answered_at = ?2, answer = ?3,
    tie = (SELECT tie FROM consent_link WHERE code_hash = ?1 AND answered_at IS NULL AND expires_at > ?2)
  WHERE code_hash = ?1`

interface Link {
  readonly codeHash: string
  readonly id: Id
  readonly facility: Id
  readonly tie: Id
  readonly kind: Kind
  readonly madeBy: Id
  readonly expiresAt: number
  readonly answer: 'agrees' | 'refuses' | null
  readonly detainee: Id
  readonly account: Id
  readonly relative: string
  readonly kin: Kin
  readonly person: string
  readonly houseName: string
  readonly telephone: string
  readonly hours: string
}

/** @returns undefined for what is unknown or has expired, or whose tie has ended, or whose person has left */
async function find(env: Env, typed: string): Promise<Link | undefined> {
  const code = normalCode(typed)
  const facility = await houseOfCode(env, code)
  if (!facility) return undefined
  const link = await ledger(env, facility)
    .prepare(
      `SELECT link.code_hash AS codeHash, link.id, link.facility, link.tie, link.kind, link.made_by AS madeBy,
              link.expires_at AS expiresAt, link.answer, kinship.detainee, kinship.account, kinship.name AS relative,
              kinship.kin, detainee.name AS person, house.name AS houseName, house.telephone, house.hours
       FROM consent_link link
       JOIN kinship ON kinship.id = link.tie AND kinship.ended_at IS NULL
       JOIN detainee ON detainee.id = kinship.detainee AND detainee.left_at IS NULL
       JOIN house ON house.id = link.facility
       WHERE link.code_hash = ? AND link.facility = ? AND link.expires_at > ?`,
    )
    .bind(await hashOf(code), facility, Date.now())
    .first<Link>()
  return link ?? undefined
}

const masked = (name: string): string => `${[...name][0] ?? ''}＊`
