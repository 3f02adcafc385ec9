// `GET /api/houses/:facility`: all that the screens of its administration show.
import { count, eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { directory } from '#db/directory.ts'
import {
  mayDo,
  retentionIn,
  type ArrivalView,
  type ConsentView,
  type HouseView,
  type InviteView,
  type KioskView,
  type OfficerView,
  type PersonView,
  type TieView,
} from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Kind } from '#db/matters/index.ts'
import type { KindSettings } from '#db/settings.ts'
import { passkey, reach } from '#db/tables/directory.ts'
import type { Env } from '../env.ts'
import { claimViews, openClaimsSql, type OpenClaimRow } from './claims.ts'
import { engagementsSql, engagementViews, type EngagementRow } from './engagements.ts'
import { may, type InHouse } from './may.ts'
import { settingsOf } from './ties.ts'
import { othersThan } from './transfers.ts'

/** Who left or whose tie ended longer ago is not listed any more; the record keeps it. */
const LISTED_MS = 90 * 24 * 3_600_000

export const view = new Hono<InHouse>().get('/', ...may('view'), async (c) => {
  const { house, actor } = c.var.post
  const [people, ties, invites, consents, officers, kiosks, settings, claims, [kept], engagements, arrivals] =
    await read(ledger(c.env, house.id), house.id)
  const admin = actor.roles.includes('admin')
  const seesOfficers = mayDo('reset', actor.roles)
  const keys = seesOfficers ? await passkeysIn(c.env, house.id) : new Map<Id, number>()
  const own = Object.fromEntries(settings.map((row) => [row.kind, JSON.parse(row.settings) as KindSettings]))

  const answer: HouseView = {
    house,
    settings: settingsOf(house.kind, JSON.stringify(own)),
    own: settings.map((row) => row.kind),
    retention: retentionIn(kept?.retention),
    people: people.map((row) => ({
      ...row,
      locked: row.locked === 1,
      case: mayDo('cases', actor.roles) ? row.case : null,
    })),
    ties: ties.map(({ shut, ban, mandates, ...tie }) => ({
      ...tie,
      mandates: mayDo('mandates', actor.roles) ? (JSON.parse(mandates) as TieView['mandates']) : [],
      shut: JSON.parse(shut) as TieView['shut'],
      ban: JSON.parse(ban) as TieView['ban'],
    })),
    arrivals: mayDo('arrivals', actor.roles) ? arrivals : [],
    others: mayDo('leave', actor.roles) ? await othersThan(c.env, house.id) : [],
    invites: mayDo('invites', actor.roles) ? invites : [],
    claims: mayDo('claims', actor.roles) ? claimViews(claims) : [],
    consents,
    engagements: mayDo('engagements', actor.roles) ? engagementViews(engagements) : [],
    officers: seesOfficers
      ? officers.map((row) => ({
          ...row,
          roles: JSON.parse(row.roles) as OfficerView['roles'],
          passkeys: keys.get(row.account) ?? 0,
        }))
      : [],
    kiosks: admin ? kiosks : [],
  }
  return c.json(answer)
})

type Rows = [
  (Omit<PersonView, 'locked'> & { locked: number })[],
  (Omit<TieView, 'shut' | 'ban' | 'mandates'> & { shut: string; ban: string; mandates: string })[],
  InviteView[],
  ConsentView[],
  (Omit<OfficerView, 'roles' | 'passkeys'> & { roles: string })[],
  KioskView[],
  { kind: Kind; settings: string }[],
  OpenClaimRow[],
  { retention: string | null }[],
  EngagementRow[],
  ArrivalView[],
]

async function read(db: D1Database, facility: Id): Promise<Rows> {
  const now = Date.now()
  const since = now - LISTED_MS
  const ask = (sql: string, ...given: number[]) => db.prepare(sql).bind(facility, ...given)
  const answers = await db.batch([
    ask(
      `SELECT d.id, d.number, d.name, d.status, d.cell, d.born, d.locked_at > d.opened_at AS locked, d.left_at AS leftAt,
         d.case_group AS "case", x.to_name AS movedTo, x.state AS moved
       FROM detainee d LEFT JOIN departure x ON x.detainee = d.id
       WHERE d.facility = ?1 AND (d.left_at IS NULL OR d.left_at > ?2) ORDER BY d.cell, d.number`,
      since,
    ),
    ask(
      `SELECT id, detainee AS person, name, kin, since, ended_at AS endedAt, shut, of_age_at AS ofAgeAt, adult,
         iif(banned_until > ?3, json_object('until', banned_until, 'reason', ban_reason, 'note', ban_note), 'null') AS ban,
         (SELECT json_group_array(json_object('id', m.id, 'ground', m.ground, 'name', m.name, 'until', m.until,
            'since', m.since, 'paper', m.paper)) FROM mandate m WHERE m.tie = kinship.id AND m.ended_at IS NULL
            AND m.until > ?3 AND (m.agent IS NOT NULL OR m.expires_at > ?3)) AS mandates
       FROM kinship WHERE facility = ?1 AND (ended_at IS NULL OR ended_at > ?2) ORDER BY since`,
      since,
      now,
    ),
    ask(
      `SELECT detainee AS person, name, kin, expires_at AS expiresAt
       FROM invite WHERE facility = ?1 AND kinship IS NULL AND expires_at > ?2 ORDER BY expires_at`,
      now,
    ),
    ask(
      `SELECT kinship.id AS tie, consent.kind, consent."from", consent."until", consent.document
       FROM consent JOIN kinship ON kinship.detainee = consent.detainee AND kinship.account = consent.account
       WHERE kinship.facility = ?1 AND (consent."until" IS NULL OR consent."until" > ?2) ORDER BY consent."from"`,
      now,
    ),
    ask(
      `SELECT account, name, roles, disabled_at AS disabledAt
       FROM officer WHERE facility = ?1 ORDER BY disabled_at IS NOT NULL, name`,
    ),
    ask(
      `SELECT id, name, cell, CASE WHEN revoked_at IS NOT NULL THEN 'revoked'
                                   WHEN enrol_hash IS NOT NULL THEN 'waiting' ELSE 'enrolled' END AS state
       FROM kiosk WHERE facility = ?1 ORDER BY revoked_at IS NOT NULL, cell, name`,
    ),
    ask(`SELECT kind, settings FROM setting WHERE facility = ?1`),
    ask(openClaimsSql),
    ask(`SELECT retention FROM house WHERE id = ?1`),
    ask(engagementsSql),
    ask(
      `SELECT person AS id, number, name, status, born, from_name AS "from", at FROM arrival
       WHERE facility = ?1 AND state = 'expected' ORDER BY at`,
    ),
  ])
  return answers.map((answer) => answer.results) as unknown as Rows
}

/** With how many passkeys each officer can sign in. */
async function passkeysIn(env: Env, facility: Id): Promise<ReadonlyMap<Id, number>> {
  const rows = await directory(env)
    .select({ account: passkey.account, count: count() })
    .from(passkey)
    .innerJoin(reach, eq(reach.account, passkey.account))
    .where(eq(reach.facility, facility))
    .groupBy(passkey.account)
  return new Map(rows.map(({ account, count }) => [account, count]))
}
