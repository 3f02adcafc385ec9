// The server as it runs at `npm start`: the same app, with an inbox instead of a gateway and pages under `/local` that
// open every door. The deployed bundle begins at worker/index.ts and contains none of this (test/deployed.test.ts).
import { eq } from 'drizzle-orm'
import { Hono, type Context } from 'hono'
import { generateSignedCookie } from 'hono/cookie'
import * as v from 'valibot'
import { directory } from '#db/directory.ts'
import { founder, kiosks, officers, relatives } from '#db/demo/qingshan.ts'
import { newId, type Id } from '#db/id.ts'
import { Phone } from '#db/phone.ts'
import { facility, user } from '#db/tables/directory.ts'
import { app } from '../app.ts'
import type { Env } from '../env.ts'
import { auth, isSecure, sessionCookie } from '../identity/auth.ts'
import { dropPass } from '../identity/signedIn.ts'
import { minute } from '../minute.ts'
import { setAhead } from './clock.ts'
import { newInbox } from './inbox.ts'
import { codesPage } from './pages.ts'

export { Desk } from '../rooms/Desk.ts'

const inbox = newInbox()
const cast: ReadonlyMap<string, string> = new Map([
  ['admin', founder.phone],
  ...Object.entries({ ...officers, ...relatives }).map(([name, { phone }]): [string, string] => [name, phone]),
])

const product = app({ sms: inbox })

const local = new Hono<{ Bindings: Env }>()
  .get('/codes', (c) => c.html(codesPage(inbox.kept)))
  .get('/codes.json', (c) => c.json(inbox.kept))

  // `?as=` somebody of the cast or a telephone number, `&to=` where to go then
  .get('/sign-in', async (c) => {
    const as = c.req.query('as') ?? ''
    const phone = v.safeParse(Phone, cast.get(as) ?? as)
    if (!phone.success) return c.text(`Nobody is called ${as}. Known are: ${[...cast.keys()].join(', ')}`, 404)
    c.header('set-cookie', await sessionOf(c, phone.output))
    dropPass(c)
    const to = c.req.query('to') ?? '/'
    return c.redirect(/^\/(?!\/)/.test(to) ? to : '/')
  })

  // `?name=` a kiosk of the demo house: its admin asks for a new code, and this browser becomes the kiosk
  .get('/kiosk', async (c) => {
    const { name } = kiosks[c.req.query('name') === 'kiosk2' ? 'kiosk2' : 'kiosk']
    const kiosk = await c.env.DB.prepare(`SELECT id, facility FROM kiosk WHERE name = ? AND revoked_at IS NULL`)
      .bind(name)
      .first<{ id: Id; facility: Id }>()
    if (!kiosk) return c.text('There is no such kiosk.', 404)
    const cookie = (await sessionOf(c, founder.phone)).split(';')[0] ?? ''
    const answer = await product.request(
      `/api/houses/${kiosk.facility}/kiosks/${kiosk.id}/enrol`,
      { method: 'POST', headers: { cookie, 'content-type': 'application/json' }, body: '{}' },
      c.env,
    )
    const { code } = await answer.json<{ code: string }>()
    return c.redirect(`/kiosk#${code}`)
  })

  // `{ aheadMs }` sets this server's clock forward; then each house has its minute
  .post('/clock', async (c) => {
    const { aheadMs } = v.parse(v.strictObject({ aheadMs: v.pipe(v.number(), v.integer()) }), await c.req.json())
    setAhead(aheadMs)
    for (const { id } of await directory(c.env).select({ id: facility.id }).from(facility))
      await minute(c.env, id, Date.now())
    return c.json({ now: Date.now() })
  })

/** The cookie of a session like that of somebody who has just typed their code, made by the same library. */
async function sessionOf(c: Context<{ Bindings: Env }>, phone: string): Promise<string> {
  const secure = isSecure(c.req.raw)
  const { internalAdapter } = await auth(c.env, secure, () => Promise.reject(new Error('no code is sent here')))
    .$context
  const [known] = await directory(c.env).select({ id: user.id }).from(user).where(eq(user.phoneNumber, phone))
  const person =
    known ??
    (await internalAdapter.createUser(
      { name: '', email: `${newId()}@phone.invalid`, phoneNumber: phone, phoneNumberVerified: true },
      { method: 'phone-number' },
    ))
  const { token, expiresAt } = await internalAdapter.createSession(person.id)
  return generateSignedCookie(sessionCookie(secure), token, c.env.SESSION_SECRET, {
    httpOnly: true,
    sameSite: 'Lax',
    secure,
    path: '/',
    expires: expiresAt,
  })
}

export default new Hono<{ Bindings: Env }>().route('/local', local).route('/', product)
