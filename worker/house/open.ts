// Opening a house. Whoever opens it is its first admin.
import { eq, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { directory } from '#db/directory.ts'
import { OpenHouse } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { facility, reach, user } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import type { Env, Me, Signed } from '../env.ts'
import { dropPass, signedIn } from '../identity/signedIn.ts'
import { append } from '../record/append.ts'
import { brokeConstraint } from './constraint.ts'
import { forbidden } from './may.ts'
import { postOf } from './post.ts'

export const opening = new Hono<Signed>().post('/', signedIn, checked(OpenHouse), async (c) => {
  const { me, input } = c.var
  if (!(await mayOpen(c.env, me))) return forbidden(c)

  // First the directory. After a crash between the two there is a name without a house, which shows nobody anything;
  // whoever tries again with the same code finishes it.
  const id = await nameHouse(c.env, input)
  const db = ledger(c.env, id)
  if (await db.prepare(`SELECT 1 FROM house WHERE id = ?`).bind(id).first()) return refuse(c, 'taken', 'code', 409)
  await letIn(c.env, me.account, id, input)
  try {
    await append(
      c.env,
      id,
      { account: me.account, role: 'admin' },
      [
        {
          subject: id,
          move: 'openHouse',
          facts: { kind: input.kind, admin: me.account },
          content: { ...input },
        },
      ],
      () => [
        db
          .prepare(`INSERT INTO house (id, code, name, kind, telephone, hours) VALUES (?, ?, ?, ?, ?, ?)`)
          .bind(id, input.code, input.name, input.kind, input.telephone, input.hours),
        db
          .prepare(`INSERT INTO officer (facility, account, name, roles) VALUES (?, ?, ?, '["admin"]')`)
          .bind(id, me.account, input.admin),
      ],
    )
  } catch (error) {
    if (brokeConstraint(error, 'house.id')) return refuse(c, 'taken', 'code', 409)
    throw error
  }
  // Who came as anybody goes on as an officer: the token of before says otherwise.
  dropPass(c)
  return c.json({ id }, 201)
})

/** The numbers in the secret `FOUNDERS`, and every admin of a house. */
async function mayOpen(env: Env, me: Me): Promise<boolean> {
  if (me.kiosk) return false
  const [person] = await directory(env).select({ phone: user.phoneNumber }).from(user).where(eq(user.id, me.account))
  const founders = (env.FOUNDERS ?? '').split(',').map((phone) => phone.trim())
  if (person?.phone && founders.includes(person.phone)) return true
  const posts = await Promise.all(me.facilities.map((facility) => postOf(ledger(env, facility), facility, me.account)))
  return posts.some((post) => post?.actor.roles.includes('admin'))
}

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
    db
      .update(user)
      .set({ officer: true, name: sql`CASE ${user.name} WHEN '' THEN ${house.admin} ELSE ${user.name} END` })
      .where(eq(user.id, account)),
  ])
}

const cardOf = ({ name, kind, telephone, hours }: OpenHouse) => ({ name, kind, telephone, hours })
