// The directory: accounts, sign-ins and houses. What happens in a house is in that house's ledger, and no statement
// crosses the two.
import { sql } from 'drizzle-orm'
import { integer, index, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { DocumentKind } from '../document.ts'
import type { Id } from '../id.ts'
import type { Grade, Standing } from '../licence.ts'
import type { HouseKind } from '../settings.ts'

/**
 * An account outside or inside the administration. The shape is better-auth's; `officer` is ours. An officer's account
 * has no telephone number: a trigger refuses one, so that no code sent to a phone ever opens it.
 */
export const user = sqliteTable('user', {
  id: text().$type<Id>().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  emailVerified: integer({ mode: 'boolean' }).notNull(),
  image: text(),
  /** keyed hash of a relative's telephone number, see worker/identity/numbers.ts */
  phone: text().unique(),
  phoneSealed: text(),
  /** officers are looked up at every request; relatives are trusted for five minutes */
  officer: integer({ mode: 'boolean' }).notNull().default(false),
  createdAt: integer({ mode: 'timestamp_ms' }).notNull(),
  updatedAt: integer({ mode: 'timestamp_ms' }).notNull(),
})

export const session = sqliteTable(
  'session',
  {
    id: text().$type<Id>().primaryKey(),
    token: text().notNull().unique(),
    userId: text()
      .$type<Id>()
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
    expiresAt: integer({ mode: 'timestamp_ms' }).notNull(),
    ipAddress: text(),
    userAgent: text(),
    /** the browser that began it, as `known_device` knows it */
    browser: text(),
    createdAt: integer({ mode: 'timestamp_ms' }).notNull(),
    updatedAt: integer({ mode: 'timestamp_ms' }).notNull(),
  },
  (session) => [index('session_user').on(session.userId)],
)

/** A session that was ended from another device: when its own next comes, it is told to throw away what it holds. */
export const endedSession = sqliteTable('ended_session', {
  tokenHash: text().primaryKey(), // SHA-256, base64url
  endedAt: integer().notNull(), // UTC milliseconds
})

/** A way to sign in (better-auth calls it an account). */
export const account = sqliteTable(
  'account',
  {
    id: text().$type<Id>().primaryKey(),
    accountId: text().notNull(),
    providerId: text().notNull(),
    userId: text()
      .$type<Id>()
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
    accessToken: text(),
    refreshToken: text(),
    idToken: text(),
    accessTokenExpiresAt: integer({ mode: 'timestamp_ms' }),
    refreshTokenExpiresAt: integer({ mode: 'timestamp_ms' }),
    scope: text(),
    password: text(),
    createdAt: integer({ mode: 'timestamp_ms' }).notNull(),
    updatedAt: integer({ mode: 'timestamp_ms' }).notNull(),
  },
  (account) => [index('account_user').on(account.userId)],
)

/** What the library keeps while somebody signs in by another server. */
export const verification = sqliteTable(
  'verification',
  {
    id: text().$type<Id>().primaryKey(),
    identifier: text().notNull(),
    value: text().notNull(),
    expiresAt: integer({ mode: 'timestamp_ms' }).notNull(),
    createdAt: integer({ mode: 'timestamp_ms' }).notNull(),
    updatedAt: integer({ mode: 'timestamp_ms' }).notNull(),
  },
  (verification) => [index('verification_identifier').on(verification.identifier)],
)

/** What an officer signs in with: the public half of a key that their device keeps. */
export const passkey = sqliteTable(
  'passkey',
  {
    id: text().primaryKey(), // the credential's id, base64url
    account: text()
      .$type<Id>()
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
    publicKey: text().notNull(), // COSE, base64url
    /** how often it has signed, by its own count; 0 for ever where it counts nothing */
    counter: integer().notNull(),
    /** whether its maker carries it to its owner's other devices */
    synced: integer({ mode: 'boolean' }).notNull(),
    transports: text({ mode: 'json' }).$type<string[]>().notNull(),
    since: integer().notNull(), // UTC milliseconds
    usedAt: integer().notNull(), // UTC milliseconds
  },
  (passkey) => [index('passkey_account').on(passkey.account)],
)

/** A PIN that an officer has set on a shared tablet: the tablet shows a secret, and has the session again. */
export const tabletPin = sqliteTable(
  'tablet_pin',
  {
    id: text().$type<Id>().primaryKey(),
    account: text()
      .$type<Id>()
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
    tokenHash: text().notNull(), // SHA-256, base64url
    /** the token of the session that it opens; where that has ended it opens none */
    session: text().notNull(),
    since: integer().notNull(), // UTC milliseconds
  },
  (pin) => [index('tablet_pin_account').on(pin.account)],
)

/** What is asked of a passkey to sign: good once, for one purpose, for a few minutes. */
export const challenge = sqliteTable('challenge', {
  challenge: text().primaryKey(), // base64url
  purpose: text().$type<'signIn' | 'comeIn' | 'prove' | 'enrol' | 'found' | 'confirm' | 'add'>().notNull(),
  /** what it is bound to: an account, or the hash of an enrolment code; empty where anybody may come */
  about: text().notNull(),
  until: integer().notNull(), // UTC milliseconds
})

/** A code with which an officer registers their passkey, once. Only its hash is kept. */
export const enrolment = sqliteTable(
  'enrolment',
  {
    codeHash: text().primaryKey(), // SHA-256, base64url
    account: text()
      .$type<Id>()
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
    /** the house that gave it */
    facility: text()
      .$type<Id>()
      .notNull()
      .references(() => facility.id),
    /** the id under which the house's record has it taken: once, however often that is tried */
    command: text().$type<Id>().notNull(),
    until: integer().notNull(), // UTC milliseconds
  },
  (enrolment) => [index('enrolment_account').on(enrolment.account)],
)

/** The last two codes that were sent to a number: a message that is late is good as well. */
export const oneTimeCode = sqliteTable(
  'one_time_code',
  {
    phone: text().notNull(), // keyed hash
    code: text().notNull(), // keyed hash
    tries: integer().notNull().default(0),
    sentAt: integer().notNull(), // UTC milliseconds
  },
  (code) => [primaryKey({ columns: [code.phone, code.code] })],
)

/** A browser in which somebody has proved who they are: there a code is enough from then on. */
export const knownDevice = sqliteTable(
  'known_device',
  {
    tokenHash: text().notNull(), // SHA-256, base64url
    account: text()
      .$type<Id>()
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
    since: integer().notNull(), // UTC milliseconds
  },
  (known) => [primaryKey({ columns: [known.tokenHash, known.account] })],
)

/** Who somebody says they are, and whether an officer has seen the paper. */
export const document = sqliteTable('document', {
  account: text()
    .$type<Id>()
    .primaryKey()
    .references(() => user.id, { onDelete: 'cascade' }),
  kind: text().$type<DocumentKind>().notNull(),
  numberSealed: text().notNull(), // worker/identity/numbers.ts
  nameSealed: text().notNull(),
  statedAt: integer().notNull(), // UTC milliseconds
  checkedAt: integer(), // UTC milliseconds
})

/**
 * That somebody is a lawyer, or learns with one, and what the registry said of it when it was last asked. Their name and
 * their own document are in `document`.
 */
export const lawyer = sqliteTable(
  'lawyer',
  {
    account: text()
      .$type<Id>()
      .primaryKey()
      .references(() => user.id, { onDelete: 'cascade' }),
    grade: text().$type<Grade>().notNull(),
    /** keyed hash of the licence's number: two accounts with one licence are one lawyer */
    licence: text().notNull(),
    licenceSealed: text().notNull(),
    firm: text().notNull(),
    /** null while the registry has not answered */
    standing: text().$type<Standing>(),
    statedAt: integer().notNull(), // UTC milliseconds
    heardAt: integer(), // UTC milliseconds: when it last answered
    askAt: integer(), // UTC milliseconds: when it is asked next; null for never
  },
  (lawyer) => [
    index('lawyer_ask')
      .on(lawyer.askAt)
      .where(sql`ask_at IS NOT NULL`),
  ],
)

/** Somebody has typed the code of a number whose account holds matters, in a browser that is not known. */
export const halfway = sqliteTable('halfway', {
  tokenHash: text().primaryKey(), // SHA-256, base64url
  account: text()
    .$type<Id>()
    .notNull()
    .references(() => user.id, { onDelete: 'cascade' }),
  phone: text().notNull(), // keyed hash
  /** the account that they get if that one is not theirs, and the number sealed for it */
  fresh: text().$type<Id>().notNull(),
  phoneSealed: text().notNull(),
  expiresAt: integer().notNull(), // UTC milliseconds
})

export const facility = sqliteTable('facility', {
  id: text().$type<Id>().primaryKey(),
  /** short name for addresses and commands, such as `qingshan` */
  code: text().notNull().unique(),
  name: text().notNull(),
  kind: text().$type<HouseKind>().notNull(),
  zone: text().notNull().default('Asia/Shanghai'),
  telephone: text().notNull(),
  hours: text().notNull(),
  createdAt: integer().notNull(), // UTC milliseconds
})

/** Which facilities an account has matters or a post in: where a sync has to look. */
export const reach = sqliteTable(
  'reach',
  {
    account: text().$type<Id>().notNull(),
    facility: text()
      .$type<Id>()
      .notNull()
      .references(() => facility.id),
  },
  (reach) => [primaryKey({ columns: [reach.account, reach.facility] })],
)

/** An enrolled kiosk: the public half of the key with which it signs every request (db/kioskSignature.ts). */
export const kioskKey = sqliteTable('kiosk_key', {
  kiosk: text().$type<Id>().primaryKey(),
  facility: text()
    .$type<Id>()
    .notNull()
    .references(() => facility.id),
  /** a kiosk that moves to another cell is enrolled anew: its cell is known without asking its ledger */
  cell: text().notNull(),
  publicKey: text().notNull().unique(), // the point on P-256, base64
  enrolledAt: integer().notNull(), // UTC milliseconds
})

/** What a kiosk has signed with, for as long as the signature would hold: what comes a second time is refused. */
export const kioskNonce = sqliteTable(
  'kiosk_nonce',
  {
    kiosk: text()
      .$type<Id>()
      .notNull()
      .references(() => kioskKey.kiosk, { onDelete: 'cascade' }),
    nonce: text().notNull(),
    until: integer().notNull(), // UTC milliseconds
  },
  (used) => [primaryKey({ columns: [used.kiosk, used.nonce] })],
)

/** How often something was tried in a window of time: codes asked for, codes guessed, invites guessed. */
export const attempt = sqliteTable(
  'attempt',
  {
    what: text().notNull(), // such as `code:+8613800000000` or `invite:203.0.113.5`
    window: integer().notNull(), // UTC milliseconds at which the window began
    count: integer().notNull(),
  },
  (attempt) => [primaryKey({ columns: [attempt.what, attempt.window] })],
)

/** An account that was erased, by its place in the list of the erased: what holds something of it throws that away. */
export const erasedAccount = sqliteTable(
  'erased_account',
  {
    account: text().$type<Id>().primaryKey(),
    entry: text().$type<Id>().notNull(),
  },
  (erased) => [index('erased_account_entry').on(erased.entry)],
)
