// The server as it runs at `npm start`: the same app, with an inbox instead of a gateway and pages under `/local` that
// open every door. The deployed bundle begins at worker/index.ts and contains none of this (test/deployed.test.ts).
import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import * as v from 'valibot'
import { directory } from '#db/directory.ts'
import * as linxi from '#db/demo/linxi.ts'
import * as qingshan from '#db/demo/qingshan.ts'
import type { Id } from '#db/id.ts'
import { Phone } from '#db/phone.ts'
import { enrolment, facility } from '#db/tables/directory.ts'
import { app } from '../app.ts'
import type { Env } from '../env.ts'
import { erasures } from '../erasure/erase.ts'
import { offerEnrolment } from '../house/kiosks.ts'
import { accountOf } from '../identity/accounts.ts'
import { browserOf } from '../identity/browser.ts'
import { newEnrolment } from '../identity/enrolment.ts'
import { signIn } from '../identity/session.ts'
import { askDue } from '../lawyers/licences.ts'
import { minute } from '../minute.ts'
import { registry } from '../outside/licences.ts'
import { setAhead } from './clock.ts'
import { newInbox } from './inbox.ts'
import { codesPage } from './pages.ts'

export { Desk } from '../rooms/Desk.ts'

const inbox = newInbox()
const licences = registry(env)
const families: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...qingshan.relatives, lawyer: qingshan.lawyer }).map(([name, { phone }]): [string, string] => [
    name,
    phone,
  ]),
)

/** Somebody or something of one of the demo houses. */
interface InHouse {
  readonly name: string
  readonly house: { readonly code: string; readonly admin: string }
}
/** Those of the second house go by its code: `linxi.admin`. */
const called = (of: 'kiosks' | 'officers'): [key: string, found: InHouse][] =>
  [qingshan, linxi].flatMap((demo) => {
    const key = (name: string) => (demo.house === qingshan.house ? name : `${demo.house.code}.${name}`)
    return Object.entries<{ readonly name: string }>(demo[of]).map(([name, one]): [string, InHouse] => [
      key(name),
      { name: one.name, house: demo.house },
    ])
  })
const posts: ReadonlyMap<string, InHouse> = new Map([
  ['admin', { name: qingshan.house.admin, house: qingshan.house }],
  ['linxi.admin', { name: linxi.house.admin, house: linxi.house }],
  ...called('officers'),
])
const devices: ReadonlyMap<string, InHouse> = new Map(called('kiosks'))

const product = app({ sms: inbox, registry: licences })

const local = new Hono<{ Bindings: Env }>()
  .get('/codes', (c) => c.html(codesPage(inbox.kept)))
  .get('/codes.json', (c) => c.json(inbox.kept))

  // `?as=` a relative of the cast, their lawyer or a telephone number, `&to=` where to go then
  .get('/sign-in', async (c) => {
    const as = c.req.query('as') ?? ''
    const phone = v.safeParse(Phone, families.get(as) ?? as)
    if (!phone.success) return c.text(`No relative is called ${as}. Known are: ${[...families.keys()].join(', ')}`, 404)
    const { id: account } = await accountOf(c.env, phone.output)
    await signIn(c, await browserOf(c), account, Date.now())
    const to = c.req.query('to') ?? '/'
    return c.redirect(/^\/(?![/\\])/.test(to) ? to : '/')
  })

  // `?as=` an officer of a demo house: a code like the one that an admin gives, and the page on which it is taken.
  // It signs nobody in: that is for the passkey which is registered there.
  .get('/officer', async (c) => {
    const as = c.req.query('as') ?? ''
    const sought = posts.get(as) ?? { name: as, house: qingshan.house }
    const post = await c.env.DB.prepare(
      `SELECT o.account, h.id, h.code FROM officer o JOIN house h ON h.id = o.facility
       WHERE o.name = ? AND h.code = ? AND o.disabled_at IS NULL`,
    )
      .bind(sought.name, sought.house.code)
      .first<{ account: Id; id: Id; code: string }>()
    if (!post) return c.text(`No officer is called ${as}. Known are: ${[...posts.keys()].join(', ')}`, 404)
    const { kept, told } = await newEnrolment(post, post.account)
    await directory(c.env).insert(enrolment).values(kept)
    return c.redirect(`/officer/enrol#${told.code}`)
  })

  .get('/found', (c) => c.redirect(`/officer/house/open#${c.env.FOUNDING_CODE}`))

  // `?name=` a kiosk of a demo house: it is given a new code, and this browser becomes the kiosk
  .get('/kiosk', async (c) => {
    const device = devices.get(c.req.query('name') ?? 'kiosk')
    const kiosk = await c.env.DB.prepare(
      `SELECT k.id AS kiosk, h.id, h.code, o.account FROM kiosk k JOIN house h ON h.id = k.facility
       JOIN officer o ON o.facility = h.id AND o.name = ? WHERE k.name = ? AND k.revoked_at IS NULL`,
    )
      .bind(device?.house.admin ?? '', device?.name ?? '')
      .first<{ kiosk: Id; id: Id; code: string; account: Id }>()
    if (!kiosk) return c.text('There is no such kiosk.', 404)
    const actor = { account: kiosk.account, role: 'admin' } as const
    const { code } = await offerEnrolment(c.env, kiosk, kiosk.kiosk, actor)
    return c.redirect(`/kiosk#${code}`)
  })

  // `{ aheadMs }` sets this server's clock forward; then each house has its minute
  .post('/clock', async (c) => {
    const { aheadMs } = v.parse(v.strictObject({ aheadMs: v.pipe(v.number(), v.integer()) }), await c.req.json())
    setAhead(aheadMs)
    for (const { id } of await directory(c.env).select({ id: facility.id }).from(facility)) {
      await minute(c.env, id, Date.now())
      while (await erasures(c.env, id, Date.now()));
    }
    await askDue(c.env, licences, Date.now())
    return c.json({ now: Date.now() })
  })

export default new Hono<{ Bindings: Env }>().route('/local', local).route('/', product)
