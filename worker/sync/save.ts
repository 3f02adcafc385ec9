// What was folded, written in one atomic trip. Each statement takes all its rows at once and writes only what still
// holds: the event goes in if its chain has not moved and nobody has refused it since, a refusal if nobody has carried
// it out, everything else if that very event is there. So what lost a race writes nothing, and the database says so in
// what it returns: also to a trip that hung until its command had long been asked after and sent again.
import type { Id } from '#db/id.ts'
import type { Matter } from '#db/matter.ts'
import { kinds } from '#db/matters/index.ts'
import type { RefusalCode } from '#db/refusal.ts'
import type { Effect } from '#worker/matters/index.ts'
import { channels } from './feed.ts'
import type { FeedEntry } from './tell.ts'

export interface NewEvent {
  /** the subject of the chain */
  readonly matter: Id
  readonly seq: number
  /** how long the chain was when it was read: all events of a chain in one write start from the same */
  readonly from: number
  /** RFC 8785 JSON of an EventBody */
  readonly body: string
  readonly hash: string
}

type EventKey = Pick<NewEvent, 'matter' | 'seq' | 'hash'>

export interface Writes {
  readonly events: NewEvent[]
  readonly contents: { matter: Id; seq: number; salt: string; body: string; hash: string }[]
  readonly matters: Map<Id, { readonly matter: Matter; readonly hash: string }>
  readonly refusals: { account: Id; id: Id; matter: Id; digest: string; code: RefusalCode; field?: string }[]
  readonly effects: (Effect & { readonly by: EventKey })[]
  readonly feed: FeedEntry[]
}

export const noWrites = (): Writes => ({
  events: [],
  contents: [],
  matters: new Map(),
  refusals: [],
  effects: [],
  feed: [],
})

export interface Written {
  /** by hash, with their places in the house's order */
  readonly events: ReadonlyMap<string, number>
  /** the commands whose refusal is told from now on */
  readonly refusals: ReadonlySet<Id>
}

/** D1's caps, asserted here because the local one does not enforce them all. */
const maxStringBytes = 2_000_000
const maxStatementBytes = 100_000
const maxParameters = 100

/** Commands of one matter share a fate: where one of them has been refused, none of them is written. */
const eventSql = `
  INSERT INTO event (matter, seq, facility, position, body, hash)
  SELECT n.matter, n.seq, ?1,
    (SELECT coalesce(max(position), -1) FROM event WHERE facility = ?1) + row_number() OVER (ORDER BY n.nth), n.body, n.hash
  FROM (SELECT key AS nth, value ->> 'matter' AS matter, value ->> 'seq' AS seq, value ->> 'from' AS start,
          value ->> 'body' AS body, value ->> 'hash' AS hash FROM json_each(?2)) n
  WHERE n.start = (SELECT coalesce(max(e.seq), 0) FROM event e WHERE e.matter = n.matter)
    AND n.matter NOT IN (SELECT r.value ->> 'matter' FROM json_each(?2) r CROSS JOIN command c
      ON c.account = json_extract(r.value ->> 'body', '$.actor') AND c.id = json_extract(r.value ->> 'body', '$.command'))
  ORDER BY n.nth
  RETURNING hash, position`

/**
 * The rows of a JSON list whose event was written by this very batch: `n.value` is one of them, `e` its event. The same
 * request twice in one millisecond makes the same event twice: the second time its matter has already taken the step,
 * which is why the matter itself is written last.
 */
const writtenSql = (by: string): string => `
  FROM json_each(?1) n JOIN event e
    ON e.matter = n.value ->> '${by}matter' AND e.seq = n.value ->> '${by}seq' AND e.hash = n.value ->> '${by}hash'
  WHERE NOT EXISTS (SELECT 1 FROM matter m WHERE m.id = e.matter AND m.version >= e.seq)`

const contentSql = `
  INSERT INTO content (matter, seq, salt, body)
  SELECT e.matter, e.seq, n.value ->> 'salt', n.value ->> 'body' ${writtenSql('')}`

const matterSql = `
  INSERT INTO matter (id, facility, kind, tie, detainee, account, agent, state, version, edition, since, due, decider, appealed, awaits)
  SELECT e.matter, e.facility, n.value ->> 'kind', n.value ->> 'tie', n.value ->> 'detainee', n.value ->> 'account',
    n.value ->> 'agent', n.value ->> 'state', e.seq, n.value ->> 'edition', n.value ->> 'since', n.value ->> 'due', n.value ->> 'decider',
    n.value ->> 'appealed', n.value ->> 'awaits' ${writtenSql('')}
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, version = excluded.version, edition = excluded.edition,
    since = excluded.since, due = excluded.due, decider = excluded.decider, appealed = excluded.appealed,
    awaits = excluded.awaits`

/** What is said of a tie is said to whoever acts under it as well. */
const feedSql = `
  INSERT INTO feed (channel, subject, position, what)
  SELECT n.value ->> 'channel', n.value ->> 'subject', e.position, n.value ->> 'what' ${writtenSql('')}
  UNION SELECT 'account:' || a.facility || ':' || a.agent, a.tie, e.position, 'tie'
    FROM json_each(?1) n CROSS JOIN mandate a ON a.tie = n.value ->> 'subject' AND a.agent IS NOT NULL
      AND a.ended_at IS NULL
    JOIN event e ON e.matter = n.value ->> 'matter' AND e.seq = n.value ->> 'seq' AND e.hash = n.value ->> 'hash'
    WHERE n.value ->> 'what' = 'tie'
  ON CONFLICT (channel, subject) DO UPDATE SET position = excluded.position, what = excluded.what`

/** The day is the house's: UTC+8 without summer time. */
const dailySql = `
  INSERT INTO daily (facility, day, kind, move, count)
  SELECT e.facility, date(json_extract(e.body, '$.at') / 1000, 'unixepoch', '+8 hours'), n.value ->> 'kind',
    json_extract(e.body, '$.move'), count(*) ${writtenSql('')}
  GROUP BY 1, 2, 3, 4
  ON CONFLICT (facility, day, kind, move) DO UPDATE SET count = count + excluded.count`

const refusalSql = `
  INSERT INTO command (account, id, digest, code, field)
  SELECT value ->> 'account', value ->> 'id', value ->> 'digest', value ->> 'code', value ->> 'field'
  FROM json_each(?1)
  WHERE value ->> 'matter' NOT IN (SELECT d.value ->> 'matter' FROM json_each(?1) d CROSS JOIN event e
    ON e.actor = d.value ->> 'account' AND e.command = d.value ->> 'id')
  ON CONFLICT DO NOTHING
  RETURNING id`

const consentSql = `
  INSERT INTO consent (detainee, account, kind, "from", until, document)
  SELECT n.value ->> 'detainee', n.value ->> 'account', n.value ->> 'kind', json_extract(e.body, '$.at'),
    n.value ->> 'until', n.value ->> 'document' ${writtenSql('')}
  ON CONFLICT (detainee, account, kind) DO UPDATE SET "from" = excluded."from", until = excluded.until,
    document = excluded.document, ended_at = NULL, refused = 0`

/**
 * One trip to the house's ledger; none where there is nothing to write.
 *
 * @param also further statements of the same atomic batch
 * @returns what was written; what is missing lost a race, and nothing of its matter was written
 * @throws where D1 does not answer: then nobody knows, and the ids have to be read (DESIGN §5)
 */
export async function save(
  database: D1Database,
  facility: Id,
  writes: Writes,
  also: readonly D1PreparedStatement[] = [],
): Promise<Written> {
  const statement = (sql: string, rows: readonly unknown[], ...first: string[]) =>
    rows.length === 0 ? [] : [database.prepare(within(sql)).bind(...first, ...[JSON.stringify(rows)].map(withinString))]

  const counted = writes.events.flatMap(({ matter, seq, hash }) => {
    const kind = writes.matters.get(matter)?.matter.kind
    return kind ? [{ matter, seq, hash, kind }] : []
  })
  const consents = writes.effects.map(({ consent, by }) => ({ ...consent, ...keyOf(by) }))
  const batch = [
    ...statement(eventSql, writes.events, facility),
    ...statement(refusalSql, writes.refusals),
    ...statement(contentSql, writes.contents),
    ...statement(
      feedSql,
      [...writes.feed, ...writes.effects.map((effect) => tellOfConsent(facility, effect))].map(({ by, ...entry }) => ({
        ...entry,
        ...keyOf(by),
      })),
    ),
    ...statement(dailySql, counted),
    ...statement(consentSql, consents),
    ...statement(matterSql, [...writes.matters.values()].map(rowOf)),
    ...also,
  ]
  if (batch.length === 0) return { events: new Map(), refusals: new Set() }
  const answers = (await database.batch<Returned>(batch)).map(({ results }) => results)
  const events = writes.events.length > 0 ? (answers.shift() ?? []) : []
  const refusals = writes.refusals.length > 0 ? (answers.shift() ?? []) : []
  return {
    events: new Map(events.map(({ hash, position }) => [hash, position])),
    refusals: new Set(refusals.map(({ id }) => id)),
  }
}

/** What the events' and the refusals' statements return. */
interface Returned {
  readonly hash: string
  readonly position: number
  readonly id: Id
}

const keyOf = ({ matter, seq, hash }: EventKey): EventKey => ({ matter, seq, hash })

const rowOf = ({ matter, hash }: { matter: Matter; hash: string }) => ({
  ...matter,
  matter: matter.id,
  seq: matter.version,
  hash,
  appealed: matter.appealed ? 1 : 0,
  awaits: kinds.get(matter.kind)?.awaits.get(matter.state) ?? null,
})

/** A consent changes what is open under a tie: the relative's phone hears of the tie as well as of the letter. */
const tellOfConsent = (facility: Id, { consent, by }: Effect & { by: EventKey }): FeedEntry => ({
  channel: channels.account(facility, consent.account),
  subject: consent.tie,
  what: 'tie',
  by,
})

function within(sql: string): string {
  if (sql.length > maxStatementBytes || (sql.match(/\?\d+/g)?.length ?? 0) > maxParameters)
    throw new RangeError('a statement over the caps of D1')
  return sql
}

function withinString(text: string): string {
  // no UTF-16 unit is more than three bytes: only what could be over is counted
  if (text.length * 3 > maxStringBytes && new TextEncoder().encode(text).length > maxStringBytes)
    throw new RangeError('a string over the cap of D1')
  return text
}
