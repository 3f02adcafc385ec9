// Claims: the way to a kinship for whom no officer has invited. Whoever claims is always told that it will be checked:
// nothing is looked up when a claim comes, so that no answer, in words, bytes or time, says whether somebody is held.
import { eq, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { Claim, type ClaimCard } from '#db/claim.ts'
import { directory } from '#db/directory.ts'
import { AcceptClaim, DeclineClaim, type ClaimView, type declines } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { HouseCard } from '#db/matter.ts'
import { idFrom } from '#db/record.ts'
import { facility as houses, reach, user } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { only } from '../doors.ts'
import type { Env, Signed } from '../env.ts'
import { addressOf, HOUR_MS, later, tooMany } from '../identity/limit.ts'
import { givePass } from '../identity/signedIn.ts'
import { append } from '../record/append.ts'
import { brokeConstraint } from './constraint.ts'
import { jaroWinkler, near } from './likeness.ts'
import { keptMs, leaveHouse } from './leave.ts'
import { forbidden, idIn, may, type InHouse } from './may.ts'
import { tieNews } from './news.ts'
import { forgetPapersOf, papersOf, shownOf } from './papers.ts'
import { tieSql } from './ties.ts'

const DAY_MS = 24 * HOUR_MS

/** `/api/claims`: what somebody claims, and what became of it. */
export const claimed = new Hono<Signed>()
  .get('/houses', ...only('relatives'), async (c) => {
    const { id, name, telephone, hours } = houses
    const cards: HouseCard[] = await directory(c.env).select({ id, name, telephone, hours }).from(houses).orderBy(name)
    return c.json({ houses: cards })
  })

  .get('/', ...only('relatives'), async (c) => {
    const { account, facilities } = c.var.me
    const since = Date.now() - keptMs
    const lists = await Promise.all(facilities.map((house) => claimsOf(ledger(c.env, house), house, account, since)))
    return c.json({ claims: lists.flat().sort((one, other) => other.at - one.at) })
  })

  .post('/', ...only('relatives'), checked(Claim), async (c) => {
    const { account, facilities } = c.var.me
    const now = Date.now()
    const limits = [
      { what: `claim:${account}`, most: 10, windowMs: DAY_MS },
      { what: `claim:${addressOf(c)}`, most: 60, windowMs: HOUR_MS },
    ]
    const waitMs = await tooMany(directory(c.env), limits, now)
    if (waitMs > 0) return later(c, waitMs)

    const { house } = c.var.input
    const [known] = await directory(c.env).select({ id: houses.id }).from(houses).where(eq(houses.id, house))
    if (!known) return refuse(c, 'check_input', 'house')
    // First the directory: it learns that an account has asked something of a house, whoever it named.
    await directory(c.env).insert(reach).values({ account, facility: house }).onConflictDoNothing()
    const id = await write(c.env, account, c.var.input, now)
    await givePass(c, { account, facilities: [...new Set([...facilities, house])] }, now)
    return c.json({ checking: true, id }, 202)
  })

  .route('/', papersOf('claim'))

/** @returns under which id it stands here */
async function write(env: Env, account: Id, claim: Claim, now: number): Promise<Id> {
  const { house, person, born, name, kin } = claim
  // Nobody's phone chooses the chain that it is written to.
  const id = idFrom(`claim ${account} ${claim.id}`)
  const entry = { subject: id, move: 'claim', facts: { kin }, content: { person, born, name }, command: id }
  await append(env, house, { account, role: 'relative' }, [entry], (db) => [
    db
      .prepare(`INSERT INTO claim (id, facility, account, person, born, name, kin, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
      .bind(id, house, account, person, born, name, kin, now),
  ])
  return id
}

async function claimsOf(db: D1Database, house: Id, account: Id, since: number): Promise<ClaimCard[]> {
  const { results } = await db
    .prepare(
      `SELECT claim.id, claim.person, claim.kin, claim.at, claim.outcome,
              (SELECT count(*) FROM paper WHERE paper.claim = claim.id) AS papers, house.name, house.telephone, house.hours
       FROM claim JOIN house ON house.id = claim.facility
       WHERE claim.account = ? AND claim.facility = ? AND (claim.decided_at IS NULL OR claim.decided_at > ?)`,
    )
    .bind(account, house, since)
    .all<Omit<ClaimCard, 'house'> & Omit<HouseCard, 'id'>>()
  return results.map(({ name, telephone, hours, ...claim }) => ({
    ...claim,
    house: { id: house, name, telephone, hours },
  }))
}

interface OpenClaim {
  readonly id: Id
  readonly account: Id
  readonly name: string
}

/** `/api/houses/:facility/claims`: an officer has checked the papers. */
export const claims = new Hono<InHouse>()
  .route('/', shownOf('claim', 'claims'))

  .post('/:claim/accept', ...may('claims'), checked(AcceptClaim), async (c) => {
    const facility = c.var.post.house.id
    const { person, kin } = c.var.input
    const db = ledger(c.env, facility)
    const claim = await openClaim(db, facility, idIn(c, 'claim'))
    const before = await db
      .prepare(
        `SELECT detainee.id AS person, kinship.id AS tie FROM detainee
         LEFT JOIN kinship ON kinship.detainee = detainee.id AND kinship.account = ?3
         WHERE detainee.id = ?1 AND detainee.facility = ?2 AND detainee.left_at IS NULL`,
      )
      .bind(person, facility, claim?.account ?? '')
      .first<{ person: Id; tie: Id | null }>()
    if (!claim || !before) return forbidden(c)

    const { account, name } = claim
    const id = before.tie ?? newId()
    const now = Date.now()
    await directory(c.env)
      .update(user)
      .set({ name })
      .where(sql`${eq(user.id, account)} AND ${eq(user.name, '')}`)
    try {
      await append(
        c.env,
        facility,
        c.var.actor,
        [
          { subject: claim.id, move: 'accept', facts: { tie: id } },
          {
            subject: id,
            move: 'tie',
            facts: { person, kin },
            content: { name },
            tell: [tieNews(facility, { id, account })],
          },
        ],
        () => [
          db.prepare(tieSql(`FROM claim WHERE id = ?8`)).bind(id, facility, person, account, kin, name, now, claim.id),
          db.prepare(decidedSql).bind(claim.id, now, 'accepted'),
        ],
        now,
      )
    } catch (error) {
      if (brokeConstraint(error, 'claim.kin')) return forbidden(c) // another officer was faster
      throw error
    }
    return c.json({ tie: id })
  })

  .post('/:claim/decline', ...may('claims'), checked(DeclineClaim), async (c) => {
    const facility = c.var.post.house.id
    const claim = await openClaim(ledger(c.env, facility), facility, idIn(c, 'claim'))
    if (!claim) return forbidden(c)
    return (await decline(c.env, facility, c.var.actor, claim.id, c.var.input.reason, Date.now()))
      ? c.json({})
      : forbidden(c)
  })

/** @returns false where another was faster */
async function decline(
  env: Env,
  facility: Id,
  actor: Parameters<typeof append>[2],
  claim: Id,
  reason: (typeof declines)[number] | 'unanswered',
  now: number,
): Promise<boolean> {
  const entry = { subject: claim, move: 'decline', facts: { reason } }
  try {
    await append(env, facility, actor, [entry], (db) => [db.prepare(decidedSql).bind(claim, now, 'declined')], now)
    return true
  } catch (error) {
    if (brokeConstraint(error, 'claim.kin')) return false
    throw error
  }
}

/**
 * Claims that came before that moment and that nobody has answered end as if they were declined.
 *
 * @returns whether there were any
 */
export async function endUnansweredClaims(env: Env, facility: Id, before: number, now: number): Promise<boolean> {
  const { results } = await ledger(env, facility)
    .prepare(`SELECT id FROM claim WHERE facility = ? AND decided_at IS NULL AND at < ? ORDER BY at LIMIT 50`)
    .bind(facility, before)
    .all<{ id: Id }>()
  for (const { id } of results)
    await decline(env, facility, { account: facility, role: 'system' }, id, 'unanswered', now)
  return results.length > 0
}

/** Kin may not be null: where the claim is decided already, the whole batch comes to nothing. */
const decidedSql = `
  UPDATE claim SET kin = (SELECT kin FROM claim WHERE id = ?1 AND decided_at IS NULL), decided_at = ?2, outcome = ?3
  WHERE id = ?1`

const openClaim = (db: D1Database, facility: Id, id: Id | undefined) =>
  db
    .prepare(`SELECT id, account, name FROM claim WHERE id = ? AND facility = ? AND decided_at IS NULL`)
    .bind(id ?? '', facility)
    .first<OpenClaim>()

/** One row for each undecided claim and each person inside who was born on the same day, if any. */
export const openClaimsSql = `
  SELECT claim.id, claim.person, claim.born, claim.name, claim.kin, claim.at, detainee.id AS inside, detainee.name AS called,
    (SELECT json_group_array(hash) FROM paper WHERE paper.claim = claim.id) AS papers
  FROM claim LEFT JOIN detainee ON detainee.facility = claim.facility AND detainee.born = claim.born
    AND detainee.left_at IS NULL
  WHERE claim.facility = ?1 AND claim.decided_at IS NULL ORDER BY claim.at`

export type OpenClaimRow = Omit<ClaimView, 'near' | 'papers'> & {
  readonly papers: string
  readonly inside: Id | null
  readonly called: string | null
}

export function claimViews(rows: readonly OpenClaimRow[]): ClaimView[] {
  const views = new Map<Id, ClaimView & { readonly alike: Map<Id, number> }>()
  for (const { inside, called, papers, ...claim } of rows) {
    const alike = views.get(claim.id)?.alike ?? new Map<Id, number>()
    const likeness = called === null ? 0 : jaroWinkler(claim.person, called)
    if (inside && likeness >= near) alike.set(inside, likeness)
    views.set(claim.id, { ...claim, papers: JSON.parse(papers) as string[], near: [], alike })
  }
  return [...views.values()].map(({ alike, ...view }) => ({
    ...view,
    near: [...alike].sort(([, one], [, other]) => other - one).map(([id]) => id),
  }))
}

/** Names of whom a house may never have known are not kept longer than the relative needs the answer. */
export async function forgetClaims(env: Env, facility: Id, now: number): Promise<void> {
  await forgetPapersOf('claim', env, facility, now - keptMs)
  const db = ledger(env, facility)
  const over = 'FROM claim WHERE facility = ?1 AND decided_at < ?2'
  const { results } = await db
    .prepare(`SELECT DISTINCT account ${over}`)
    .bind(facility, now - keptMs)
    .all<{ account: Id }>()
  // First the directory, while the claims still say whose they were.
  for (const { account } of results) await leaveHouse(env, facility, account, now)
  if (results.length > 0)
    await db.batch([
      db.prepare(`DELETE FROM content WHERE matter IN (SELECT id ${over})`).bind(facility, now - keptMs),
      db.prepare(`DELETE ${over}`).bind(facility, now - keptMs),
    ])
}
