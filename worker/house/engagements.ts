// Engagements (委托): a lawyer says for whom they act and sends the papers, the desk accepts or declines. Like a claim,
// one is answered the same whether or not somebody is held: nothing is looked up when it comes.
import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { directory } from '#db/directory.ts'
import {
  AskEngagement,
  obstacleTo,
  type engagementDeclines,
  type EngagementCard,
  type EngagementTrouble,
  type EngagementView,
  type Obstacle,
} from '#db/engagement.ts'
import { AcceptEngagement, DeclineEngagement, EndEngagement, Nothing } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { HouseCard } from '#db/matter.ts'
import { idFrom } from '#db/record.ts'
import { facility as houses, reach } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { only } from '../doors.ts'
import type { Env, Outside, Signed } from '../env.ts'
import { addressOf, HOUR_MS, later, tooMany } from '../identity/limit.ts'
import { givePass } from '../identity/signedIn.ts'
import { askLimit, lawyerOf, licenceNow, type Lawyer } from '../lawyers/licences.ts'
import { append } from '../record/append.ts'
import { obstacleNow, readStanding, standing, standingElsewhere, standingIn, standingSql } from './acting.ts'
import { brokeConstraint } from './constraint.ts'
import { jaroWinkler, near } from './likeness.ts'
import { keptMs, leaveHouse } from './leave.ts'
import { forbidden, idIn, may, type InHouse } from './may.ts'
import { mayMeet } from './mayMeet.ts'
import { forgetPapersOf, papersOf, shownOf } from './papers.ts'

const DAY_MS = 24 * HOUR_MS
/** How often an acceptance is thought over again while others change what it hangs on. */
const tries = 5

/** `/api/engagements`: for whom somebody acts, and where each stands. */
export const engaged = ({ registry }: Outside) =>
  new Hono<Signed>()
    .get('/', ...only('relatives'), async (c) => {
      const { account, facilities } = c.var.me
      const since = Date.now() - keptMs
      const lists = await Promise.all(facilities.map((house) => cardsOf(c.env, house, account, since)))
      return c.json({ engagements: lists.flat().sort((one, other) => other.at - one.at) })
    })

    .post('/', ...only('relatives'), checked(AskEngagement), async (c) => {
      const { account, facilities } = c.var.me
      const now = Date.now()
      const limits = [
        { what: `engagement:${account}`, most: 30, windowMs: DAY_MS },
        { what: `engagement:${addressOf(c)}`, most: 120, windowMs: HOUR_MS },
      ]
      const waitMs = await tooMany(directory(c.env), limits, now)
      if (waitMs > 0) return later(c, waitMs)

      const { house } = c.var.input
      const lawyer = await lawyerOf(c.env, account)
      // Where the registry has not answered yet, the desk waits for it and the lawyer need not.
      if (!lawyer || (lawyer.standing !== null && lawyer.standing !== 'valid'))
        return refuse(c, 'not_allowed', 'licence', 403)
      const [known] = await directory(c.env).select({ id: houses.id }).from(houses).where(eq(houses.id, house))
      if (!known) return refuse(c, 'check_input', 'house')
      await directory(c.env).insert(reach).values({ account, facility: house }).onConflictDoNothing()
      const id = await write(c.env, lawyer, c.var.input, now)
      await givePass(c, { account, facilities: [...new Set([...facilities, house])] }, now)
      return c.json({ checking: true, id }, 202)
    })

    .post('/:house/:engagement/end', ...only('relatives'), checked(Nothing), async (c) => {
      const [facility, id] = [idIn(c, 'house'), idIn(c, 'engagement')]
      const { account, facilities } = c.var.me
      if (!facility || !id || !facilities.includes(facility)) return forbidden(c)
      const own = await ledger(c.env, facility)
        .prepare(`SELECT 1 FROM engagement WHERE id = ? AND account = ?`)
        .bind(id, account)
        .first()
      const ended = own && (await end(c.env, facility, id, { account, role: 'lawyer' }, 'lawyer'))
      return ended ? c.json({}) : forbidden(c)
    })

    .post('/:house/:engagement/check', ...only('relatives'), checked(Nothing), async (c) => {
      const [facility, id] = [idIn(c, 'house'), idIn(c, 'engagement')]
      const { account, facilities } = c.var.me
      if (!facility || !id || !facilities.includes(facility)) return forbidden(c)
      const waitMs = await tooMany(directory(c.env), [askLimit(account)], Date.now())
      if (waitMs > 0) return later(c, waitMs)
      const may = await mayMeet(c.env, registry, facility, account, id, Date.now())
      return 'no' in may && may.no === 'notTheirs' ? forbidden(c) : c.json(may)
    })

    .route('/', papersOf('engagement'))

/** @returns under which id it stands here */
async function write(env: Env, lawyer: Lawyer, asked: AskEngagement, now: number): Promise<Id> {
  const { house, person, born, ground } = asked
  const { account, licence, grade, name, firm } = lawyer
  const id = idFrom(`engagement ${account} ${asked.id}`)
  const entry = {
    subject: id,
    move: 'engage',
    facts: { ground, grade },
    content: { person, born, name, firm },
    command: id,
  }
  await append(env, house, { account, role: 'lawyer' }, [entry], (db) => [
    db
      .prepare(
        `INSERT INTO engagement (id, facility, account, licence, grade, name, firm, person, born, ground, at, state)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'checking')`,
      )
      .bind(id, house, account, licence, grade, name, firm, person, born, ground, now),
  ])
  return id
}

/** `/api/houses/:facility/engagements`: the desk has the papers before it. */
export const engagements = ({ registry }: Outside) =>
  new Hono<InHouse>()
    .route('/', shownOf('engagement', 'engagements'))

    .post('/:engagement/accept', ...may('engagements'), checked(AcceptEngagement), async (c) => {
      const facility = c.var.post.house.id
      const id = idIn(c, 'engagement')
      const asked = id && (await openOne(ledger(c.env, facility), facility, id))
      if (!asked) return forbidden(c)
      const now = Date.now()
      const licence = await licenceNow(c.env, registry, asked.account, now)
      if (licence?.standing !== 'valid') return refuse(c, 'taken', 'licence', 409)
      const outcome = await accept(c.env, facility, c.var.actor, asked, c.var.input.person, now)
      if (outcome === 'accepted') return c.json({})
      return outcome === 'gone' ? forbidden(c) : refuse(c, 'taken', outcome, 409)
    })

    .post('/:engagement/decline', ...may('engagements'), checked(DeclineEngagement), async (c) => {
      const facility = c.var.post.house.id
      const id = idIn(c, 'engagement')
      if (!id || !(await openOne(ledger(c.env, facility), facility, id))) return forbidden(c)
      return (await decline(c.env, facility, c.var.actor, id, c.var.input.reason, Date.now()))
        ? c.json({})
        : forbidden(c)
    })

    .post('/:engagement/end', ...may('engagements'), checked(EndEngagement), async (c) => {
      const id = idIn(c, 'engagement')
      const ended = id && (await end(c.env, c.var.post.house.id, id, c.var.actor, c.var.input.reason))
      return ended ? c.json({}) : forbidden(c)
    })

interface Asked {
  readonly id: Id
  readonly account: Id
  readonly licence: string
  readonly grade: Lawyer['grade']
  readonly firm: string
}

const openOne = (db: D1Database, facility: Id, id: Id) =>
  db
    .prepare(
      `SELECT id, account, licence, grade, firm FROM engagement WHERE id = ? AND facility = ? AND state = 'checking'`,
    )
    .bind(id, facility)
    .first<Asked>()

/** The rule is one function (db/engagement.ts); the write holds only for what it was asked about. */
async function accept(
  env: Env,
  facility: Id,
  actor: Parameters<typeof append>[2],
  asked: Asked,
  person: Id,
  now: number,
): Promise<'accepted' | 'gone' | Obstacle> {
  const db = ledger(env, facility)
  for (let tried = 1; ; tried += 1) {
    const text = await readStanding(db, facility)
    const inside = await db
      .prepare(`SELECT case_group AS caseGroup FROM detainee WHERE id = ? AND facility = ? AND left_at IS NULL`)
      .bind(person, facility)
      .first<{ caseGroup: string | null }>()
    if (!inside) return 'gone'
    const { id, licence, grade, firm } = asked
    const wanted = { id, licence, grade, firm, detainee: person, caseGroup: inside.caseGroup }
    const elsewhere = await standingElsewhere(env, facility, wanted)
    const obstacle = obstacleTo(wanted, [...standingIn(text), ...elsewhere])
    if (obstacle) return obstacle
    try {
      await append(env, facility, actor, [{ subject: id, move: 'accept', facts: { person } }], () => [
        db.prepare(acceptSql).bind(facility, id, person, now, text, inside.caseGroup),
      ])
      return 'accepted'
    } catch (error) {
      if (!brokeConstraint(error, 'engagement.at')) throw error
      if (tried === tries || !(await openOne(db, facility, id))) return 'gone'
    }
  }
}

/** A time may not be null: where anything is not what it was, the whole batch comes to nothing. */
const acceptSql = `
  UPDATE engagement SET state = 'accepted', detainee = ?3, decided_at = ?4,
    at = (SELECT at FROM engagement WHERE id = ?2 AND state = 'checking'
      AND (${standingSql}) = ?5
      AND EXISTS (SELECT 1 FROM detainee WHERE id = ?3 AND left_at IS NULL AND case_group IS ?6))
  WHERE id = ?2`

/** @returns false where another was faster */
async function decline(
  env: Env,
  facility: Id,
  actor: Parameters<typeof append>[2],
  id: Id,
  reason: (typeof engagementDeclines)[number] | 'unanswered',
  now: number,
): Promise<boolean> {
  const entry = { subject: id, move: 'decline', facts: { reason } }
  try {
    await append(env, facility, actor, [entry], (db) => [db.prepare(declineSql).bind(id, reason, now)], now)
    return true
  } catch (error) {
    if (brokeConstraint(error, 'engagement.at')) return false
    throw error
  }
}

/**
 * What came before that moment and nobody has answered ends as if it were declined.
 *
 * @returns whether there was any
 */
export async function endUnansweredEngagements(env: Env, facility: Id, before: number, now: number): Promise<boolean> {
  const { results } = await ledger(env, facility)
    .prepare(`SELECT id FROM engagement WHERE facility = ? AND state = 'checking' AND at < ? ORDER BY at LIMIT 50`)
    .bind(facility, before)
    .all<{ id: Id }>()
  for (const { id } of results)
    await decline(env, facility, { account: facility, role: 'system' }, id, 'unanswered', now)
  return results.length > 0
}

const declineSql = `
  UPDATE engagement SET state = 'declined', reason = ?2, decided_at = ?3,
    at = (SELECT at FROM engagement WHERE id = ?1 AND state = 'checking') WHERE id = ?1`

async function end(
  env: Env,
  facility: Id,
  id: Id,
  actor: Parameters<typeof append>[2],
  reason: string,
): Promise<boolean> {
  const db = ledger(env, facility)
  const stands = await db
    .prepare(`SELECT 1 FROM engagement WHERE id = ? AND facility = ? AND state IN ('checking', 'accepted')`)
    .bind(id, facility)
    .first()
  if (!stands) return false
  try {
    await append(env, facility, actor, [{ subject: id, move: 'end', facts: { reason } }], () => [
      db
        .prepare(
          `UPDATE engagement SET state = 'ended', reason = ?2, ended_at = ?3,
             at = (SELECT at FROM engagement WHERE id = ?1 AND state IN ('checking', 'accepted')) WHERE id = ?1`,
        )
        .bind(id, reason, Date.now()),
    ])
    return true
  } catch (error) {
    if (brokeConstraint(error, 'engagement.at')) return false
    throw error
  }
}

interface CardRow {
  readonly id: Id
  readonly person: string
  readonly ground: EngagementCard['ground']
  readonly at: number
  readonly papers: number
  readonly state: EngagementCard['state']
  readonly reason: string | null
  readonly licenceTrouble: string | null
  readonly name: string
  readonly telephone: string
  readonly hours: string
}

async function cardsOf(env: Env, house: Id, account: Id, since: number): Promise<EngagementCard[]> {
  const db = ledger(env, house)
  const { results } = await db
    .prepare(
      `SELECT e.id, e.person, e.ground, e.at, e.state, e.reason, e.licence_trouble AS licenceTrouble,
              (SELECT count(*) FROM engagement_paper p WHERE p.engagement = e.id) AS papers,
              house.name, house.telephone, house.hours
       FROM engagement e JOIN house ON house.id = e.facility
       WHERE e.account = ? AND e.facility = ? AND coalesce(e.ended_at, iif(e.state = 'declined', e.decided_at, NULL), ?3) >= ?3`,
    )
    .bind(account, house, since)
    .all<CardRow>()
  if (results.length === 0) return []
  const acting = await standing(db, house)
  const troubleOf = async (row: CardRow): Promise<EngagementTrouble | null> => {
    const own = acting.find(({ id }) => id === row.id)
    if (row.licenceTrouble !== null) return 'licence'
    return (own && (await obstacleNow(env, house, own, acting))) ?? null
  }
  const card = (row: CardRow): HouseCard => ({ id: house, name: row.name, telephone: row.telephone, hours: row.hours })
  return Promise.all(
    results.map(async (row) => ({
      ...{ id: row.id, house: card(row), person: row.person, ground: row.ground, at: row.at, papers: row.papers },
      ...{ state: row.state, papersMissing: row.state === 'declined' && row.reason === 'papers' },
      trouble: await troubleOf(row),
    })),
  )
}

/** One row for each that is checked or stands, and each person inside who was born on the same day, if any. */
export const engagementsSql = `
  SELECT e.id, e.name, e.firm, e.grade, e.licence, e.person, e.born, e.ground, e.at, e.state, e.detainee,
    e.licence_trouble AS licenceTrouble, own.case_group AS caseGroup, d.id AS inside, d.name AS called,
    (SELECT json_group_array(hash) FROM engagement_paper p WHERE p.engagement = e.id) AS papers
  FROM engagement e
  LEFT JOIN detainee d ON e.state = 'checking' AND d.facility = e.facility AND d.born = e.born AND d.left_at IS NULL
  LEFT JOIN detainee own ON own.id = e.detainee
  WHERE e.facility = ?1 AND e.state IN ('checking', 'accepted') AND own.left_at IS NULL
  ORDER BY e.at`

export type EngagementRow = Omit<EngagementView, 'near' | 'papers' | 'obstacle'> & {
  readonly licence: string
  readonly caseGroup: string | null
  readonly papers: string
  readonly inside: Id | null
  readonly called: string | null
}

export function engagementViews(rows: readonly EngagementRow[]): EngagementView[] {
  const acting = rows.flatMap(({ id, licence, grade, firm, detainee, caseGroup, state }) =>
    state === 'accepted' && detainee ? [{ id, licence, grade, firm, detainee, caseGroup }] : [],
  )
  const views = new Map<Id, EngagementView & { readonly alike: Map<Id, number> }>()
  for (const { inside, called, papers, licence: _, caseGroup: __, ...row } of rows) {
    const alike = views.get(row.id)?.alike ?? new Map<Id, number>()
    const likeness = called === null ? 0 : jaroWinkler(row.person, called)
    if (inside && likeness >= near) alike.set(inside, likeness)
    const own = acting.find(({ id }) => id === row.id)
    const obstacle = (own && obstacleTo(own, acting)) ?? null
    views.set(row.id, { ...row, papers: JSON.parse(papers) as string[], near: [], obstacle, alike })
  }
  return [...views.values()].map(({ alike, ...view }) => ({
    ...view,
    near: [...alike].sort(([, one], [, other]) => other - one).map(([id]) => id),
  }))
}

/** Names of whom a house may never have known are not kept longer than the lawyer needs the answer. */
export async function forgetEngagements(env: Env, facility: Id, now: number): Promise<void> {
  await forgetPapersOf('engagement', env, facility, now - keptMs)
  const db = ledger(env, facility)
  const over = `SELECT id FROM engagement WHERE facility = ?1 AND (ended_at < ?2 OR (state = 'declined' AND decided_at < ?2))`
  const { results } = await db
    .prepare(`SELECT DISTINCT account FROM engagement WHERE id IN (${over})`)
    .bind(facility, now - keptMs)
    .all<{ account: Id }>()
  // First the directory, while they still say whose they were.
  for (const { account } of results) await leaveHouse(env, facility, account, now)
  await db.batch([
    db.prepare(`DELETE FROM content WHERE matter IN (${over})`).bind(facility, now - keptMs),
    db.prepare(`DELETE FROM engagement WHERE id IN (${over})`).bind(facility, now - keptMs),
  ])
}
