// What a reader has not heard yet. The house's one order of events is the clock: a cursor is how many of them a
// device has read, and a channel keeps only the newest entry of each subject.
import { reached, limitBytes, type Place, type Places } from '#db/command.ts'
import { own, type Actor } from '#db/actor.ts'
import { readingOf } from '#db/decide.ts'
import type { Id } from '#db/id.ts'
import type { About, Change, Content, Facts, Inmate, Kin, Step, Tie } from '#db/matter.ts'
import type { Role } from '#db/actor.ts'
import type { Status } from '#db/settings.ts'
import { matterColumns, matterOf, type Asker, type MatterRow } from './load.ts'

/** The channels on which news travel; what an event says to whom is in `worker/sync/tell.ts`. */
export const channels = {
  /** an account's news of one house: its positions mean nothing in another, whose ledger may be in the same database */
  account: (facility: Id, account: Id) => `account:${facility}:${account}`,
  /** everybody with a post in the house; each reads of it what their roles may read */
  house: (facility: Id) => `house:${facility}`,
  /** the kiosks of a cell: who is in it */
  cell: (facility: Id, cell: string) => `cell:${facility}:${cell}`,
  /** the letters of a person, for the kiosks of their cell */
  person: (detainee: Id) => `person:${detainee}`,
} as const

/** News of one answer, before it is cut to what the phone takes at once. */
export interface News {
  /** one with neither `change` nor `gone` tells this reader nothing new */
  readonly entries: readonly { readonly position: number; readonly change?: Change; readonly gone?: Id }[]
  /** whether the page was full, so that there may be more */
  readonly full: boolean
  /** of what comes later than this the reader is told all, and knows what came before */
  readonly since: number
  /** how many events the house had when this was read */
  readonly size: number
}

/** How many entries one sync looks at; bytes bound the answer further. */
const pageEntries = 100

/**
 * How far the device has read, as SQL. A cursor beyond the house's last event is from before the ledger was put back to
 * an earlier day, or from a broken disk: it reads like a new device, so that nothing is passed over.
 */
const readSql = `(SELECT ?4 WHERE ?4 <= (SELECT 1 + coalesce(max(position), -1) FROM event WHERE facility = ?1))`

/**
 * The readers' channels as SQL, so that nothing has to be asked first. ?1 facility, ?2 account or kiosk,
 * ?3 whether it is a kiosk, ?4 cursor (null for a new device: an officer's begins with the queue, not with history).
 */
const channelSql = `
  SELECT 'account:' || ?1 || ':' || ?2 AS channel WHERE NOT ?3
  UNION ALL SELECT 'house:' || ?1 WHERE ${readSql} IS NOT NULL AND NOT ?3
    AND EXISTS (SELECT 1 FROM officer WHERE facility = ?1 AND account = ?2 AND disabled_at IS NULL)
  UNION ALL SELECT 'cell:' || k.facility || ':' || k.cell FROM kiosk k
    WHERE ?3 AND k.facility = ?1 AND k.id = ?2 AND k.revoked_at IS NULL
  UNION ALL SELECT 'person:' || d.id FROM kiosk k JOIN detainee d ON d.facility = k.facility AND d.cell = k.cell
    WHERE ?3 AND k.facility = ?1 AND k.id = ?2 AND k.revoked_at IS NULL AND d.left_at IS NULL`

const pageSql = `
  WITH page AS (
    SELECT f.subject, f.position, f.what, f.channel FROM feed f
    WHERE f.channel IN (SELECT channel FROM (${channelSql})) AND f.position >= coalesce(${readSql}, 0)
    ORDER BY f.position LIMIT ${pageEntries}
  )`

/**
 * A relative's phone has kept what it heard before, which ends at ?5; officers and kiosks may see a matter for the first
 * time.
 */
const sinceSql = `(page.channel NOT LIKE 'account:%' OR ${readSql} IS NULL OR e.position >= ?5)`

export const stepColumns = `e.matter, e.seq, json_extract(e.body, '$.at') AS at, json_extract(e.body, '$.move') AS move,
  json_extract(e.body, '$.state') AS state, json_extract(e.body, '$.role') AS role,
  json_extract(e.body, '$.facts') AS facts, o.name, (SELECT a.name FROM mandate a JOIN matter made
    ON made.id = e.matter AND made.tie = a.tie WHERE a.agent = e.actor ORDER BY a.since DESC LIMIT 1) AS agent`

export const aboutColumns = `d.name AS person, d.number, d.cell, d.status, k.name AS relative, k.kin,
  k.banned_until AS bannedUntil,
  (SELECT name FROM mandate a WHERE a.tie = m.tie AND a.agent = m.agent ORDER BY a.since DESC LIMIT 1) AS agentName`

const entriesSql = `${pageSql} SELECT page.subject, page.position, page.what, page.channel FROM page ORDER BY page.position`

const newsMattersSql = `${pageSql} SELECT DISTINCT ${matterColumns('m')}, ${aboutColumns}
  FROM page JOIN matter m ON m.id = page.subject JOIN detainee d ON d.id = m.detainee JOIN kinship k ON k.id = m.tie`

const stepsSql = `${pageSql} SELECT DISTINCT ${stepColumns}
  FROM page JOIN event e ON e.matter = page.subject AND page.what = 'matter' AND ${sinceSql}
  LEFT JOIN officer o ON o.facility = e.facility AND o.account = e.actor ORDER BY e.matter, e.seq`

const contentsSql = `${pageSql} SELECT DISTINCT c.matter, c.seq, c.body
  FROM page JOIN event e ON e.matter = page.subject AND page.what = 'matter' AND ${sinceSql}
  JOIN content c ON c.matter = e.matter AND c.seq = e.seq ORDER BY c.matter, c.seq`

const inmatesSql = `${pageSql} SELECT DISTINCT d.id, d.number, d.name, d.pin_salt AS pinSalt, d.pin_hash AS pinHash,
    d.locked_at AS lockedAt, d.opened_at AS openedAt
  FROM page JOIN detainee d ON d.id = page.subject AND page.what = 'inmate'`

export type NewsRow = Record<string, unknown>

export function newsStatements(
  database: D1Database,
  facility: Id,
  asker: Asker,
  cursor: Place | undefined,
): D1PreparedStatement[] {
  const [position, since] = cursor === undefined ? [null, null] : reached(cursor)
  const reader = [facility, asker.account, asker.kiosk ? 1 : 0, position]
  return [
    database.prepare(entriesSql).bind(...reader),
    database.prepare(newsMattersSql).bind(...reader),
    database.prepare(stepsSql).bind(...reader, since),
    database.prepare(contentsSql).bind(...reader, since),
    database.prepare(inmatesSql).bind(...reader),
  ]
}

interface EntryRow {
  readonly subject: Id
  readonly position: number
  readonly what: 'matter' | 'tie' | 'inmate' | 'gone'
}

export interface StepRow {
  readonly matter: Id
  readonly seq: number
  readonly at: number
  readonly move: string
  readonly state: string
  readonly role: Role
  readonly facts: string
  readonly name: string | null
  /** who acted in the owner's stead */
  readonly agent: string | null
}

export interface ContentRow {
  readonly matter: Id
  readonly seq: number
  readonly body: string
}

export interface AboutRow {
  readonly person: string
  readonly number: string
  readonly cell: string
  readonly status: Status
  readonly relative: string
  readonly kin: Kin
  readonly bannedUntil: number | null
  readonly agentName: string | null
}

/**
 * @param size how many events the house has
 * @param own `matter seq` of the steps that this request brings again or asks after: the answer says what became of
 * them, and whoever made them has their words
 */
export function readNews(
  answers: readonly D1Result<NewsRow>[],
  actor: Actor,
  ties: readonly Tie[],
  cursor: Place | undefined,
  { size, own }: { size: number; own: ReadonlySet<string> },
): News {
  const rows = <Row>(nth: number): Row[] => (answers[nth]?.results ?? []) as Row[]
  const entries = rows<EntryRow>(0)
  const matters = new Map(rows<MatterRow & AboutRow>(1).map((row) => [row.id, row]))
  const steps = byMatter(rows<StepRow>(2))
  const contents = byMatter(rows<ContentRow>(3))
  const inmates = new Map(rows<Inmate>(4).map((row) => [row.id, row]))

  const [position, since] = reached(cursor ?? 0)
  return {
    size,
    since: position <= size ? since : 0,
    full: entries.length === pageEntries,
    entries: entries.map(({ subject, position, what }) => {
      const row = matters.get(subject)
      const news = steps.get(subject) ?? []
      // when a tie ends its matters leave the phone, and what closes them afterwards does not bring them back
      const tie = ties.find(({ id }) => id === row?.tie)
      const untied = tie ? tie.ended : row?.agent === actor.account
      if (what === 'matter' && !untied && news.length > 0 && news.every(({ seq }) => own.has(`${subject} ${seq}`)))
        return { position }
      const change =
        what === 'matter' && row && !untied
          ? viewOf(actor, row, news, contents.get(subject) ?? [])
          : what === 'tie'
            ? wrap(
                'tie',
                ties.find((tie) => tie.id === subject),
              )
            : what === 'inmate'
              ? wrap('inmate', inmates.get(subject))
              : undefined
      return change ? { position, change } : { position, gone: subject }
    }),
  }
}

/** A matter as one reader may see it; undefined where they may not. */
export function viewOf(
  actor: Actor,
  row: MatterRow & AboutRow,
  steps: readonly StepRow[],
  contents: readonly ContentRow[],
): Change | undefined {
  const matter = matterOf(row)
  const reading = readingOf(actor, matter)
  if (!reading) return undefined
  const outside = actor.roles.every((role) => role === 'relative' || role === 'kiosk')
  const about: About = {
    person: row.person,
    number: row.number,
    cell: row.cell,
    status: row.status,
    relative: row.relative,
    kin: row.kin,
    ...(!outside && row.agentName !== null && { agent: row.agentName }),
    ...(!outside && row.bannedUntil !== null && { bannedUntil: row.bannedUntil }),
  }
  return {
    matter: outside ? { ...matter, decider: null } : matter,
    steps: steps.map((step) => stepOf(step, outside)),
    contents:
      reading === 'all' ? contents.map(({ seq, body }) => ({ seq, input: JSON.parse(body) as Content['input'] })) : [],
    ...(actor.roles.includes('relative') && own(actor, matter) ? {} : { about }),
  }
}

/** People outside are told what was done, by which role, never which officer did it. */
function stepOf({ seq, at, move, state, role, facts, name, agent }: StepRow, outside: boolean): Step {
  const by = agent === null ? {} : { by: agent }
  const step = { seq, at, move, state, role, ...by, facts: JSON.parse(facts) as Facts }
  return outside || name === null ? step : { ...step, name }
}

/**
 * The part of the news that fits into one answer, the place of each change in it, and how far the cursor may go. What
 * one event says of several subjects stands at one place.
 *
 * @param bytes what the phone takes at once; the first place is always let through, or nothing ever would be. 0 where it
 * wants only fates
 * @param own positions that this request itself wrote: the phone knows them, so the cursor may step over them
 */
export function cut(
  facility: Id,
  news: News,
  bytes: number,
  own: readonly number[],
): { changes: Change[]; places: Places | undefined; gone: Id[]; cursor: Place; more: boolean } {
  const changes: Change[] = []
  const apart: number[] = []
  const gone: Id[] = []
  const { entries, since } = news
  const told = () => ({ changes, places: apart.length > 0 ? { facility, since, apart } : undefined, gone })
  let left = Math.min(bytes, limitBytes.max)
  let before = 0
  if (bytes === 0 && entries[0]) return { ...told(), cursor: [entries[0].position, since], more: true }
  for (const entry of entries) {
    left -= entry.change ? JSON.stringify(entry.change).length : entry.gone ? 40 : 0
    // Behind a full page there may be more of its last place.
    const over = left < 0 || (news.full && entry === entries.at(-1))
    if (over && entry.position !== entries[0]?.position)
      return { ...told(), cursor: [entry.position, since], more: true }
    if (entry.change) {
      changes.push(entry.change)
      apart.push(entry.position - before)
      before = entry.position
    } else if (entry.gone) gone.push(entry.gone)
  }

  // What this request wrote comes right behind what was read, unless somebody else wrote between: then the phone
  // hears of its own steps once more, which costs bytes and harms nothing.
  let cursor = news.size
  for (const position of [...own].sort((a, b) => a - b)) if (position === cursor) cursor += 1
  return { ...told(), cursor, more: false }
}

export function byMatter<Row extends { readonly matter: Id }>(rows: readonly Row[]): Map<Id, Row[]> {
  const groups = new Map<Id, Row[]>()
  for (const row of rows) groups.set(row.matter, [...(groups.get(row.matter) ?? []), row])
  return groups
}

const wrap = <Name extends 'tie' | 'inmate', Value>(name: Name, value: Value | undefined): Change | undefined =>
  value === undefined ? undefined : ({ [name]: value } as unknown as Change)
