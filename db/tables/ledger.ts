// A house's ledger: its people, its matters, and the record of every step. Where a table promises something, the
// migration keeps it: WITHOUT ROWID and triggers are written there by hand, and test/record reads them back.
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { OfficerRole } from '../actor.ts'
import type { EngagementState, Ground } from '../engagement.ts'
import type { BanReason, Retention } from '../house.ts'
import type { Id } from '../id.ts'
import type { Grade, Standing } from '../licence.ts'
import type { Kin, Leaving } from '../matter.ts'
import type { Kind } from '../matters/index.ts'
import type { KindSettings, Status } from '../settings.ts'

/** A house's own settings for one kind; where there is no row the defaults of its kind of house hold. */
export const setting = sqliteTable(
  'setting',
  {
    facility: text().$type<Id>().notNull(),
    kind: text().$type<Kind>().notNull(),
    settings: text({ mode: 'json' }).$type<KindSettings>().notNull(),
  },
  (setting) => [primaryKey({ columns: [setting.facility, setting.kind] })],
)

/** The house as its own ledger knows it: what a sync must know without asking the directory. */
export const house = sqliteTable('house', {
  id: text().$type<Id>().primaryKey(),
  code: text().notNull(),
  name: text().notNull(),
  kind: text().notNull(),
  telephone: text().notNull(),
  hours: text().notNull(),
  /** what the house has set itself; null where the default holds */
  retention: text({ mode: 'json' }).$type<Retention>(),
})

/** An officer's post in this house. */
export const officer = sqliteTable(
  'officer',
  {
    facility: text().$type<Id>().notNull(),
    account: text().$type<Id>().notNull(),
    name: text().notNull(),
    roles: text({ mode: 'json' }).$type<OfficerRole[]>().notNull(),
    disabledAt: integer(), // UTC milliseconds
  },
  (officer) => [primaryKey({ columns: [officer.facility, officer.account] })],
)

/** A person inside. */
export const detainee = sqliteTable(
  'detainee',
  {
    id: text().$type<Id>().primaryKey(),
    facility: text().$type<Id>().notNull(),
    number: text().notNull(),
    name: text().notNull(),
    status: text().$type<Status>().notNull(),
    cell: text().notNull(),
    born: text(), // 1990-03-07; null where it is not known
    pinSalt: text().notNull(), // base64
    pinHash: text().notNull(), // base64, see `pinRounds`
    lockedAt: integer().notNull().default(0), // UTC milliseconds, 0 for never
    openedAt: integer().notNull().default(0),
    statusAt: integer(), // UTC milliseconds: when the status last changed; null where it never did
    leftAt: integer(), // UTC milliseconds; null while inside
    leftBecause: text().$type<Leaving>(),
    /** the case that they are accused in, by its number: who shares it is accused in the same case */
    caseGroup: text(),
  },
  (detainee) => [
    uniqueIndex('detainee_number').on(detainee.facility, detainee.number),
    index('detainee_cell').on(detainee.facility, detainee.cell),
    index('detainee_left')
      .on(detainee.facility, detainee.leftAt)
      .where(sql`left_at IS NOT NULL`),
    index('detainee_status')
      .on(detainee.facility, detainee.statusAt)
      .where(sql`status_at IS NOT NULL`),
    index('detainee_born')
      .on(detainee.facility, detainee.born)
      .where(sql`born IS NOT NULL`),
  ],
)

/**
 * That somebody has left for another house of this installation (worker/house/transfers.ts). `leaving`: the other house
 * has not been told · `announced`: it expects them · `arrived`: it has them, their ties and their letters · `lapsed`: it
 * has not taken them.
 */
export const departure = sqliteTable(
  'departure',
  {
    detainee: text()
      .$type<Id>()
      .primaryKey()
      .references(() => detainee.id),
    facility: text().$type<Id>().notNull(),
    /** under which the other house knows them */
    person: text().$type<Id>().notNull(),
    to: text().$type<Id>().notNull(),
    toName: text().notNull(),
    at: integer().notNull(), // UTC milliseconds
    state: text().$type<'leaving' | 'announced' | 'arrived' | 'lapsed'>().notNull(),
  },
  (departure) => [
    index('departure_leaving')
      .on(departure.facility)
      .where(sql`state = 'leaving'`),
  ],
)

/**
 * Somebody who is on the way from another house. The row is gone once the other house knows what became of it; what was
 * decided stays in the record.
 */
export const arrival = sqliteTable(
  'arrival',
  {
    /** the id that they have here once they are admitted */
    person: text().$type<Id>().primaryKey(),
    facility: text().$type<Id>().notNull(),
    from: text().$type<Id>().notNull(),
    fromName: text().notNull(),
    /** their id there */
    detainee: text().$type<Id>().notNull(),
    number: text().notNull(),
    name: text().notNull(),
    status: text().$type<Status>().notNull(),
    born: text(), // 1990-03-07
    caseGroup: text(),
    at: integer().notNull(), // UTC milliseconds
    /** `admitted`: ties and letters are being fetched · `refused`: the other house is to be told */
    state: text().$type<'expected' | 'admitted' | 'refused'>().notNull(),
    /** the last letter that was fetched, in the order of their ids there */
    fetched: text().$type<Id>(),
  },
  (arrival) => [index('arrival_facility').on(arrival.facility, arrival.state)],
)

/** A verified tie between an outside account and one person inside. */
export const kinship = sqliteTable(
  'kinship',
  {
    id: text().$type<Id>().primaryKey(),
    facility: text().$type<Id>().notNull(),
    detainee: text()
      .$type<Id>()
      .notNull()
      .references(() => detainee.id),
    account: text().$type<Id>().notNull(),
    kin: text().$type<Kin>().notNull(),
    /** the relative's own name, as the officer wrote it in the invite */
    name: text().notNull(),
    since: integer().notNull(), // UTC milliseconds
    endedAt: integer(), // UTC milliseconds; null while it stands
    /** the kinds that are shut for this tie, whatever the house opens */
    shut: text({ mode: 'json' }).$type<Kind[]>().notNull().default([]),
    /** a ban outlasts the tie: whoever is tied again before its end is still banned. UTC milliseconds */
    bannedFrom: integer(),
    bannedUntil: integer(),
    /** for officers alone */
    banReason: text().$type<BanReason>(),
    banNote: text(),
    /** when they are of age, as the document that an officer has seen says (UTC milliseconds); null where none does */
    ofAgeAt: integer(),
    /** for a minor: the tie of the adult with whom they come */
    adult: text().$type<Id>(),
  },
  (kinship) => [
    uniqueIndex('kinship_tie').on(kinship.account, kinship.detainee),
    index('kinship_detainee').on(kinship.detainee),
    index('kinship_ended')
      .on(kinship.facility, kinship.endedAt)
      .where(sql`ended_at IS NOT NULL`),
    index('kinship_banned')
      .on(kinship.facility, kinship.bannedUntil)
      .where(sql`banned_until IS NOT NULL`),
  ],
)

/** A link or QR that ties a phone to a kinship. It is used up only in the batch in which the tie comes to stand. */
export const invite = sqliteTable('invite', {
  codeHash: text().primaryKey(), // SHA-256 of the code, base64url: the code itself is only on the paper
  facility: text().$type<Id>().notNull(),
  detainee: text()
    .$type<Id>()
    .notNull()
    .references(() => detainee.id),
  kin: text().$type<Kin>().notNull(),
  name: text().notNull(),
  madeBy: text().$type<Id>().notNull(),
  expiresAt: integer().notNull(), // UTC milliseconds
  kinship: text().$type<Id>(), // the tie that it became
})

/**
 * A leave to act for a relative (代办授权), for one tie of theirs: given by themselves on their phone, or recorded by the
 * desk from a paper that they have signed. It holds from when the one named has taken it.
 */
export const mandate = sqliteTable(
  'mandate',
  {
    id: text().$type<Id>().primaryKey(),
    facility: text().$type<Id>().notNull(),
    tie: text()
      .$type<Id>()
      .notNull()
      .references(() => kinship.id),
    ground: text().$type<'given' | 'paper'>().notNull(),
    /** the signed paper's photo, in `FILES` under (facility, the relative's account, hash) */
    paper: text(), // SHA-256, hex
    /** who is to act, as whoever gave the leave calls them */
    name: text().notNull(),
    until: integer().notNull(), // UTC milliseconds
    codeHash: text().notNull().unique(), // SHA-256 of the code, base64url
    expiresAt: integer().notNull(), // UTC milliseconds: the code's, while nobody has taken it
    agent: text().$type<Id>(), // the account that has taken it
    since: integer(), // UTC milliseconds
    endedAt: integer(), // UTC milliseconds; null while it is open or stands
  },
  (mandate) => [
    index('mandate_tie').on(mandate.tie),
    index('mandate_agent')
      .on(mandate.agent, mandate.tie)
      .where(sql`agent IS NOT NULL`),
    uniqueIndex('mandate_stands')
      .on(mandate.tie)
      .where(sql`agent IS NOT NULL AND ended_at IS NULL`),
    index('mandate_until')
      .on(mandate.facility, mandate.until)
      .where(sql`agent IS NOT NULL AND ended_at IS NULL`),
  ],
)

/**
 * What a relative claims without an invite: that somebody is their family. Nothing here points to a person inside before
 * an officer has found them, so that writing it costs the same whether or not somebody is held.
 */
export const claim = sqliteTable(
  'claim',
  {
    id: text().$type<Id>().primaryKey(),
    facility: text().$type<Id>().notNull(),
    account: text().$type<Id>().notNull(),
    person: text().notNull(),
    born: text().notNull(), // 1990-03-07
    name: text().notNull(),
    kin: text().$type<Kin>().notNull(),
    at: integer().notNull(), // UTC milliseconds
    decidedAt: integer(), // UTC milliseconds; null while it is checked
    outcome: text().$type<'accepted' | 'declined'>(),
  },
  (claim) => [
    index('claim_account').on(claim.account, claim.facility),
    index('claim_open')
      .on(claim.facility, claim.at)
      .where(sql`decided_at IS NULL`),
    index('claim_decided')
      .on(claim.facility, claim.decidedAt)
      .where(sql`decided_at IS NOT NULL`),
  ],
)

/** A photo of papers that came with a claim; its bytes are in `FILES` under (facility, account, hash). */
export const paper = sqliteTable(
  'paper',
  {
    claim: text()
      .$type<Id>()
      .notNull()
      .references(() => claim.id),
    hash: text().notNull(), // SHA-256, hex
    at: integer().notNull(), // UTC milliseconds
  },
  (paper) => [primaryKey({ columns: [paper.claim, paper.hash] })],
)

/**
 * That a lawyer acts for somebody (委托): asked for with papers, accepted by the desk. As in `claim`, nothing points to a
 * person inside before an officer has found them.
 */
export const engagement = sqliteTable(
  'engagement',
  {
    id: text().$type<Id>().primaryKey(),
    facility: text().$type<Id>().notNull(),
    account: text().$type<Id>().notNull(),
    /** keyed hash of the licence: who it is whom two accused of one case may not share */
    licence: text().notNull(),
    grade: text().$type<Grade>().notNull(),
    /** the lawyer's own name, and where they practise */
    name: text().notNull(),
    firm: text().notNull(),
    person: text().notNull(),
    born: text().notNull(), // 1990-03-07
    ground: text().$type<Ground>().notNull(),
    at: integer().notNull(), // UTC milliseconds
    state: text().$type<EngagementState>().notNull(),
    /** for whom it stands, once it was accepted */
    detainee: text()
      .$type<Id>()
      .references(() => detainee.id),
    /** why it was declined, or why it ended */
    reason: text(),
    decidedAt: integer(), // UTC milliseconds
    endedAt: integer(), // UTC milliseconds
    /** how the licence stands, where that is not `valid`: nothing new is booked meanwhile */
    licenceTrouble: text().$type<Exclude<Standing, 'valid'>>(),
  },
  (engagement) => [
    index('engagement_account').on(engagement.account, engagement.facility),
    index('engagement_facility').on(engagement.facility, engagement.state, engagement.at),
    index('engagement_detainee')
      .on(engagement.detainee)
      .where(sql`detainee IS NOT NULL`),
    index('engagement_licence').on(engagement.facility, engagement.licence),
  ],
)

/** A photo of papers that came with an engagement; its bytes lie as those of a claim do. */
export const engagementPaper = sqliteTable(
  'engagement_paper',
  {
    engagement: text()
      .$type<Id>()
      .notNull()
      .references(() => engagement.id),
    hash: text().notNull(), // SHA-256, hex
    at: integer().notNull(), // UTC milliseconds
  },
  (paper) => [primaryKey({ columns: [paper.engagement, paper.hash] })],
)

/** Standing leave of the case-handling body for one relative of one person and one kind of matter. */
export const consent = sqliteTable(
  'consent',
  {
    detainee: text()
      .$type<Id>()
      .notNull()
      .references(() => detainee.id),
    account: text().$type<Id>().notNull(),
    kind: text().$type<Kind>().notNull(),
    from: integer().notNull(), // UTC milliseconds
    until: integer(), // UTC milliseconds; null for no end
    document: text().notNull(),
    /** UTC milliseconds at which it was taken back or refused, which is then its `until`; null while it stands */
    endedAt: integer(),
    refused: integer({ mode: 'boolean' }).notNull().default(false),
  },
  (consent) => [
    primaryKey({ columns: [consent.detainee, consent.account, consent.kind] }),
    index('consent_ended')
      .on(consent.endedAt)
      .where(sql`ended_at IS NOT NULL`),
  ],
)

/** A link by which the case-handling body answers for one tie and kind, once. Only the hash of its code is kept. */
export const consentLink = sqliteTable(
  'consent_link',
  {
    codeHash: text().primaryKey(), // SHA-256, base64url
    /** under which the answer stands in the record */
    id: text().$type<Id>().notNull(),
    facility: text().$type<Id>().notNull(),
    tie: text().$type<Id>().notNull(),
    kind: text().$type<Kind>().notNull(),
    madeBy: text().$type<Id>().notNull(),
    expiresAt: integer().notNull(), // UTC milliseconds
    answeredAt: integer(), // UTC milliseconds
    answer: text().$type<'agrees' | 'refuses'>(),
  },
  (link) => [index('consent_link_tie').on(link.tie, link.kind)],
)

export const kiosk = sqliteTable(
  'kiosk',
  {
    id: text().$type<Id>().primaryKey(),
    facility: text().$type<Id>().notNull(),
    cell: text().notNull(),
    name: text().notNull(),
    enrolHash: text(), // SHA-256 of the one-time code, base64url; null once enrolled
    enrolUntil: integer(), // UTC milliseconds
    revokedAt: integer(), // UTC milliseconds
  },
  (kiosk) => [index('kiosk_facility').on(kiosk.facility)],
)

/** The current state of each matter: folding its events gives exactly this row. */
export const matter = sqliteTable(
  'matter',
  {
    id: text().$type<Id>().primaryKey(),
    facility: text().$type<Id>().notNull(),
    kind: text().$type<Kind>().notNull(),
    tie: text().$type<Id>().notNull(),
    detainee: text().$type<Id>().notNull(),
    account: text().$type<Id>().notNull(),
    /** who made it in their stead, by a mandate */
    agent: text().$type<Id>(),
    state: text().notNull(),
    version: integer().notNull(),
    edition: integer().notNull(),
    since: integer().notNull(), // UTC milliseconds
    due: integer(), // UTC milliseconds
    decider: text().$type<Id>(),
    appealed: integer({ mode: 'boolean' }).notNull(),
    /** whose queue it stands in; null where it waits for nobody */
    awaits: text(),
  },
  (matter) => [
    index('matter_queue')
      .on(matter.facility, matter.awaits, matter.due, matter.id)
      .where(sql`awaits IS NOT NULL`),
    index('matter_detainee').on(matter.detainee, matter.state),
  ],
)

/**
 * What people wrote or said with a step. Deletable: the record holds only SHA-256(salt ‖ body), so that erasing a
 * text keeps the record whole.
 */
export const content = sqliteTable(
  'content',
  {
    matter: text().$type<Id>().notNull(),
    seq: integer().notNull(),
    salt: text().notNull(), // 16 bytes, base64
    body: text().notNull(), // RFC 8785 JSON of the move's input
  },
  (content) => [primaryKey({ columns: [content.matter, content.seq] })],
)

/**
 * The record: append-only, one chain for each subject (a matter, a person, an officer, the house, the looks at a
 * matter). What is hashed is `body`, byte for byte; the other columns are read out of it by SQLite itself, so that
 * they cannot differ from what was signed. Triggers refuse UPDATE, DELETE and an INSERT over an existing key.
 */
export const event = sqliteTable(
  'event',
  {
    matter: text().$type<Id>().notNull(),
    seq: integer().notNull(),
    facility: text().$type<Id>().notNull(),
    /** its place in the house's one order of events: the leaf of the tree, and the feed's clock */
    position: integer().notNull(),
    body: text().notNull(), // RFC 8785 JSON of an EventBody (db/record.ts)
    hash: text().notNull(), // SHA-256(previous hash ‖ body), base64
    actor: text()
      .$type<Id>()
      .generatedAlwaysAs(sql`(json_extract(body, '$.actor'))`),
    command: text()
      .$type<Id>()
      .generatedAlwaysAs(sql`(json_extract(body, '$.command'))`),
  },
  (event) => [
    primaryKey({ columns: [event.matter, event.seq] }),
    uniqueIndex('event_position').on(event.facility, event.position),
    uniqueIndex('event_command').on(event.actor, event.command),
  ],
)

/** What was refused, so that the same command gets the same answer. A `done` is known by its event. */
export const command = sqliteTable(
  'command',
  {
    account: text().$type<Id>().notNull(),
    id: text().$type<Id>().notNull(),
    digest: text().notNull(), // SHA-256 of the command as it came, base64
    code: text().notNull(),
    field: text(),
  },
  (command) => [primaryKey({ columns: [command.account, command.id] })],
)

/** Pieces of requests that came over connections which broke, until the rest has come; at most for a day. */
export const part = sqliteTable(
  'part',
  {
    account: text().$type<Id>().notNull(),
    hash: text().notNull(), // SHA-256 of the whole body, base64
    start: integer().notNull(), // where in it the piece begins, bytes
    facility: text().$type<Id>().notNull(),
    size: integer().notNull(), // bytes
    bytes: text().notNull(), // base64
    at: integer().notNull(), // UTC milliseconds
  },
  (part) => [
    primaryKey({ columns: [part.account, part.hash, part.start] }),
    index('part_forgotten').on(part.facility, part.at),
  ],
)

/**
 * What each reader has to hear of, newest entry per subject only. A channel is an account in one house
 * (`account:HOUSE:ID`), the house's officers (`house:HOUSE`), a cell (`cell:HOUSE:CELL`) or a person inside (`person:ID`,
 * read by the kiosks of their cell).
 */
export const feed = sqliteTable(
  'feed',
  {
    channel: text().notNull(),
    subject: text().$type<Id>().notNull(),
    position: integer().notNull(),
    what: text().$type<'matter' | 'tie' | 'inmate' | 'gone'>().notNull(),
  },
  (feed) => [
    primaryKey({ columns: [feed.channel, feed.subject] }),
    index('feed_position').on(feed.channel, feed.position),
  ],
)

/**
 * The signed heads of the house's tree (RFC 6962, C2SP tlog-checkpoint). `leaves` are the hashes since the head
 * before, signed with it: they name the very event that differs.
 */
export const checkpoint = sqliteTable(
  'checkpoint',
  {
    facility: text().$type<Id>().notNull(),
    size: integer().notNull(),
    at: integer().notNull(), // UTC milliseconds
    note: text().notNull(), // the signed note
    frontier: text({ mode: 'json' }).$type<string[]>().notNull(), // roots of the complete subtrees, largest first, base64
    leaves: text().notNull(), // 32 bytes each, base64
    seal: text().notNull(), // Ed25519 over (origin, from, size, leaves), base64
  },
  (checkpoint) => [primaryKey({ columns: [checkpoint.facility, checkpoint.size] })],
)

/** Counters of a day, written in the same batch as the events they count. */
export const daily = sqliteTable(
  'daily',
  {
    facility: text().$type<Id>().notNull(),
    day: text().notNull(), // YYYY-MM-DD in the house's zone
    kind: text().$type<Kind>().notNull(),
    move: text().notNull(),
    count: integer().notNull(),
  },
  (daily) => [primaryKey({ columns: [daily.facility, daily.day, daily.kind, daily.move] })],
)

/**
 * What was put on the house's list of the erased (worker/erasure/list.ts) and has been done here. The list lies outside
 * the database: of one that was put back to an earlier day this table says how far behind it is.
 */
export const erasure = sqliteTable(
  'erasure',
  {
    facility: text().$type<Id>().notNull(),
    entry: text().$type<Id>().notNull(),
    /** the person who was inside */
    subject: text().$type<Id>().notNull(),
    at: integer().notNull(), // UTC milliseconds
    /** accounts that have somebody in another house: their phones hear from this one until they have forgotten */
    telling: text({ mode: 'json' }).$type<Id[]>().notNull(),
  },
  (erasure) => [
    primaryKey({ columns: [erasure.facility, erasure.entry] }),
    index('erasure_telling')
      .on(erasure.facility, erasure.at)
      .where(sql`telling <> '[]'`),
  ],
)
