// Every file of tests in workerd begins with the tables as the migrations make them.
import { applyD1Migrations, type D1Migration } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { Env as WorkerEnv } from '#worker/env.ts'

declare global {
  namespace Cloudflare {
    /** What the tests in workerd are given: vitest.config.ts makes it. */
    interface Env extends WorkerEnv {
      readonly migrations: D1Migration[]
      /** of one house alone (shards.ts) */
      readonly DB_SOUTH: D1Database
    }
  }
}

for (const database of [env.DB, env.DB_SOUTH]) await applyD1Migrations(database, env.migrations)
