// The API on one page: which path is answered where.
import { Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import { marker } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import type { Env, Outside } from './env.ts'
import { desk } from './desk.ts'
import { guarded, nothing } from './doors.ts'
import { logFault } from './fault.ts'
import { answered, claimed, engaged, houses, invited, mandated } from './house/index.ts'
import { enrolments } from './identity/enrolment.ts'
import { identity } from './identity/index.ts'
import { me } from './identity/me.ts'
import { passkeys } from './identity/passkeys.ts'
import { tablets } from './identity/tablets.ts'
import { kiosk } from './kiosk/index.ts'
import { lawyers } from './lawyers/index.ts'
import { watched } from './security.ts'
import { sync } from './sync/index.ts'

/** What an answer may be to a browser: data of ours, over TLS, and no page of anybody's. */
const barred = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
}

/** @param outside the world that the server talks to: real adapters where it is deployed, local ones at `npm start` */
export function app(outside: Outside): Hono<{ Bindings: Env }> {
  const api = new Hono<{ Bindings: Env }>()
    .use(async (c, next) => {
      await next()
      if (c.res.webSocket) return
      // what lacks the marker is a portal's page and no answer of ours; none of ours may be kept by anybody between
      c.res.headers.set(marker, String(protocol))
      c.res.headers.set('cache-control', 'no-store')
      for (const [name, value] of Object.entries(barred)) if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    })
    // A database that was put back to an earlier day serves nobody before it has forgotten who was erased since.
    .use((c, next) =>
      c.env.STANDS_STILL ? Promise.resolve(c.json({ problem: 'standsStill' }, 503, { 'retry-after': '60' })) : next(),
    )
    .use(watched)
    .use(csrf())
    .use(guarded)
    .route('/identity', identity(outside))
    .route('/identity/passkeys', passkeys)
    .route('/identity/enrolment', enrolments)
    .route('/identity/tablets', tablets)
    .route('/me', me)
    .route('/sync', sync)
    .route('/houses/:facility', desk)
    .route('/houses', houses(outside))
    .route('/invites', invited)
    .route('/claims', claimed)
    .route('/mandates', mandated)
    .route('/consents', answered)
    .route('/engagements', engaged(outside))
    .route('/lawyers', lawyers(outside))
    .route('/kiosk', kiosk)
    .all('*', nothing)
    .onError((fault, c) => {
      if (fault instanceof HTTPException) return fault.getResponse() // a foreign page's form, refused before us
      logFault(c.req.path, fault)
      return c.json({ problem: 'fault' }, 500)
    })
  return new Hono<{ Bindings: Env }>().route('/api', api)
}
