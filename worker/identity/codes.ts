// One-time codes: six digits, five minutes, five tries, and of those sent to a number the last two are good.
import type { Directory } from '#db/directory.ts'
import { and, eq, gt, lt, notInArray, sql } from 'drizzle-orm'
import { oneTimeCode } from '#db/tables/directory.ts'
import { lookupOf } from './numbers.ts'

export const codeMinutes = 5
const CODE_MS = codeMinutes * 60_000
const mostTries = 5
const goodAtOnce = 2

/**
 * @param secret PEOPLE_SECRET
 * @param phone keyed hash of the number that it is sent to
 * @param now UTC milliseconds
 * @returns six digits
 */
export async function newCode(db: Directory, secret: string, phone: string, now: number): Promise<string> {
  const digits = String(evenly(1_000_000)).padStart(6, '0')
  const code = await lookupOf(secret, 'code', `${phone}${digits}`)
  const newest = db
    .select({ code: oneTimeCode.code })
    .from(oneTimeCode)
    .where(eq(oneTimeCode.phone, phone))
    .orderBy(sql`${oneTimeCode.sentAt} DESC`)
    .limit(goodAtOnce)
  await db.batch([
    db.delete(oneTimeCode).where(lt(oneTimeCode.sentAt, now - CODE_MS)),
    db
      .insert(oneTimeCode)
      .values({ phone, code, sentAt: now })
      .onConflictDoUpdate({ target: [oneTimeCode.phone, oneTimeCode.code], set: { sentAt: now, tries: 0 } }),
    db.delete(oneTimeCode).where(and(eq(oneTimeCode.phone, phone), notInArray(oneTimeCode.code, newest))),
  ])
  return digits
}

/**
 * A code is good once, even for two who type it at the same moment; with it the others of its number are gone. A wrong
 * one is a try at each that is good.
 *
 * @returns whether it was good
 */
export async function takeCode(
  db: Directory,
  secret: string,
  phone: string,
  digits: string,
  now: number,
): Promise<boolean> {
  const code = await lookupOf(secret, 'code', `${phone}${digits}`)
  const good = and(
    eq(oneTimeCode.phone, phone),
    gt(oneTimeCode.sentAt, now - CODE_MS),
    lt(oneTimeCode.tries, mostTries),
  )
  const [taken] = await db.batch([
    db
      .delete(oneTimeCode)
      .where(and(good, eq(oneTimeCode.code, code)))
      .returning({ code: oneTimeCode.code }),
    db
      .update(oneTimeCode)
      .set({ tries: sql`${oneTimeCode.tries} + 1` })
      .where(good),
  ])
  if (taken.length === 0) return false
  await db.delete(oneTimeCode).where(eq(oneTimeCode.phone, phone))
  return true
}

/** @returns a whole number from 0 to `below` − 1, each as likely as the others */
function evenly(below: number): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
  const even = Math.floor(2 ** 32 / below) * below
  return random < even ? random % below : evenly(below)
}
