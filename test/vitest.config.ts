// Two places to keep a promise: Node for what is pure, and workerd with a real D1 for what is kept (`*.d1.test.ts`).
import { generateKeyPairSync } from 'node:crypto'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { shards } from './shards.ts'

const kept = 'test/**/*.d1.test.ts'

export default defineConfig({
  test: {
    allowOnly: false,
    testTimeout: 30_000, // two cores may be doing other things
    hookTimeout: 180_000, // a first server builds what it serves
    projects: [
      { test: { name: 'node', include: ['test/**/*.test.ts'], exclude: [kept] } },
      {
        plugins: [
          cloudflareTest(async () => ({
            main: 'worker/rooms/Desk.ts',
            miniflare: {
              durableObjects: { DESK: { className: 'Desk', useSQLite: true } },
              compatibilityDate: '2026-10-23',
              compatibilityFlags: ['nodejs_compat'],
              d1Databases: ['DB', 'DB_SOUTH'],
              r2Buckets: ['FILES'],
              bindings: {
                migrations: await readD1Migrations('db/migrations'),
                RECORD_KEY: generateKeyPairSync('ed25519')
                  .privateKey.export({ type: 'pkcs8', format: 'der' })
                  .toString('base64'),
                RECORD_ORIGIN: 'test.example',
                SHARDS: JSON.stringify(shards),
              },
            },
          })),
        ],
        test: { name: 'workerd', include: [kept], setupFiles: ['test/migrated.ts'] },
      },
    ],
  },
})
