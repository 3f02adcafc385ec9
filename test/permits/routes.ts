// Every route of the API, out of the server itself, with what its guard says.
import type { Handler } from 'hono'
import { app } from '#worker/app.ts'
import { doorOf, type Door } from '#worker/doors.ts'

export interface Route {
  /** such as `POST /api/houses/:facility/people` */
  readonly name: string
  readonly method: string
  readonly path: string
  /** undefined where none stands before it: then it answers as if it were not there */
  readonly door: Door | undefined
}

export function routes(): Route[] {
  const { routes } = app({
    sms: { send: () => Promise.resolve('taken') },
    registry: { ask: () => Promise.resolve('silent') },
  })
  const found = new Map<string, Route>()
  for (const { method, path, handler } of routes) {
    if (method === 'ALL') continue // stands before routes, or behind all of them
    const name = `${method} ${path}`
    found.set(name, { name, method, path, door: found.get(name)?.door ?? doorOf(handler as Handler) })
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** Whom a route is for, in a word. */
export const forWhom = ({ door }: Route): string =>
  door === undefined ? 'NOBODY' : 'to' in door ? door.to : `who may ${door.may}`
