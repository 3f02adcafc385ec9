// Erasure: when somebody has left and the house's time is over, their name and all that was written goes, and that of
// relatives who have nobody else. What stays are the record's hashes and codes, which prove themselves without it.
// Whatever is to be erased is put on a list first (list.ts); each step may be killed, and is done again.
import { directory } from '#db/directory.ts'
import { heldInDirectory, heldInLedger, type Held } from '#db/held.ts'
import { retentionIn, type Retention } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { idFrom } from '#db/record.ts'
import { sql } from 'drizzle-orm'
import type { Env } from '../env.ts'
import { hashOf } from '../house/code.ts'
import { endUnansweredClaims } from '../house/claims.ts'
import { endUnansweredEngagements } from '../house/engagements.ts'
import { leaveHouse } from '../house/leave.ts'
import { photoKey } from '../house/photos.ts'
import { append } from '../record/append.ts'
import { channels } from '../sync/feed.ts'
import { list, listed, type Listed } from './list.ts'

/** How many people, or accounts, one run goes through. */
const atOnce = 5
/** How many idle accounts a house puts on the list in one night. */
const accountsAtOnce = 100
/** How many texts one run deletes before others have their turn. */
const textsAtOnce = 500
const DAY_MS = 86_400_000
/** So long a relative's phone can still hear that it has to forget somebody. */
const toldMs = 90 * DAY_MS

/**
 * One bounded step of it. Accounts and people that are on the list and stand here are gone before anything else: the
 * database may have been put back to an earlier day.
 *
 * @param now UTC milliseconds
 * @returns whether more waits
 */
export async function erasures(env: Env, facility: Id, now: number): Promise<boolean> {
  if (await eraseAccounts(env, now)) return true
  if (await erasePeople(env, facility, now)) return true
  await stopTelling(env, facility, now)
  if (!isNight(now)) return false
  const retention = await retentionOf(env, facility)
  if (await endUnanswered(env, facility, now - retention.answerDays * DAY_MS, now)) return true
  const due = await peopleDue(env, facility, retention, now)
  for (const person of due) await list(env, facility, person)
  const idle = await idleAccounts(env, now)
  for (const account of idle) await list(env, 'accounts', account)
  return due.length + idle.length > 0
}

/** What nobody has answered for so long is declined by the house itself, and forgotten as what was declined is. */
async function endUnanswered(env: Env, facility: Id, before: number, now: number): Promise<boolean> {
  const claims = await endUnansweredClaims(env, facility, before, now)
  const engagements = await endUnansweredEngagements(env, facility, before, now)
  return claims || engagements
}

/** One to five o'clock in the house's zone (UTC+8, without summer time). */
const isNight = (now: number): boolean => {
  const hour = new Date(now + 8 * 3_600_000).getUTCHours()
  return hour >= 1 && hour < 5
}

async function retentionOf(env: Env, facility: Id): Promise<Retention> {
  const house = await ledger(env, facility)
    .prepare(`SELECT retention FROM house WHERE id = ?`)
    .bind(facility)
    .first<{ retention: string | null }>()
  return retentionIn(house?.retention)
}

async function peopleDue(env: Env, facility: Id, { years }: Retention, now: number): Promise<Id[]> {
  const before = new Date(now)
  before.setUTCFullYear(before.getUTCFullYear() - years)
  const { results } = await ledger(env, facility)
    .prepare(`SELECT id FROM detainee WHERE facility = ? AND left_at <= ? ORDER BY left_at LIMIT ${atOnce}`)
    .bind(facility, before.getTime())
    .all<{ id: Id }>()
  return results.map(({ id }) => id)
}

/**
 * Accounts that no house knows of and in which nobody has signed in for a year: whoever claimed nothing, and whoever's
 * claims are forgotten. The directory is looked through once a night by each house, however many accounts it has.
 */
async function idleAccounts(env: Env, now: number): Promise<Id[]> {
  if (now % DAY_MS >= nightMs + 2 * 60_000 || now % DAY_MS < nightMs) return []
  const { results } = await directory(env)
    .$client.prepare(idleSql)
    .bind(now - (Number(env.IDLE_ACCOUNT_DAYS) || idleDaysByDefault) * DAY_MS)
    .all<{ id: Id }>()
  return results.map(({ id }) => id)
}

/** Source: 个人信息保护法（2021）第十九条, no longer than is needed; 第四十七条, erased when the purpose is over. */
const idleDaysByDefault = 365
/** One o'clock at night in the house's zone, in UTC. */
const nightMs = 17 * 3_600_000

const idleSql = `
  SELECT u.id FROM user u WHERE u.officer = 0 AND u.created_at < ?1
    AND NOT EXISTS (SELECT 1 FROM reach WHERE account = u.id)
    AND NOT EXISTS (SELECT 1 FROM session WHERE user_id = u.id AND updated_at >= ?1)
    AND NOT EXISTS (SELECT 1 FROM known_device WHERE account = u.id AND since >= ?1)
    AND NOT EXISTS (SELECT 1 FROM passkey WHERE account = u.id AND used_at >= ?1)
    AND NOT EXISTS (SELECT 1 FROM document WHERE account = u.id AND stated_at >= ?1)
  LIMIT ${accountsAtOnce}`

async function erasePeople(env: Env, facility: Id, now: number): Promise<boolean> {
  const last = await ledger(env, facility)
    .prepare(`SELECT max(entry) AS entry FROM erasure WHERE facility = ?`)
    .bind(facility)
    .first<{ entry: Id | null }>()
  const waiting = await listed(env, facility, last?.entry ?? undefined, atOnce)
  for (const entry of waiting) if (!(await erasePerson(env, facility, entry, now))) return true
  return waiting.length > 0
}

/** @returns false where more of their texts wait */
async function erasePerson(env: Env, facility: Id, { entry, subject: person }: Listed, now: number): Promise<boolean> {
  const db = ledger(env, facility)
  const texts = await db
    .prepare(
      `DELETE FROM content WHERE rowid IN (SELECT rowid FROM content WHERE ${heldInLedger['content']?.person} LIMIT ${textsAtOnce})`,
    )
    .bind(person, facility)
    .run()
  if (texts.meta.changes === textsAtOnce) return false

  const { gone, telling } = await relativesOf(env, facility, person)
  // First photos and accounts, while the ties still say whose they are.
  await deletePapers(env, facility, person)
  for (const account of gone) {
    await deletePhotos(env, facility, account)
    await eraseAccount(env, await list(env, 'accounts', account), now)
  }
  const deletes = (kind: 'person' | 'account', id: Id) =>
    rowsOf(heldInLedger, kind).map((statement) => db.prepare(statement).bind(id, facility))
  await append(
    env,
    facility,
    { account: facility, role: 'system' },
    [{ subject: person, move: 'erase', command: idFrom(`erase ${entry}`) }],
    () => [
      ...gone.flatMap((account) => deletes('account', account)),
      ...telling.map((account) => forgets(db, facility, person, channels.account(facility, account))),
      forgets(db, facility, person, channels.house(facility)),
      db.prepare(leaveCellSql).bind(person, facility),
      ...deletes('person', person),
      db
        .prepare(`INSERT INTO erasure (facility, entry, subject, at, telling) VALUES (?, ?, ?, ?, ?)`)
        .bind(facility, entry, person, now, JSON.stringify(telling)),
    ],
    now,
  )
  return true
}

/** What a reader holds of somebody leaves their devices with the next sync. */
const forgets = (db: D1Database, facility: Id, person: Id, channel: string) =>
  db
    .prepare(
      `UPDATE feed SET what = 'gone', position = (SELECT max(position) FROM event WHERE facility = ?2)
       WHERE channel = ?1 AND subject IN
         (SELECT id FROM matter WHERE detainee = ?3 UNION ALL SELECT id FROM kinship WHERE detainee = ?3
          UNION ALL SELECT id FROM engagement WHERE detainee = ?3)`,
    )
    .bind(channel, facility, person)

const leaveCellSql = `
  UPDATE feed SET what = 'gone', position = (SELECT max(position) FROM event WHERE facility = ?2)
  WHERE subject = ?1 AND channel IN (SELECT 'cell:' || ?2 || ':' || cell FROM kiosk WHERE facility = ?2)`

/** Rows that are deleted for somebody, in the order of the table. */
const rowsOf = (tables: Readonly<Record<string, Held>>, kind: 'person' | 'account'): string[] =>
  Object.entries(tables).flatMap(([table, held]) =>
    held[kind] === undefined || held.kept !== undefined ? [] : [`DELETE FROM "${table}" WHERE ${held[kind]}`],
  )

/** Who is tied to nobody else, in any house, and who is and has to hear of it. */
async function relativesOf(env: Env, facility: Id, person: Id): Promise<{ gone: Id[]; telling: Id[] }> {
  const { results } = await ledger(env, facility)
    .prepare(
      `SELECT account FROM kinship WHERE detainee = ?1 AND facility = ?2
       UNION SELECT account FROM engagement WHERE detainee = ?1 AND facility = ?2
       UNION SELECT a.agent FROM kinship k JOIN mandate a ON a.tie = k.id AND a.agent IS NOT NULL
         WHERE k.detainee = ?1 AND k.facility = ?2`,
    )
    .bind(person, facility)
    .all<{ account: Id }>()
  const gone: Id[] = []
  const telling: Id[] = []
  for (const { account } of results)
    if (await isTied(env, account, facility, person)) telling.push(account)
    else gone.push(account)
  return { gone, telling }
}

/** Whether an account has somebody besides this person, asks for somebody, or is an officer's or a lawyer's. */
async function isTied(env: Env, account: Id, facility: Id, person: Id): Promise<boolean> {
  const known = await directory(env).all<{ facility: Id; stays: number | null }>(sql`
    SELECT reach.facility, user.officer OR EXISTS (SELECT 1 FROM lawyer WHERE lawyer.account = reach.account) AS stays
    FROM reach LEFT JOIN user ON user.id = reach.account WHERE reach.account = ${account}`)
  if (known.some(({ stays }) => stays === 1)) return true
  for (const house of new Set([facility, ...known.map((row) => row.facility)])) {
    const other = await ledger(env, house)
      .prepare(
        `SELECT 1 FROM kinship WHERE account = ?1 AND facility = ?2 AND detainee <> ?3
         UNION ALL SELECT 1 FROM mandate a JOIN kinship k ON k.id = a.tie AND k.detainee <> ?3
           WHERE a.agent = ?1 AND a.facility = ?2
         UNION ALL SELECT 1 FROM claim WHERE account = ?1 AND facility = ?2 AND decided_at IS NULL
         UNION ALL SELECT 1 FROM engagement WHERE account = ?1 AND facility = ?2 AND detainee IS NOT ?3 LIMIT 1`,
      )
      .bind(account, house, person)
      .first()
    if (other) return true
  }
  return false
}

/** The papers of who acts for them; one that is good for somebody else as well stays. */
async function deletePapers(env: Env, facility: Id, person: Id): Promise<void> {
  const { results } = await ledger(env, facility)
    .prepare(
      `SELECT e.account, p.hash FROM engagement e JOIN engagement_paper p ON p.engagement = e.id
       WHERE e.detainee = ?1 AND e.facility = ?2 AND NOT EXISTS (
         SELECT 1 FROM engagement other JOIN engagement_paper same ON same.engagement = other.id AND same.hash = p.hash
         WHERE other.account = e.account AND other.facility = ?2 AND other.detainee IS NOT ?1)`,
    )
    .bind(person, facility)
    .all<{ account: Id; hash: string }>()
  if (results.length > 0) await env.FILES.delete(results.map(({ account, hash }) => photoKey(facility, account, hash)))
}

async function deletePhotos(env: Env, facility: Id, account: Id): Promise<void> {
  for (;;) {
    const { objects, truncated } = await env.FILES.list({ prefix: `${facility}/${account}/` })
    if (objects.length > 0) await env.FILES.delete(objects.map(({ key }) => key))
    if (!truncated) return
  }
}

/** @returns whether some were waiting: the directory was put back to an earlier day */
async function eraseAccounts(env: Env, now: number): Promise<boolean> {
  const [last] = await directory(env).all<{ entry: Id | null }>(sql`SELECT max(entry) AS entry FROM erased_account`)
  const waiting = await listed(env, 'accounts', last?.entry ?? undefined, atOnce)
  for (const listed of waiting) await eraseAccount(env, listed, now)
  return waiting.length > 0
}

/** Their sessions end as those of a lost phone do: what it holds is gone when it next asks. */
async function eraseAccount(env: Env, { entry, subject: account }: Listed, now: number): Promise<void> {
  const db = directory(env).$client
  const { results } = await db
    .prepare(`SELECT token FROM session WHERE user_id = ?`)
    .bind(account)
    .all<{ token: string }>()
  const hashes = await Promise.all(results.map(({ token }) => hashOf(token)))
  await db.batch([
    ...hashes.map((hash) =>
      db
        .prepare(`INSERT INTO ended_session (token_hash, ended_at) VALUES (?, ?) ON CONFLICT DO NOTHING`)
        .bind(hash, now),
    ),
    ...rowsOf(heldInDirectory, 'account').map((statement) => db.prepare(statement).bind(account)),
    db
      .prepare(
        `INSERT INTO erased_account (account, entry) VALUES (?1, ?2) ON CONFLICT (account) DO UPDATE SET entry = ?2`,
      )
      .bind(account, entry),
  ])
}

/** After a season no phone of those who have somebody elsewhere needs this house any more. */
async function stopTelling(env: Env, facility: Id, now: number): Promise<void> {
  const db = ledger(env, facility)
  const { results } = await db
    .prepare(`SELECT entry, telling FROM erasure WHERE facility = ? AND at < ? AND telling <> '[]' LIMIT ${atOnce}`)
    .bind(facility, now - toldMs)
    .all<{ entry: Id; telling: string }>()
  for (const { entry, telling } of results) {
    for (const account of JSON.parse(telling) as Id[]) await leaveHouse(env, facility, account, now)
    await db.prepare(`UPDATE erasure SET telling = '[]' WHERE facility = ? AND entry = ?`).bind(facility, entry).run()
  }
}
