// Every file of tests in workerd begins with the tables as the migrations make them.
import { applyD1Migrations, type D1Migration } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { Env as WorkerEnv } from '#worker/env.ts'

declare global {
  namespace Cloudflare {
    /** What the tests in workerd are given: vitest.config.ts makes it. */
    interface Env extends WorkerEnv {
      readonly migrations: D1Migration[]
    }
  }
}

await applyD1Migrations(env.DB, env.migrations)
