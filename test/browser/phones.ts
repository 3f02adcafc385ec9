// A phone with a browser, whichever it is: what a story that is told alike in all of them needs a person to be able to
// do. Chromium and Firefox are driven by Playwright, WebKit over WebDriver (webKit.ts).
import { chromium, firefox, type Browser, type Page } from '@playwright/test'
import { chromium as chromiumBinary, firefox as firefoxBinary, flags } from './install.mjs'
import { startWebKit } from './webKit.ts'

export type Engine = 'chromium' | 'firefox' | 'webKit'

export interface Tab {
  goes(address: string): Promise<void>
  reloads(): Promise<void>
  /** a button or a link that is called so */
  taps(name: string): Promise<void>
  /** into the letter, behind what stands there */
  types(text: string): Promise<void>
  /** what stands in the letter */
  written(): Promise<string>
  /** all that can be read on the page */
  says(): Promise<string>
  /** waits until the page is kept for use without a network */
  keepsItself(): Promise<void>
}

export interface Phone {
  opensTab(): Promise<Tab>
  /** nothing of it is left */
  close(): Promise<void>
}

export interface Phones {
  /** one that nobody has used yet */
  buys(): Promise<Phone>
  stop(): Promise<void>
}

export const phonesWith: Readonly<Record<Engine, () => Promise<Phones>>> = {
  chromium: async () => driven(await chromium.launch({ executablePath: chromiumBinary, args: flags })),
  firefox: async () =>
    driven(
      await firefox.launch({
        channel: 'moz-firefox',
        executablePath: firefoxBinary,
        // It looks for portals by itself and asks the world for codecs: neither is there.
        firefoxUserPrefs: {
          'network.captive-portal-service.enabled': false,
          'network.connectivity-service.enabled': false,
          'media.gmp-manager.url': 'http://127.0.0.1:1/',
        },
      }),
    ),
  webKit: startWebKit,
}

const driven = (browser: Browser): Phones => ({
  async buys() {
    const options = { viewport: { width: 360, height: 740 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' }
    const context = await browser.newContext(options)
    return { opensTab: async () => tab(await context.newPage()), close: () => context.close() }
  },
  stop: () => browser.close(),
})

function tab(page: Page): Tab {
  const letter = page.locator('#body')
  return {
    goes: async (address) => void (await page.goto(address)),
    reloads: async () => void (await page.reload()),
    taps: (name) => page.getByRole('button', { name }).or(page.getByRole('link', { name })).first().click(),
    types: (text) => letter.pressSequentially(text),
    written: () => letter.inputValue(),
    says: () => page.locator('body').innerText(),
    keepsItself: () => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined)),
  }
}
