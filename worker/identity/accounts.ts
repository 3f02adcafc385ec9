// The accounts of relatives in the directory, found by their telephone number.
import { eq } from 'drizzle-orm'
import { directory } from '#db/directory.ts'
import { newId, type Id } from '#db/id.ts'
import { lawyer, reach, user } from '#db/tables/directory.ts'
import type { Env } from '../env.ts'
import { lookupOf, sealNumber } from './numbers.ts'

export interface Account {
  readonly id: Id
  /** whether there is a house in which it has a tie, or it is a lawyer's: then a code alone does not open it */
  readonly holdsMatters: boolean
}

/**
 * @param phone E.164
 * @returns the account with this number, made where there is none
 */
export async function accountOf(env: Env, phone: string): Promise<Account> {
  const db = directory(env)
  const hash = await lookupOf(env.PEOPLE_SECRET, 'phone', phone)
  const id = newId()
  const [, rows, houses, licences] = await db.batch([
    db
      .insert(user)
      .values(newAccount(id, hash, await sealNumber(env.PEOPLE_SECRET, 'phone', id, phone)))
      .onConflictDoNothing(),
    db.select({ id: user.id }).from(user).where(eq(user.phone, hash)),
    db
      .select({ facility: reach.facility })
      .from(reach)
      .innerJoin(user, eq(user.id, reach.account))
      .where(eq(user.phone, hash))
      .limit(1),
    db
      .select({ grade: lawyer.grade })
      .from(lawyer)
      .innerJoin(user, eq(user.id, lawyer.account))
      .where(eq(user.phone, hash)),
  ])
  const [account] = rows
  if (!account) throw new Error('the directory gave no account for a phone number')
  return { ...account, holdsMatters: houses.length + licences.length > 0 }
}

/**
 * The number has a new owner (二次放号): the account that had it keeps its matters and loses the way in by this number.
 *
 * @param phone keyed hash
 * @param fresh the id of the account that has it from now on, for which it is sealed
 */
export async function handOnNumber(env: Env, phone: string, fresh: Id, phoneSealed: string): Promise<void> {
  const db = directory(env)
  await db.batch([
    db.update(user).set({ phone: null, phoneSealed: null }).where(eq(user.phone, phone)),
    db.insert(user).values(newAccount(fresh, phone, phoneSealed)),
  ])
}

/** Somebody who has no phone: nothing opens this account. */
export async function accountWithoutPhone(env: Env, facility: Id, name: string): Promise<Id> {
  const db = directory(env)
  const id = newId()
  await db.batch([
    db.insert(user).values({ ...newAccount(id, null, null), name }),
    db.insert(reach).values({ account: id, facility }),
  ])
  return id
}

function newAccount(id: Id, phone: string | null, phoneSealed: string | null) {
  const now = new Date()
  // The library cannot think of an account without an e-mail address: this one is nobody's.
  const email = `${id}@phone.invalid`
  return { id, name: '', email, emailVerified: false, phone, phoneSealed, createdAt: now, updatedAt: now }
}
