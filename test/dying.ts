// A server that is killed in the middle of what it does.
import { env } from 'cloudflare:workers'
import type { Env } from '#worker/env.ts'

/** It dies at one trip to a database or to the files: before it, or after it and before anybody hears. */
export function dying(at: number, when: 'before' | 'after'): Env {
  let trips = 0
  const trip = async <Value>(go: () => Promise<Value>): Promise<Value> => {
    trips += 1
    if (trips === at && when === 'before') throw new Error('killed')
    const value = await go()
    if (trips === at) throw new Error('killed')
    return value
  }
  const watched = <Thing extends object>(thing: Thing, names: readonly string[]): Thing =>
    new Proxy(thing, {
      get: (_, name) => {
        const found = Reflect.get(thing, name) as unknown
        if (typeof found !== 'function') return found
        const call = (...given: unknown[]) =>
          (found as (...given: unknown[]) => unknown).apply(thing, given.map(unwatch))
        if (names.includes(String(name))) return (...given: unknown[]) => trip(async () => call(...given))
        return (...given: unknown[]) => {
          const made = call(...given)
          return name === 'prepare' || name === 'bind' ? statement(made as D1PreparedStatement) : made
        }
      },
    })
  const bare = new WeakMap<object, D1PreparedStatement>()
  const unwatch = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(unwatch) : (bare.get(value as object) ?? value)
  const statement = (made: D1PreparedStatement): D1PreparedStatement => {
    const seen = watched(made, ['all', 'run', 'first', 'raw'])
    bare.set(seen, made)
    return seen
  }
  return {
    ...env,
    DB: watched(env.DB, ['batch']),
    DB_SOUTH: watched(env.DB_SOUTH, ['batch']),
    FILES: watched(env.FILES, ['put', 'list', 'get', 'delete']),
  } as Env
}
