// The local server with a counter at its database: first, all, run, raw and batch are one trip each (DESIGN §5).
import type { Env } from '#worker/env.ts'
import local from '#worker/start/local.ts'

export { Desk } from '#worker/start/local.ts'

let trips = 0

const counted = <T extends object>(target: T, names: ReadonlySet<string>, wraps: (made: unknown) => unknown): T =>
  new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name)
      if (typeof value !== 'function') return value
      return (...given: unknown[]): unknown => {
        if (names.has(String(name))) trips += 1
        return wraps(Reflect.apply(value, object, given.map(unwrapped)))
      }
    },
  })

/** A batch must be given the statements themselves. */
const originals = new WeakMap<object, object>()
const unwrapped = (given: unknown): unknown => {
  if (Array.isArray(given)) return given.map(unwrapped)
  return typeof given === 'object' && given !== null ? (originals.get(given) ?? given) : given
}

function statement(made: unknown): unknown {
  if (typeof made !== 'object' || made === null || !('bind' in made)) return made
  const wrapped = counted(made, new Set(['first', 'all', 'run', 'raw']), statement)
  originals.set(wrapped, made)
  return wrapped
}

export default {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    if (new URL(request.url).pathname === '/api/trips') {
      const counted = trips
      trips = 0
      return Response.json({ trips: counted })
    }
    return local.fetch(request, { ...env, DB: counted(env.DB, new Set(['batch', 'exec']), statement) }, context)
  },
}
