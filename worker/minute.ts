// The house's minute: what is owed by the clock and the rules, and the signed head of the record. Its moves have ids
// made from (matter, move, due time), so that running late or twice changes nothing.
import type { Actor } from '#db/actor.ts'
import type { Command } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { kinds } from '#db/matters/index.ts'
import { idFrom } from '#db/record.ts'
import { defaults, statuses } from '#db/settings.ts'
import type { Env } from '#worker/env.ts'
import { endBans } from '#worker/house/bans.ts'
import { forgetClaims } from '#worker/house/claims.ts'
import { forgetEngagements } from '#worker/house/engagements.ts'
import { endMandates } from '#worker/house/mandates.ts'
import { checkpoint } from '#worker/record/checkpoint.ts'
import { protocol } from '#db/upcast.ts'
import { fold, givenOf, randomSalt } from '#worker/sync/fold.ts'
import { load, matterColumns, type MatterRow } from '#worker/sync/load.ts'
import { save } from '#worker/sync/save.ts'
import { forgetPartsSql } from '#worker/sync/upload.ts'

/** How many matters one run moves for each reason; the alarm comes again at once while there are more. */
const atOnce = 50
const DAY_MS = 86_400_000

/** A waiting matter whose time has run out. */
const expiredSql = `
  SELECT ${matterColumns('m')} FROM matter m
  WHERE m.facility = ?1 AND m.awaits IN ('desk', 'relative') AND m.due <= ?2
    AND m.state IN (SELECT value FROM json_each(?3)) ORDER BY m.due LIMIT ${atOnce}`

/** What a person's status opens now: what the house has set itself, or the default of its kind of house. */
const accessSql = `coalesce(json_extract(s.settings, '$.access.' || d.status),
  (SELECT value FROM json_each(?3) WHERE key = h.kind || ' ' || d.status || ' ' || m.kind))`

/** A matter that waits for a consent which has come, or is no longer needed. */
const consentedSql = `
  SELECT ${matterColumns('m')} FROM matter m
  JOIN detainee d ON d.id = m.detainee
  JOIN house h ON h.id = m.facility
  LEFT JOIN setting s ON s.facility = m.facility AND s.kind = m.kind
  LEFT JOIN consent c ON c.detainee = m.detainee AND c.account = m.account AND c.kind = m.kind
    AND (c.until IS NULL OR c.until > ?2)
  WHERE m.facility = ?1 AND m.awaits = 'desk' AND m.state = 'awaitingConsent'
    AND (c.document IS NOT NULL OR ${accessSql} = 'open')
  ORDER BY m.due LIMIT ${atOnce}`

/**
 * What was asked for before the law for it changed: a person's status, or a leave that was taken back or refused. What
 * is closed now ends; what needs a leave that nobody has given comes back to wait for one; what was refused is declined.
 */
const changedSql = `
  WITH changed AS (
    SELECT d.id AS detainee, NULL AS account, NULL AS kind, d.status_at AS at, 0 AS refused FROM detainee d
    WHERE d.facility = ?1 AND d.status_at > ?2 - ${30 * DAY_MS}
    UNION ALL SELECT c.detainee, c.account, c.kind, c.ended_at, c.refused FROM consent c
    JOIN detainee d ON d.id = c.detainee AND d.facility = ?1 WHERE c.ended_at > ?2 - ${30 * DAY_MS}
  )
  SELECT ${matterColumns('m')},
    CASE WHEN ${accessSql} = 'closed' THEN 'close' WHEN m.state = 'awaitingConsent' THEN 'refuseConsent' ELSE 'suspend' END AS move
  FROM changed
  JOIN matter m ON m.detainee = changed.detainee AND m.account = coalesce(changed.account, m.account)
    AND m.kind = coalesce(changed.kind, m.kind) AND m.state IN (SELECT value FROM json_each(?4))
  JOIN detainee d ON d.id = m.detainee AND d.left_at IS NULL
  JOIN house h ON h.id = m.facility
  LEFT JOIN setting s ON s.facility = m.facility AND s.kind = m.kind
  LEFT JOIN consent c ON c.detainee = m.detainee AND c.account = m.account AND c.kind = m.kind
    AND (c.until IS NULL OR c.until > ?2)
  WHERE (SELECT json_extract(e.body, '$.at') FROM event e WHERE e.matter = m.id AND e.seq = m.edition) <= changed.at
    AND CASE WHEN ${accessSql} = 'closed' THEN changed.account IS NULL
      WHEN ${accessSql} = 'consent' AND c.document IS NULL
        THEN m.state IN (SELECT value FROM json_each(?5)) OR (changed.refused AND m.state = 'awaitingConsent') END
  LIMIT ${atOnce}`

/**
 * An unfinished matter of somebody who has left, or of a tie that has ended; what ended long ago was closed then. What
 * waits for an officer of somebody who goes to another house goes along (worker/house/transfers.ts).
 */
const endedSql = `
  WITH ended AS (
    SELECT d.id AS detainee, NULL AS tie, d.left_because AS because FROM detainee d
    WHERE d.facility = ?1 AND d.left_at > ?2 - ${30 * DAY_MS}
    UNION ALL SELECT k.detainee, k.id, 'tieEnded' FROM kinship k WHERE k.facility = ?1 AND k.ended_at > ?2 - ${30 * DAY_MS}
  )
  SELECT ${matterColumns('m')},
    iif(m.kind IN (SELECT value FROM json_each(?4)) AND m.awaits <> 'relative'
      AND EXISTS (SELECT 1 FROM departure x WHERE x.detainee = m.detainee AND x.state = 'leaving')
      AND EXISTS (SELECT 1 FROM kinship k WHERE k.id = m.tie AND k.ended_at IS NULL),
      'follows', ended.because) AS because
  FROM ended JOIN matter m ON m.detainee = ended.detainee
    AND m.state IN (SELECT value FROM json_each(?3)) AND m.tie = coalesce(ended.tie, m.tie)
  LIMIT ${atOnce}`

/** What was approved before its writer was banned and has not been handed over: a reviewer looks at it once more. */
const bannedSql = `
  SELECT ${matterColumns('m')} FROM kinship k JOIN matter m ON m.detainee = k.detainee AND m.tie = k.id
    AND m.state IN (SELECT value FROM json_each(?3)) AND m.since <= k.banned_from
  WHERE k.facility = ?1 AND k.banned_until > ?2 LIMIT ${atOnce}`

/**
 * @param now UTC milliseconds
 * @returns the matters that moved, and whether more waits
 */
export async function minute(env: Env, facility: Id, now: number): Promise<{ moved: readonly Id[]; more: boolean }> {
  const database = ledger(env, facility)
  await endBans(env, facility, now)
  await endMandates(env, facility, now)
  await forgetClaims(env, facility, now)
  await forgetEngagements(env, facility, now)
  const [ended, consented, expired, changed, banned] = await database.batch<DueRow>([
    database
      .prepare(endedSql)
      .bind(facility, now, JSON.stringify(statesBefore('close')), JSON.stringify(kindsThatFollow)),
    database.prepare(consentedSql).bind(facility, now, JSON.stringify(accessByDefault)),
    database.prepare(expiredSql).bind(facility, now, JSON.stringify(statesBefore('expire'))),
    database
      .prepare(changedSql)
      .bind(
        facility,
        now,
        JSON.stringify(accessByDefault),
        JSON.stringify(statesBefore('close')),
        JSON.stringify(statesBefore('suspend')),
      ),
    database.prepare(bannedSql).bind(facility, now, JSON.stringify(statesBefore('recall'))),
    database.prepare(forgetPartsSql).bind(facility, now),
  ])
  const wishes = [
    ...(ended?.results ?? []).map((row) => wish(row, 'close', now, { because: row.because })),
    ...(consented?.results ?? []).map((row) => wish(row, 'proceed', now)),
    ...(expired?.results ?? []).map((row) => wish(row, 'expire', now)),
    ...(changed?.results ?? []).map((row) =>
      wish(row, row.move ?? '', now, row.move === 'close' ? { because: 'notOpen' } : undefined),
    ),
    ...(banned?.results ?? []).map((row) => wish(row, 'recall', now)),
  ]
  const moved = wishes.length === 0 ? [] : await moveAll(database, facility, wishes, now)
  const unsigned = await checkpoint(database, facility, env, now)
  return { moved, more: unsigned || moved.length >= atOnce }
}

type DueRow = MatterRow & { readonly because?: string; readonly move?: string }

/** A command whose id is made from what it does: SHA-256(matter, move, due time), cut to the shape of an id. */
function wish(row: DueRow, move: string, now: number, input?: Record<string, unknown>): Command {
  const { id, facility, kind, edition, version, due } = row
  const named = idFrom(`${id} ${move} ${due ?? version}`)
  return { id: named, facility, matter: id, kind, move, base: edition, at: now, ...(input && { input }) }
}

async function moveAll(database: D1Database, facility: Id, wishes: readonly Command[], now: number): Promise<Id[]> {
  const touch = { commands: wishes.map(({ id }) => id), matters: wishes.map(({ matter }) => matter), cursor: undefined }
  const before = await load(database, facility, { account: facility, kiosk: false }, touch, now)
  if (!before) throw new Error('a house that is not in its ledger')

  const actor: Actor = { account: facility, facility, roles: ['system'] }
  const given = wishes.map((made) => givenOf(made, protocol))
  const { writes } = fold({ ...before, actor }, given, { now, salt: randomSalt })
  const written = await save(database, facility, writes)
  return writes.events.filter((event) => written.events.has(event.hash)).map((event) => event.matter)
}

const kindsThatFollow = [...kinds].flatMap(([kind, { moves }]) => (moves.has('follow') ? [kind] : []))

const statesBefore = (move: string): string[] => [
  ...new Set([...kinds.values()].flatMap((lifecycle) => lifecycle.moves.get(move)?.from ?? [])),
]

/** `detention serving letter`: what holds without a house having set it. */
const accessByDefault = Object.fromEntries(
  Object.entries(defaults).flatMap(([house, settings]) =>
    Object.entries(settings).flatMap(([kind, { access }]) =>
      statuses.map((status) => [`${house} ${status} ${kind}`, access[status]]),
    ),
  ),
)
