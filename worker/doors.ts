// Who may come in where. Every route begins with a guard that says whom it is for: `anybody`, `only(…)` of the table
// below, or, where officers run a house, `may(…)` of the table in db/house.ts. A route that says nothing is open to
// nobody, and test/permits tries each as everybody.
import type { Context, Handler, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { matchedRoutes } from 'hono/route'
import { findTargetHandler } from 'hono/utils/handler'
import type { HouseAction } from '#db/house.ts'
import { refuse } from './checked.ts'
import type { Me, Signed } from './env.ts'
import { signedIn } from './identity/signedIn.ts'

/** What somebody who is signed in can be. */
type Sort = 'relative' | 'officer' | 'kiosk'

/** Whom a route is for, of those who are signed in. */
export const audiences = {
  /** whoever has anything to send or to hear */
  everybody: ['relative', 'officer', 'kiosk'],
  people: ['relative', 'officer'],
  /** an officer who is a relative too has another account for that */
  relatives: ['relative'],
  officers: ['officer'],
  kiosks: ['kiosk'],
} as const satisfies Record<string, readonly Sort[]>
export type Audience = keyof typeof audiences

/** What the guard before a route says. */
export type Door = { readonly to: 'anybody' | Audience } | { readonly may: HouseAction }

const doors = new WeakMap<Handler, Door>()

/** Marks the guard of a route. */
export function door<Guard extends MiddlewareHandler>(says: Door, guard: Guard): Guard {
  doors.set(guard, says)
  return guard
}

/** @returns what a handler says as the guard of its route, whatever an app that it is part of has wrapped it in */
export const doorOf = (handler: Handler): Door | undefined => doors.get(findTargetHandler(handler) as Handler)

/** Signed in or not: what they hold, such as a code, is looked at by the route itself. */
export const anybody: MiddlewareHandler = door({ to: 'anybody' }, (_, next) => next())

/** Those of the table above. A browser that is nobody of whom is meant is asked to sign in; for others it is forbidden. */
export const only = (to: Audience) =>
  [
    signedIn,
    door(
      { to },
      createMiddleware<Signed>(async (c, next) => {
        if (audiences[to].some((sort) => sort === sortOf(c.var.me))) return next()
        return to === 'people' || to === 'kiosks'
          ? c.json({ signIn: true }, 401)
          : refuse(c, 'not_allowed', undefined, 403)
      }),
    ),
  ] as const

const sortOf = ({ kiosk, officer }: Me): Sort => (kiosk ? 'kiosk' : officer ? 'officer' : 'relative')

/** Stands before all routes: where none is guarded, nothing is there. */
export const guarded: MiddlewareHandler = (c, next) =>
  matchedRoutes(c).some(({ handler }) => doorOf(handler as Handler)) ? next() : Promise.resolve(nothing(c))

/** The one answer to all that is not there. */
export const nothing = (c: Context): Response => c.json({ problem: 'not_found' }, 404)
