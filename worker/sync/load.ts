// All that a sync has to know, read in one trip to the house's ledger.
import type { Actor, OfficerRole, Role } from '#db/actor.ts'
import type { Place } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import type { Matter, Tie } from '#db/matter.ts'
import type { HouseKind, Settings } from '#db/settings.ts'
import { settingsOf, tiesOf, tiesToActSql, type TieRow } from '#worker/house/ties.ts'
import { type NewsRow, newsStatements, type News, readNews } from './feed.ts'

/** Who asks, as the identity knows them: an account, or an enrolled kiosk under its own id. */
export interface Asker {
  readonly account: Id
  readonly kiosk: boolean
}

/** What a request touches in one house. */
export interface Touch {
  /** ids of the commands that it brings or asks after */
  readonly commands: readonly Id[]
  readonly matters: readonly Id[]
  /** how many of the house's events this device has read; undefined for a device that is new here */
  readonly cursor: Place | undefined
}

/** A command that took effect before. */
export interface Known {
  readonly digest: string | null
  readonly hash: string
  readonly version: number
  readonly state: string
  readonly at: number
  readonly due: number | null
}

export interface Before {
  readonly actor: Actor
  readonly ties: readonly Tie[]
  readonly settings: Settings
  readonly matters: ReadonlyMap<Id, { readonly matter: Matter; readonly hash: string }>
  /** subjects that have a chain in the record and are no matter: their ids are not free */
  readonly taken: ReadonlySet<Id>
  readonly known: ReadonlyMap<Id, Known>
  readonly refused: ReadonlyMap<Id, { readonly digest: string; readonly code: string; readonly field: string | null }>
  readonly news: News
}

/** Columns of `matter` as `Matter` names them; SQLite's 0 and 1 become booleans in `matterOf`. */
export const matterColumns = (m: string): string =>
  [
    'id',
    'facility',
    'kind',
    'tie',
    'detainee',
    'account',
    'agent',
    'state',
    'version',
    'edition',
    'since',
    'due',
    'decider',
    'appealed',
  ]
    .map((column) => `${m}.${column}`)
    .join(', ')

export type MatterRow = Omit<Matter, 'appealed' | 'agent'> & { readonly appealed: 0 | 1; readonly agent: Id | null }

export function matterOf(row: MatterRow): Matter {
  const { id, facility, kind, tie, detainee, account, state, version, edition, since, due, decider, agent } = row
  const appealed = row.appealed === 1
  const made = agent === null ? {} : { agent }
  return { id, facility, kind, tie, detainee, account, state, version, edition, since, due, decider, appealed, ...made }
}

interface HouseRow {
  readonly kind: HouseKind
  /** JSON `{kind: KindSettings}`: what the house has set itself */
  readonly settings: string
  /** how many events the house has */
  readonly size: number
}

const houseSql = `
  SELECT h.kind,
    (SELECT json_group_object(s.kind, json(s.settings)) FROM setting s WHERE s.facility = h.id) AS settings,
    (SELECT 1 + coalesce(max(position), -1) FROM event WHERE facility = h.id) AS size
  FROM house h WHERE h.id = ?1`

const officerSql = `SELECT roles FROM officer WHERE facility = ?1 AND account = ?2 AND disabled_at IS NULL`

const peopleSql = `
  SELECT d.id FROM kiosk k JOIN detainee d ON d.facility = k.facility AND d.cell = k.cell AND d.left_at IS NULL
  WHERE k.facility = ?1 AND k.id = ?2 AND k.revoked_at IS NULL`

// The next three begin with what is wanted. CROSS JOIN keeps that order: left to itself, SQLite reads through all that
// the account has ever written.
const mattersSql = `
  SELECT ${matterColumns('m')}, e.matter AS subject, e.hash
  FROM json_each(?1) wanted
  CROSS JOIN event e ON e.matter = wanted.value AND e.seq = (SELECT max(seq) FROM event WHERE matter = wanted.value)
  LEFT JOIN matter m ON m.id = wanted.value`

const knownSql = `
  SELECT e.command, e.matter, json_extract(e.body, '$.digest') AS digest, e.hash, e.seq AS version,
    json_extract(e.body, '$.state') AS state, json_extract(e.body, '$.at') AS at,
    json_extract(e.body, '$.due') AS due
  FROM json_each(?2) wanted CROSS JOIN event e ON e.actor = ?1 AND e.command = wanted.value JOIN matter m ON m.id = e.matter`

const refusedSql = `
  SELECT c.id, c.digest, c.code, c.field
  FROM json_each(?2) wanted CROSS JOIN command c ON c.account = ?1 AND c.id = wanted.value`

/**
 * @param now UTC milliseconds
 * @returns undefined where there is no such house in this ledger
 */
export async function load(
  database: D1Database,
  facility: Id,
  asker: Asker,
  touch: Touch,
  now: number,
): Promise<Before | undefined> {
  const { account, kiosk } = asker
  const named = (sql: string, ids: readonly Id[], ...first: Id[]) =>
    ids.length > 0 ? database.prepare(sql).bind(...first, JSON.stringify(ids)) : undefined
  const answers = await inOneTrip(database, [
    database.prepare(houseSql).bind(facility),
    kiosk ? undefined : database.prepare(officerSql).bind(facility, account),
    kiosk ? undefined : database.prepare(tiesToActSql).bind(facility, account),
    kiosk ? database.prepare(peopleSql).bind(facility, account) : undefined,
    named(mattersSql, touch.matters),
    named(knownSql, touch.commands, account),
    named(refusedSql, touch.commands, account),
    ...newsStatements(database, facility, asker, touch.cursor),
  ])
  const rows = <Row>(nth: number): Row[] => (answers[nth]?.results ?? []) as Row[]

  const house = rows<HouseRow>(0)[0]
  if (!house) return undefined
  const settings = settingsOf(house.kind, house.settings)
  const ties = tiesOf(rows<TieRow>(2), now)
  const roles = JSON.parse(rows<{ roles: string }>(1)[0]?.roles ?? '[]') as OfficerRole[]
  const people = asker.kiosk ? rows<{ id: Id }>(3).map((person) => person.id) : undefined
  const actor = actorOf(asker, facility, roles, ties, people)

  const known = rows<Known & { command: Id; matter: Id }>(5)
  const touched = rows<MatterRow & { subject: Id; hash: string }>(4)
  return {
    actor,
    ties,
    settings,
    matters: new Map(touched.filter((row) => row.id).map((row) => [row.id, { matter: matterOf(row), hash: row.hash }])),
    taken: new Set(touched.filter((row) => !row.id).map((row) => row.subject)),
    known: new Map(known.map((row) => [row.command, row])),
    refused: new Map(
      rows<{ id: Id; digest: string; code: string; field: string | null }>(6).map((row) => [row.id, row]),
    ),
    news: readNews(answers.slice(7) as D1Result<NewsRow>[], actor, ties, touch.cursor, {
      size: house.size,
      own: new Set(known.map(({ matter, version }) => `${matter} ${version}`)),
    }),
  }
}

/** @param questions undefined where it is known beforehand that nothing would be found: a phone that only asks for news */
async function inOneTrip(
  database: D1Database,
  questions: readonly (D1PreparedStatement | undefined)[],
): Promise<(D1Result | undefined)[]> {
  const answers = (await database.batch(questions.filter((question) => question !== undefined))).values()
  return questions.map((question) => question && answers.next().value)
}

function actorOf(
  asker: Asker,
  facility: Id,
  officer: readonly OfficerRole[],
  ties: readonly Tie[],
  people: readonly Id[] | undefined,
): Actor {
  if (people) return { account: asker.account, facility, roles: ['kiosk'], people }
  const roles: Role[] = [...officer]
  if (ties.length > 0) roles.push('relative')
  return { account: asker.account, facility, roles }
}
