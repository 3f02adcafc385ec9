// What keeps others out, in the log: who came in, before whom a door was shut, whose session ended, and who tried too
// often. One JSON line each, of codes and ids: no name, no number and nothing that anybody wrote. Where somebody came from
// stands there as a keyed hash, by which what one place tries is found together.
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { RefusalCode } from '#db/refusal.ts'
import type { Id } from '#db/id.ts'
import { doorOf } from './doors.ts'
import type { Env, Me } from './env.ts'
import { addressOf } from './identity/limit.ts'
import { lookupOf } from './identity/numbers.ts'

/** What a request leaves behind for the log. */
export interface Noted {
  Bindings: Env
  Variables: { me?: Me; signedIn?: Id; refused?: RefusalCode }
}

/** `notSignedIn` is also whose session is over; `signInRefused` a way in that was not opened. */
type SecurityEvent =
  'signedIn' | 'signInRefused' | 'signedOut' | 'sessionsEnded' | 'notSignedIn' | 'refused' | 'limited'

/** Routes that end a session. */
const ends: ReadonlyMap<string, SecurityEvent> = new Map([
  ['/api/identity/sign-out', 'signedOut'],
  ['/api/identity/tablets/lock', 'signedOut'],
  ['/api/identity/sessions/end', 'sessionsEnded'],
  ['/api/identity/sessions/end-others', 'sessionsEnded'],
  ['/api/houses/:facility/officers/:account/end-sessions', 'sessionsEnded'],
  ['/api/houses/:facility/officers/:account/reset', 'sessionsEnded'],
  ['/api/houses/:facility/officers/:account/disable', 'sessionsEnded'],
])

/** Stands around all routes. */
export const watched: MiddlewareHandler<Noted> = async (c, next) => {
  await next()
  const route = matchedRoutes(c).find(({ handler }) => doorOf(handler))?.path ?? 'none'
  const event = eventOf(c, route)
  if (!event) return
  const { me, signedIn, refused } = c.var
  const account = signedIn ?? me?.account
  const from = (await lookupOf(c.env.PEOPLE_SECRET, 'address', addressOf(c))).slice(0, 16)
  const time = new Date().toISOString()
  const { method } = c.req
  console.log(
    JSON.stringify({ at: 'security', time, event, method, route, status: c.res.status, refused, account, from }),
  )
}

function eventOf(c: Context<Noted>, route: string): SecurityEvent | undefined {
  const { me, signedIn, refused } = c.var
  const { status } = c.res
  if (signedIn) return 'signedIn'
  if (status === 429) return 'limited'
  if (status === 401) return 'notSignedIn'
  const shut = status === 403 || refused === 'not_allowed' || refused === 'wrong_code'
  // What is refused without a code is a foreign page's.
  if (shut) return !me && refused && route.startsWith('/api/identity/') ? 'signInRefused' : 'refused'
  return c.res.ok ? ends.get(route) : undefined
}
