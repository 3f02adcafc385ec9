// A lawyer's licence as the directory keeps it, and the registry's word on it: when it is stated, when something is to
// be booked, and every night. A registry that does not answer says nothing about anybody: it is asked again.
import { and, eq, lte, sql } from 'drizzle-orm'
import { directory } from '#db/directory.ts'
import { maskedNumber, type DocumentKind } from '#db/document.ts'
import type { Id } from '#db/id.ts'
import type { Grade, LawyerCard, Standing } from '#db/licence.ts'
import { document, lawyer } from '#db/tables/directory.ts'
import type { Env } from '../env.ts'
import { logFault } from '../fault.ts'
import { HOUR_MS, type Limit } from '../identity/limit.ts'
import { lookupOf, openNumber, sealNumber } from '../identity/numbers.ts'
import type { Registry } from '../outside/licences.ts'
import { flagEngagements } from './flags.ts'

const DAY_MS = 24 * HOUR_MS
/** After a silence it is asked again, by whichever house's minute comes first. */
const RETRY_MS = 10 * 60_000
/** 02:00 to 05:00 in China, as UTC. */
const nightFrom = 18 * HOUR_MS
const nightMs = 3 * HOUR_MS
/** How many one run takes on, and how many of them it asks about at once. */
const atMost = 20
const atOnce = 5

/** What somebody says of their licence; their name and document are stated beside it. */
export interface StatedLicence {
  readonly grade: Grade
  readonly licence: string
  readonly firm: string
}

/** Keeps what was stated, instead of what was. The registry has said nothing of it yet. */
export async function stateLicence(env: Env, account: Id, stated: StatedLicence, now: number): Promise<void> {
  const { grade, licence, firm } = stated
  const row = {
    grade,
    licence: await lookupOf(env.PEOPLE_SECRET, 'licence', licence),
    licenceSealed: await sealNumber(env.PEOPLE_SECRET, 'licence', account, licence),
    firm,
    standing: null,
    statedAt: now,
    heardAt: null,
    askAt: now,
  }
  await directory(env)
    .insert(lawyer)
    .values({ account, ...row })
    .onConflictDoUpdate({ target: lawyer.account, set: row })
}

/** Whom an engagement names: their own name and firm, and the keyed hash of their licence. */
export interface Lawyer {
  readonly account: Id
  readonly grade: Grade
  readonly licence: string
  readonly firm: string
  readonly name: string
  readonly standing: Standing | null
}

/** @returns undefined for who has stated no licence */
export async function lawyerOf(env: Env, account: Id): Promise<(Lawyer & { readonly card: LawyerCard }) | undefined> {
  const row = await rowOf(env, account)
  if (!row) return undefined
  const { grade, licence, firm, standing, heardAt } = row
  const [number, name] = await Promise.all([
    openNumber(env.PEOPLE_SECRET, 'licence', account, row.licenceSealed),
    openNumber(env.PEOPLE_SECRET, 'name', account, row.nameSealed),
  ])
  const card = { grade, licence: maskedNumber(number), firm, name, standing, heardAt }
  return { account, grade, licence, firm, name, standing, card }
}

/** How a licence stands, and when the registry said so. */
export interface LicenceNow {
  /** null where the registry has never answered */
  readonly standing: Standing | null
  readonly heardAt: number | null
  /** whether that is its answer to this very question: false where it is silent now */
  readonly fresh: boolean
}

/** A lawyer may have the registry asked so often, on whichever of their pages. */
export const askLimit = (account: Id): Limit => ({ what: `licence-ask:${account}`, most: 10, windowMs: HOUR_MS })

/**
 * Asks the registry now, as each booking must.
 *
 * @param now UTC milliseconds
 * @returns undefined for who has stated no licence
 */
export async function licenceNow(
  env: Env,
  registry: Registry,
  account: Id,
  now: number,
): Promise<LicenceNow | undefined> {
  const row = await rowOf(env, account)
  if (!row) return undefined
  const heard = await hear(env, registry, row, now)
  return heard === 'silent'
    ? { standing: row.standing, heardAt: row.heardAt, fresh: false }
    : { standing: heard, heardAt: now, fresh: true }
}

/**
 * Asks about those whose time has come: whom the registry had no answer for, and every night everybody. They are taken
 * on first, so that no two houses ask about the same; where the registry is silent about one, the others wait too.
 */
export async function askDue(env: Env, registry: Registry, now: number): Promise<void> {
  const db = directory(env)
  const due = db.select({ account: lawyer.account }).from(lawyer).where(lte(lawyer.askAt, now)).orderBy(lawyer.askAt)
  const taken = await db
    .update(lawyer)
    .set({ askAt: now + RETRY_MS })
    .where(sql`${lawyer.account} IN ${due.limit(atMost)}`)
    .returning({ account: lawyer.account })
  for (let from = 0; from < taken.length; from += atOnce) {
    const heard = await Promise.all(
      taken.slice(from, from + atOnce).map(({ account }) => askOne(env, registry, account, now)),
    )
    if (heard.includes('silent')) return
  }
}

/** What is wrong with one row keeps nobody else from being asked about. */
async function askOne(env: Env, registry: Registry, account: Id, now: number): Promise<Standing | 'silent' | 'fault'> {
  try {
    const row = await rowOf(env, account)
    return row ? await hear(env, registry, row, now) : 'fault'
  } catch (fault) {
    logFault('licences', fault)
    return 'fault'
  }
}

interface Row {
  readonly account: Id
  readonly grade: Grade
  readonly licence: string
  readonly licenceSealed: string
  readonly firm: string
  readonly standing: Standing | null
  readonly statedAt: number
  readonly heardAt: number | null
  readonly kind: DocumentKind
  readonly numberSealed: string
  readonly nameSealed: string
}

async function rowOf(env: Env, account: Id): Promise<Row | undefined> {
  const { grade, licence, licenceSealed, firm, standing, statedAt, heardAt } = lawyer
  const { kind, numberSealed, nameSealed } = document
  const [row] = await directory(env)
    .select({
      ...{ account: lawyer.account, grade, licence, licenceSealed, firm, standing, statedAt, heardAt },
      ...{ kind, numberSealed, nameSealed },
    })
    .from(lawyer)
    .innerJoin(document, eq(document.account, lawyer.account))
    .where(eq(lawyer.account, account))
  return row
}

async function hear(env: Env, { ask }: Registry, row: Row, now: number): Promise<Standing | 'silent'> {
  const secret = env.PEOPLE_SECRET
  const { account, grade, kind } = row
  const [licence, name, number] = await Promise.all([
    openNumber(secret, 'licence', account, row.licenceSealed),
    openNumber(secret, 'name', account, row.nameSealed),
    openNumber(secret, 'document', account, row.numberSealed),
  ])
  const heard = await ask({ grade, licence, name, document: { kind, number } })
  // What was stated anew meanwhile is not what was asked about.
  const asked = and(eq(lawyer.account, account), eq(lawyer.statedAt, row.statedAt))
  if (heard === 'silent') {
    await directory(env)
      .update(lawyer)
      .set({ askAt: now + RETRY_MS })
      .where(asked)
    return 'silent'
  }
  const { standing, firm = row.firm } = heard
  const theirs = (said: Standing | null) => said !== null && said !== 'differs' && said !== 'notFound'
  // Whom it never knew is asked about again when they state it anew.
  const askAt = theirs(standing) || theirs(row.standing) ? nextNight(now) : null
  // First the houses: where this ends in between, it is asked again, and said again.
  await flagEngagements(env, account, standing)
  await directory(env).update(lawyer).set({ standing, firm, heardAt: now, askAt }).where(asked)
  return standing
}

/** A moment of its next hours, so that not all are asked about in the same minute. */
function nextNight(now: number): number {
  const [chance = 0] = crypto.getRandomValues(new Uint32Array(1))
  const tonight = Math.floor((now - nightFrom) / DAY_MS) * DAY_MS + nightFrom
  return tonight + DAY_MS + Math.floor((chance / 2 ** 32) * nightMs)
}
