// `GET /api/me`: who is signed in. The one place where a session in use is made to last longer.
import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { directory } from '#db/directory.ts'
import { ledger } from '#db/ledger.ts'
import { masked } from '#db/phone.ts'
import { user } from '#db/tables/directory.ts'
import { only } from '../doors.ts'
import type { Signed } from '../env.ts'
import { postOf } from '../house/post.ts'
import { library, passCookies } from './library.ts'
import { openNumber } from './numbers.ts'
import { sealKeyOf } from './sealKey.ts'

export const me = new Hono<Signed>().get('/', ...only('people'), async (c) => {
  const { account, facilities } = c.var.me
  passCookies(c, await library(c, '/get-session'))
  const [person] = await directory(c.env).select().from(user).where(eq(user.id, account))
  if (!person) return c.json({ signIn: true }, 401)
  const { name, officer, phoneSealed } = person
  const phone = phoneSealed && (await openNumber(c.env.PEOPLE_SECRET, 'phone', account, phoneSealed))
  const posts = officer
    ? await Promise.all(facilities.map((facility) => postOf(ledger(c.env, facility), facility, account)))
    : []
  return c.json({
    account,
    name,
    phone: phone ? masked(phone) : '',
    officer,
    seal: await sealKeyOf(c.env.SEAL_SECRET, account),
    posts: posts
      .filter((post) => post !== undefined)
      .map(({ house, name, actor }) => ({ house, name, roles: actor.roles })),
  })
})
