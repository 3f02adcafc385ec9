// Following a person to another house of this installation. The two may lie in two databases, and no statement crosses:
// each step is written in one of them, in an atomic batch with an event whose id is made from what it does. It may be
// killed between any two steps and is gone on with in the next minute; what was done is not done twice.
//
// The old house closes what waits for an officer and announces the person. Once an officer of the new one has admitted
// them, their standing ties come along, with what is shut under them, bans, and the adult with whom a minor comes: what
// keeps somebody away must not fall off on the way. Then come the letters, which the new house's own settings let in, let wait or close. What is given for
// one house or by one body is asked for anew: the case-handling body's consent, a lawyer's engagement, a leave to act
// for somebody, the PIN.
import { newId, type Id } from '#db/id.ts'
import { directory } from '#db/directory.ts'
import { expectedDays, type BanReason } from '#db/house.ts'
import { ledger } from '#db/ledger.ts'
import type { Command } from '#db/command.ts'
import type { Kin } from '#db/matter.ts'
import type { Kind } from '#db/matters/index.ts'
import { idFrom } from '#db/record.ts'
import type { Status } from '#db/settings.ts'
import { facility as houses, reach } from '#db/tables/directory.ts'
import { protocol } from '#db/upcast.ts'
import { eq, ne } from 'drizzle-orm'
import type { Env } from '../env.ts'
import { append, type Entry } from '../record/append.ts'
import { fold, givenOf, randomSalt } from '../sync/fold.ts'
import { load } from '../sync/load.ts'
import { save } from '../sync/save.ts'
import { tieNews } from './news.ts'

/** How many people one run brings a step further. */
const atOnce = 5
/** How many letters one run fetches: each may be 64 kB. */
const lettersAtOnce = 20
const DAY_MS = 86_400_000

interface OtherHouse {
  readonly id: Id
  readonly name: string
}

/** The houses to which somebody of this one can be transferred. */
export const othersThan = (env: Env, facility: Id): Promise<OtherHouse[]> =>
  directory(env)
    .select({ id: houses.id, name: houses.name })
    .from(houses)
    .where(ne(houses.id, facility))
    .orderBy(houses.name)

/** @returns undefined for the house itself, and for one that is not there or was never opened */
export async function otherHouse(env: Env, facility: Id, id: Id): Promise<OtherHouse | undefined> {
  const [named] = await directory(env).select({ id: houses.id }).from(houses).where(eq(houses.id, id))
  if (!named || id === facility) return undefined
  const open = ledger(env, id).prepare(`SELECT id, name FROM house WHERE id = ?`).bind(id)
  return (await open.first<OtherHouse>()) ?? undefined
}

/** Written in the batch in which the person leaves. */
export const leaves = (db: D1Database, facility: Id, person: Id, { id, name }: OtherHouse, now: number) =>
  db
    .prepare(
      `INSERT INTO departure (detainee, facility, person, "to", to_name, at, state) VALUES (?, ?, ?, ?, ?, ?, 'leaving')`,
    )
    .bind(person, facility, newId(), id, name, now)

interface Arrival {
  readonly person: Id
  readonly from: Id
  readonly detainee: Id
  readonly name: string
  readonly status: Status
  readonly born: string | null
  readonly caseGroup: string | null
  readonly fetched: Id | null
}

const arrivalColumns = `person, "from", detainee, name, status, born, case_group AS caseGroup, fetched`

/** @returns undefined for whoever is not on the way here */
export async function expectedHere(db: D1Database, facility: Id, person: Id | undefined): Promise<Arrival | undefined> {
  const found = await db
    .prepare(`SELECT ${arrivalColumns} FROM arrival WHERE person = ? AND facility = ? AND state = 'expected'`)
    .bind(person ?? '', facility)
    .first<Arrival>()
  return found ?? undefined
}

/** They are not expected any more: nothing of them stays here, and the house that they left is told. */
export const turnAway = (env: Env, facility: Id, by: Parameters<typeof append>[2], person: Id): Promise<boolean> =>
  append(env, facility, by, [{ subject: person, move: 'refuse', command: idFrom(`${person} refuse`) }], (db) => [
    db.prepare(`UPDATE arrival SET state = 'refused' WHERE person = ? AND state = 'expected'`).bind(person),
  ])

/**
 * One bounded step of it, for a house that people leave and for one to which they come.
 *
 * @param now UTC milliseconds
 * @returns whether more waits
 */
export async function transfers(env: Env, facility: Id, now: number): Promise<boolean> {
  const announced = await announceAll(env, facility, now)
  const received = await receiveAll(env, facility, now)
  await forgetLate(env, facility, now)
  return announced || received
}

const system = (facility: Id) => ({ account: facility, role: 'system' }) as const

interface Leaver {
  readonly detainee: Id
  readonly person: Id
  readonly to: Id
  readonly at: number
  readonly number: string
  readonly name: string
  readonly status: Status
  readonly born: string | null
  readonly caseGroup: string | null
}

/** Nobody is announced before what goes along with them has been closed here: from then on nothing more does. */
async function announceAll(env: Env, facility: Id, now: number): Promise<boolean> {
  const { results } = await ledger(env, facility)
    .prepare(
      `SELECT x.detainee, x.person, x."to", x.at, d.number, d.name, d.status, d.born, d.case_group AS caseGroup
       FROM departure x JOIN detainee d ON d.id = x.detainee
       WHERE x.facility = ? AND x.state = 'leaving'
         AND NOT EXISTS (SELECT 1 FROM matter m WHERE m.detainee = x.detainee AND m.awaits IS NOT NULL)
       LIMIT ${atOnce}`,
    )
    .bind(facility)
    .all<Leaver>()
  for (const leaver of results) await announce(env, facility, leaver, now)
  return results.length === atOnce
}

async function announce(env: Env, facility: Id, leaver: Leaver, now: number): Promise<void> {
  const { person, to, number, name, status, born, caseGroup } = leaver
  const db = ledger(env, facility)
  const house = await db.prepare(`SELECT name FROM house WHERE id = ?`).bind(facility).first<{ name: string }>()
  // First the directory, so that a phone looks there by the time that somebody is admitted.
  const ties = await tiesOf(db, leaver.detainee)
  const accounts = [...new Set(ties.map(({ account }) => account))]
  if (accounts.length > 0)
    await directory(env)
      .insert(reach)
      .values(accounts.map((account) => ({ account, facility: to })))
      .onConflictDoNothing()
  const expect: Entry = {
    subject: person,
    move: 'expect',
    facts: { from: facility, status },
    content: { number, name, ...(born !== null && { born }) },
    command: idFrom(`${person} expect`),
  }
  await append(
    env,
    to,
    system(to),
    [expect],
    (there) => [
      there
        .prepare(
          `INSERT INTO arrival (person, facility, "from", from_name, detainee, number, name, status, born, case_group, at, state)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'expected')`,
        )
        .bind(person, to, facility, house?.name ?? '', leaver.detainee, number, name, status, born, caseGroup, now),
    ],
    now,
  )
  await became(env, facility, leaver.detainee, 'announced', { to }, now)
}

/** What has become of somebody who left; the record has each only once, and the family hears of it. */
async function became(
  env: Env,
  facility: Id,
  detainee: Id,
  state: 'announced' | 'arrived' | 'lapsed',
  facts: NonNullable<Entry['facts']>,
  now: number,
): Promise<void> {
  const ties = await tiesOf(ledger(env, facility), detainee)
  const tell = ties.map((tie) => tieNews(facility, tie))
  const entry: Entry = { subject: detainee, move: state, facts, command: idFrom(`${detainee} ${state}`), tell }
  await append(
    env,
    facility,
    system(facility),
    [entry],
    (db) => [
      db.prepare(`UPDATE departure SET state = ? WHERE detainee = ?`).bind(state, detainee),
      // The case is theirs where they are now: it would keep their own lawyer from them as from somebody else of it.
      ...(state === 'arrived' ? [db.prepare(`UPDATE detainee SET case_group = NULL WHERE id = ?`).bind(detainee)] : []),
    ],
    now,
  )
}

interface StandingTie {
  readonly id: Id
  readonly account: Id
  readonly kin: Kin
  readonly name: string
  readonly shut: string
  readonly bannedFrom: number | null
  readonly bannedUntil: number | null
  readonly banReason: BanReason | null
  readonly banNote: string | null
  readonly ofAgeAt: number | null
  readonly adult: Id | null
}

const tiesOf = async (db: D1Database, detainee: Id): Promise<StandingTie[]> =>
  (
    await db
      .prepare(
        `SELECT id, account, kin, name, shut, banned_from AS bannedFrom, banned_until AS bannedUntil,
           ban_reason AS banReason, ban_note AS banNote, of_age_at AS ofAgeAt, adult
         FROM kinship WHERE detainee = ? AND ended_at IS NULL ORDER BY id`,
      )
      .bind(detainee)
      .all<StandingTie>()
  ).results

async function receiveAll(env: Env, facility: Id, now: number): Promise<boolean> {
  const db = ledger(env, facility)
  const { results } = await db
    .prepare(
      `SELECT ${arrivalColumns}, state FROM arrival WHERE facility = ? AND state IN ('admitted', 'refused') LIMIT ${atOnce}`,
    )
    .bind(facility)
    .all<Arrival & { readonly state: 'admitted' | 'refused' }>()
  let more = results.length === atOnce
  for (const arrival of results) {
    if (arrival.state === 'admitted' && (await receive(env, facility, arrival, now))) {
      more = true
      continue
    }
    const what = arrival.state === 'admitted' ? 'arrived' : 'lapsed'
    await became(env, arrival.from, arrival.detainee, what, { to: facility }, now)
    await db.batch([
      ...(what === 'lapsed' ? [db.prepare(`DELETE FROM content WHERE matter = ?`).bind(arrival.person)] : []),
      db.prepare(`DELETE FROM arrival WHERE person = ?`).bind(arrival.person),
    ])
  }
  return more
}

/** @returns whether more letters wait */
async function receive(env: Env, facility: Id, arrival: Arrival, now: number): Promise<boolean> {
  const there = ledger(env, arrival.from)
  if (arrival.fetched === null)
    for (const tie of await tiesOf(there, arrival.detainee)) await takeTie(env, facility, arrival.person, tie, now)
  const letters = await lettersOf(there, arrival.detainee, arrival.fetched)
  const accounts = new Set(letters.map(({ account }) => account))
  for (const account of accounts) {
    const own = letters.filter((letter) => letter.account === account)
    await takeLetters(env, facility, arrival.person, account, own, now)
  }
  const last = letters.at(-1)
  if (last)
    await ledger(env, facility)
      .prepare(`UPDATE arrival SET fetched = ? WHERE person = ?`)
      .bind(last.id, arrival.person)
      .run()
  return letters.length === lettersAtOnce
}

/** The tie here to which one there becomes, so that a minor's says with whom they come. */
const tieHere = (tie: Id, person: Id): Id => idFrom(`${tie} follows ${person}`)

async function takeTie(env: Env, facility: Id, person: Id, tie: StandingTie, now: number): Promise<void> {
  const { account, kin, name, shut, bannedFrom, bannedUntil, banReason, banNote } = tie
  const named = tieHere(tie.id, person)
  // Somebody may have invited them here meanwhile.
  const before = await ledger(env, facility)
    .prepare(`SELECT id FROM kinship WHERE account = ? AND detainee = ?`)
    .bind(account, person)
    .first<{ id: Id }>()
  const id = before?.id ?? named
  const banned = bannedUntil !== null && bannedUntil > now
  const tied: Entry = {
    subject: id,
    move: 'tie',
    facts: { person, kin, shut: JSON.parse(shut) as Kind[] },
    content: { name },
    command: named,
    tell: [tieNews(facility, { id, account })],
  }
  const ban: Entry = {
    subject: id,
    move: 'ban',
    facts: { until: bannedUntil ?? 0, reason: banReason ?? 'other' },
    content: { note: banNote ?? '' },
    command: idFrom(`${named} ban`),
  }
  await directory(env).insert(reach).values({ account, facility }).onConflictDoNothing()
  await append(
    env,
    facility,
    system(facility),
    banned ? [tied, ban] : [tied],
    (db) => [
      db
        .prepare(
          `INSERT INTO kinship (id, facility, detainee, account, kin, name, since, shut, banned_from, banned_until, ban_reason, ban_note,
             of_age_at, adult)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (account, detainee) DO UPDATE SET shut = excluded.shut, banned_from = excluded.banned_from,
             banned_until = excluded.banned_until, ban_reason = excluded.ban_reason, ban_note = excluded.ban_note,
             of_age_at = excluded.of_age_at, adult = excluded.adult`,
        )
        .bind(
          ...[id, facility, person, account, kin, name, now, shut],
          ...(banned ? [bannedFrom, bannedUntil, banReason, banNote] : [null, null, null, null]),
          ...[tie.ofAgeAt, tie.adult && tieHere(tie.adult, person)],
        ),
    ],
    now,
  )
}

interface Following {
  readonly id: Id
  readonly kind: Kind
  readonly account: Id
  readonly body: string
}

const lettersOf = async (db: D1Database, detainee: Id, after: Id | null): Promise<Following[]> =>
  (
    await db
      .prepare(
        `SELECT m.id, m.kind, m.account, c.body FROM matter m
         JOIN event e ON e.matter = m.id AND e.seq = m.version
         JOIN content c ON c.matter = m.id AND c.seq = m.edition
         WHERE m.detainee = ?1 AND m.state = 'closed' AND json_extract(e.body, '$.facts.because') = 'follows'
           AND m.id > coalesce(?2, '') ORDER BY m.id LIMIT ${lettersAtOnce}`,
      )
      .bind(detainee, after)
      .all<Following>()
  ).results

/**
 * They begin here as if they had just come, in the name of whoever wrote them, and at once wait or end where this house's
 * settings say so. Whose tie has ended meanwhile has none here.
 */
async function takeLetters(
  env: Env,
  facility: Id,
  person: Id,
  account: Id,
  letters: readonly Following[],
  now: number,
): Promise<void> {
  const db = ledger(env, facility)
  const moved = letters.map((letter) => ({ ...letter, here: idFrom(`${letter.id} follows ${person}`) }))
  const touch = (commands: readonly Command[]) => ({
    commands: commands.map(({ id }) => id),
    matters: moved.map(({ here }) => here),
    cursor: undefined,
  })
  const asker = { account, kiosk: false }
  const house = await load(db, facility, asker, touch([]), now)
  if (!house) throw new Error('a house that is not in its ledger')
  const found = house.ties.find((tie) => tie.detainee === person && !tie.ended && !tie.of)
  const commands = moved.flatMap(({ here, kind, body }): Command[] => {
    if (!found || house.matters.has(here)) return []
    const make = (move: string, input?: Record<string, unknown>): Command => ({
      id: idFrom(`${here} ${move}`),
      ...{ facility, matter: here, kind, move, base: 0, at: now },
      ...(input && { input }),
    })
    const follow = make('follow', { ...(JSON.parse(body) as object), to: found.id })
    if (found.access[kind] === 'closed') return [follow, make('close', { because: 'notOpen' })]
    if (found.access[kind] === 'consent' && !found.consented[kind]) return [follow, make('suspend')]
    return [follow]
  })
  if (commands.length === 0) return
  const before = await load(db, facility, asker, touch(commands), now)
  if (!before) throw new Error('a house that is not in its ledger')
  const { writes } = fold(
    { ...before, actor: { account, facility, roles: ['system'] } },
    commands.map((one) => givenOf(one, protocol)),
    {
      now,
      salt: randomSalt,
    },
  )
  const written = await save(db, facility, writes)
  if (writes.refusals.length > 0 || written.events.size < writes.events.length)
    throw new Error('a letter that followed somebody was not taken')
}

/** Who has not come in all that time is not expected any more. */
async function forgetLate(env: Env, facility: Id, now: number): Promise<void> {
  const { results } = await ledger(env, facility)
    .prepare(`SELECT person FROM arrival WHERE facility = ? AND state = 'expected' AND at < ? LIMIT ${atOnce}`)
    .bind(facility, now - expectedDays * DAY_MS)
    .all<{ person: Id }>()
  for (const { person } of results) await turnAway(env, facility, system(facility), person)
}
