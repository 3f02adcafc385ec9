// The browsers beside Chromium, one after the other: each has a screen and a server of its own, and a machine two cores.
import { defineConfig } from '@playwright/test'
import type { Engine } from './phones.ts'

export default defineConfig<object, { engine: Engine }>({
  testDir: '.',
  testMatch: 'anyBrowser.spec.ts',
  outputDir: '../../test-results/others',
  forbidOnly: true,
  workers: 1,
  reporter: [['list'], ['json', { outputFile: '../../test-results/others.json' }]],
  projects: [
    { name: 'Firefox', use: { engine: 'firefox' } },
    { name: 'WebKit', use: { engine: 'webKit' } },
  ],
})
