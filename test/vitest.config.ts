// Two places to keep a promise: Node for what is pure, and workerd with a real D1 for what is kept (`*.d1.test.ts`).
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const kept = 'test/**/*.d1.test.ts'

export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      { test: { name: 'node', include: ['test/**/*.test.ts'], exclude: [kept] } },
      {
        plugins: [
          cloudflareTest(async () => ({
            miniflare: {
              compatibilityDate: '2026-10-23',
              compatibilityFlags: ['nodejs_compat'],
              d1Databases: ['DB'],
              bindings: { migrations: await readD1Migrations('db/migrations') },
            },
          })),
        ],
        test: { name: 'workerd', include: [kept], setupFiles: ['test/migrated.ts'] },
      },
    ],
  },
})
