// The cast: people of the demo house, each in a browser of their own at the size of their own device. Every worker has
// a whole server of its own, with data of its own.
import { test as base, type BrowserContext, type Page } from '@playwright/test'
import { relatives, type kiosks, type officers } from '#db/demo/qingshan.ts'
import { startServer } from '#test/server.ts'
import type { Served } from '#worker/start/serve.ts'

export type Relative = keyof typeof relatives
export type Officer = keyof typeof officers | 'admin'

const sizes = {
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  tablet: { viewport: { width: 1180, height: 820 }, hasTouch: true },
  kiosk: { viewport: { width: 1280, height: 800 }, hasTouch: true },
} as const

export interface Cast {
  /** somebody whom the house knows, signed in, on a page of their own browser */
  signedIn(as: Relative | Officer, path?: string): Promise<Page>
  /** a phone of somebody whom nobody knows yet */
  anybody(path: string): Promise<Page>
  /** the device in a cell, enrolled */
  kiosk(name?: keyof typeof kiosks): Promise<Page>
}

export const test = base.extend<{ cast: Cast }, { served: Served }>({
  served: [
    async ({ browserName: _ }, use) => {
      const served = await startServer(true)
      await use(served)
      await served.stop()
    },
    { scope: 'worker', timeout: 180_000 },
  ],

  cast: async ({ browser, served }, use) => {
    const contexts: BrowserContext[] = []
    const open = async (device: keyof typeof sizes, path: string) => {
      const context = await browser.newContext({ ...sizes[device], baseURL: served.url })
      contexts.push(context)
      const page = await context.newPage()
      await page.goto(path)
      return page
    }
    await use({
      signedIn: (as, path) => {
        const [device, home] = Object.hasOwn(relatives, as)
          ? (['phone', '/'] as const)
          : (['tablet', '/officer'] as const)
        return open(device, `/local/sign-in?as=${as}&to=${encodeURIComponent(path ?? home)}`)
      },
      anybody: (path) => open('phone', path),
      kiosk: (name = 'kiosk') => open('kiosk', `/local/kiosk?name=${name}`),
    })
    await Promise.all(contexts.map((context) => context.close()))
  },
})

export { expect } from '@playwright/test'
