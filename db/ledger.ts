// The one way to a house's ledger. A province is many databases: which one a house is in is said here alone.
import type { Id } from './id.ts'

export interface LedgerBindings {
  DB: D1Database
  /**
   * JSON `{"<facility id>": "<name of a D1 binding>"}`; a house that is not named is in `DB`. One that is named with
   * null is being moved: its phones and tablets wait, and nothing of it is read or written
   */
  SHARDS?: string
}

/**
 * The database that holds everything of one facility.
 *
 * @throws Error where the house is being moved, or the map names a binding that is not there
 */
export function ledger(env: LedgerBindings, facility: Id): D1Database {
  const shards = new Map(Object.entries(JSON.parse(env.SHARDS ?? '{}') as Record<string, string | null>))
  const binding = shards.get(facility)
  if (binding === undefined) return env.DB
  if (binding === null) throw new Error('this house is being moved to another database')
  const database = (env as unknown as Record<string, D1Database | undefined>)[binding]
  if (!database) throw new Error(`the shard map names a binding that does not exist: ${binding}`)
  return database
}
