// Real Chromium, at the two sizes at which the product is used most: a relative's phone and an officer's tablet.
// Each person of the cast (people.ts) brings the size of their own device.
import { defineConfig } from '@playwright/test'
import { chromium, flags } from './install.mjs'

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../../test-results/browser',
  forbidOnly: true,
  workers: 2,
  timeout: 60_000,
  reporter: [['list'], ['json', { outputFile: '../../test-results/browser.json' }]],
  use: {
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    trace: 'retain-on-failure',
    launchOptions: { executablePath: chromium, args: flags },
  },
})
