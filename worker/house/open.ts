// Opening a house: by an admin of another one, or by whoever holds the secret code that the operator made. Whoever opens
// it is its first admin.
import { eq } from 'drizzle-orm'
import { Hono, type Context } from 'hono'
import { directory } from '#db/directory.ts'
import { FoundHouse, OpenHouse } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { Found } from '#db/passkey.ts'
import { facility, passkey, reach, user } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { anybody, only } from '../doors.ts'
import type { Env, Signed } from '../env.ts'
import { openSession } from '../identity/session.ts'
import { addressOf, HOUR_MS, later, tooMany } from '../identity/limit.ts'
import { postsOf } from '../identity/passkeys.ts'
import { askToRegister, registered } from '../identity/webauthn.ts'
import { append } from '../record/append.ts'
import { brokeConstraint } from './constraint.ts'
import { forbidden } from './may.ts'
import { newOfficer } from './officers.ts'

export const opening = new Hono<Signed>()
  .post('/', ...only('officers'), checked(OpenHouse), async (c) => {
    const { account } = c.var.me
    const posts = await postsOf(c.env, account)
    if (!posts.some(({ actor }) => actor.roles.includes('admin'))) return forbidden(c)
    const id = await open(c.env, account, c.var.input)
    return id ? c.json({ id }, 201) : refuse(c, 'taken', 'code', 409)
  })

  // All that may be wrong is said before anybody is asked for a finger.
  .post('/found/options', anybody, checked(FoundHouse), async (c) => {
    const house = c.var.input
    const closed = (await noFounder(c, house.founding)) ?? (await nameTaken(c, house.code))
    if (closed) return closed
    const account = newId()
    return c.json(await askToRegister(c, 'found', account, { account, name: `${house.admin} · ${house.name}` }))
  })

  .post('/found', anybody, checked(Found), async (c) => {
    const { founding, ...house } = c.var.input.house
    const closed = (await noFounder(c, founding)) ?? (await nameTaken(c, house.code))
    if (closed) return closed
    const made = await registered(c, c.var.input.credential, 'found')
    if (!made) return refuse(c, 'not_allowed', 'credential', 403)

    const account = made.about as Id
    const db = directory(c.env)
    await db.batch([
      db.insert(user).values(newOfficer(account, house.admin)),
      db.insert(passkey).values({ ...made.passkey, account }),
    ])
    const id = await open(c.env, account, house)
    if (!id) return refuse(c, 'taken', 'code', 409)
    await openSession(c, account)
    return c.json({ id }, 201)
  })

/** @returns undefined where somebody else has this code */
async function open(env: Env, account: Id, house: OpenHouse): Promise<Id | undefined> {
  // First the directory. After a crash between the two there is a name without a house, which shows nobody anything;
  // whoever tries again with the same code finishes it.
  const id = await nameHouse(env, house)
  const db = ledger(env, id)
  if (await isOpen(env, id)) return undefined
  await letIn(env, account, id, house)
  try {
    await append(
      env,
      id,
      { account, role: 'admin' },
      [{ subject: id, move: 'openHouse', facts: { kind: house.kind, admin: account }, content: { ...house } }],
      () => [
        db
          .prepare(`INSERT INTO house (id, code, name, kind, telephone, hours) VALUES (?, ?, ?, ?, ?, ?)`)
          .bind(id, house.code, house.name, house.kind, house.telephone, house.hours),
        db
          .prepare(`INSERT INTO officer (facility, account, name, roles) VALUES (?, ?, ?, '["admin"]')`)
          .bind(id, account, house.admin),
      ],
    )
    return id
  } catch (error) {
    if (brokeConstraint(error, 'house.id')) return undefined
    throw error
  }
}

/** A code shorter than this can be guessed: 26 characters of base 32 are 130 bits. */
const leastCharacters = 26

/** @returns the refusal where this is not the code in the secret `FOUNDING_CODE` */
async function noFounder(c: Context, typed: string): Promise<Response | undefined> {
  const env = c.env as Env
  const limit = { what: `found:${addressOf(c)}`, most: 20, windowMs: HOUR_MS }
  const waitMs = await tooMany(directory(env), [limit], Date.now())
  if (waitMs > 0) return later(c, waitMs)
  const secret = env.FOUNDING_CODE?.trim() ?? ''
  const hash = (text: string) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  const same = crypto.subtle.timingSafeEqual(await hash(typed), await hash(secret))
  return same && secret.length >= leastCharacters ? undefined : refuse(c, 'wrong_code', 'founding', 404)
}

async function nameTaken(c: Context, code: string): Promise<Response | undefined> {
  const env = c.env as Env
  const [named] = await directory(env).select({ id: facility.id }).from(facility).where(eq(facility.code, code))
  return named && (await isOpen(env, named.id)) ? refuse(c, 'taken', 'code', 409) : undefined
}

const isOpen = async (env: Env, id: Id): Promise<boolean> =>
  (await ledger(env, id).prepare(`SELECT 1 FROM house WHERE id = ?`).bind(id).first()) !== null

/** @returns the id under which the directory knows this code, old or new */
async function nameHouse(env: Env, house: OpenHouse): Promise<Id> {
  const [row] = await directory(env)
    .insert(facility)
    .values({ id: newId(), ...cardOf(house), code: house.code, createdAt: Date.now() })
    .onConflictDoUpdate({ target: facility.code, set: { code: house.code } })
    .returning({ id: facility.id })
  if (!row) throw new Error('the directory gave no id for a house')
  return row.id
}

async function letIn(env: Env, account: Id, id: Id, house: OpenHouse): Promise<void> {
  const db = directory(env)
  await db.batch([
    db.update(facility).set(cardOf(house)).where(eq(facility.id, id)),
    db.insert(reach).values({ account, facility: id }).onConflictDoNothing(),
  ])
}

const cardOf = ({ name, kind, telephone, hours }: OpenHouse) => ({ name, kind, telephone, hours })
