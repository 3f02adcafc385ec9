// The cast: people of the demo house, each with a device of their own. Every worker of the tests has a whole server of
// its own. Somebody acts on a screen (`mother`, acting.ts), is only a page to look at (`cast`), or does what a story
// needs of them without any screen (`as`, calling.ts).
import { test as base, type BrowserContext, type Page } from '@playwright/test'
import { relatives, type kiosks, type officers } from '#db/demo/qingshan.ts'
import { Kiosk, Relative, Reviewer } from './acting.ts'
import { Caller } from './calling.ts'
import { comesIn } from './comesIn.ts'
import { phonesWith, type Engine, type Phone, type Phones } from './phones.ts'
import { Road } from './road.ts'
import { Served } from './served.ts'

type Name = keyof typeof relatives | keyof typeof officers | 'admin'

export const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } as const
const sizes = {
  phone,
  tablet: { viewport: { width: 1180, height: 820 }, hasTouch: true },
  kiosk: { viewport: { width: 1280, height: 800 }, hasTouch: true },
} as const

export interface Cast {
  /** somebody whom the house knows, signed in, on a page of their own browser */
  signedIn(as: Name, path?: string): Promise<Page>
  /** a phone of somebody whom nobody knows yet */
  anybody(path: string): Promise<Page>
  /** the device in a cell, about to be enrolled */
  kiosk(name?: keyof typeof kiosks): Promise<Page>
}

interface People {
  readonly cast: Cast
  /** somebody, over HTTP alone */
  readonly as: (name: Name) => Promise<Caller>
  /** what a test can do to the network of those who come over it */
  readonly road: Road
  /** in whichever browser the story is told */
  readonly phone: Phone
  readonly mother: Relative
  readonly reviewer: Reviewer
  readonly kiosk: Kiosk
}

/** Chromium once never closed a window whose service worker was just coming: no story is about that. */
const closes = (context: BrowserContext) =>
  Promise.race([context.close(), new Promise((later) => setTimeout(later, 20_000).unref())])

/** Comes in when a test first names them. */
const comes =
  <Person>(kind: new (page: Page) => Person, arrives: (cast: Cast) => Promise<Page>) =>
  async ({ cast }: { cast: Cast }, use: (person: Person) => Promise<void>): Promise<void> =>
    use(new kind(await arrives(cast)))

export const test = base.extend<People, { served: Served; engine: Engine; phones: Phones }>({
  engine: ['chromium', { option: true, scope: 'worker' }],
  phones: [
    async ({ engine }, use) => {
      const phones = await phonesWith[engine]()
      await use(phones)
      await phones.stop()
    },
    { scope: 'worker' },
  ],
  served: [
    async ({}, use) => {
      const served = await Served.starts()
      await use(served)
      await served.stop()
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  baseURL: ({ served }, use) => use(served.url),

  cast: async ({ browser, served }, use) => {
    const contexts: BrowserContext[] = []
    const device = async (kind: keyof typeof sizes) => {
      const context = await browser.newContext({ ...sizes[kind], baseURL: served.url })
      contexts.push(context)
      return context.newPage()
    }
    const open = async (kind: keyof typeof sizes, path: string) => {
      const page = await device(kind)
      await page.goto(path)
      return page
    }
    await use({
      signedIn: async (as, path) => {
        const relative = Object.hasOwn(relatives, as)
        const page = await device(relative ? 'phone' : 'tablet')
        await comesIn(page, served.url, as, path ?? (relative ? '/' : '/officer'))
        return page
      },
      anybody: (path) => open('phone', path),
      kiosk: (name = 'kiosk') => open('kiosk', `/local/kiosk?name=${name}`),
    })
    await Promise.all(contexts.map(closes))
  },
  as: ({ served }, use) => use((name) => Caller.signedIn(served.url, name)),
  road: async ({ served }, use) => {
    const road = await Road.to(served.url)
    await use(road)
    await road.stop()
  },

  phone: async ({ phones }, use) => {
    const phone = await phones.buys()
    await use(phone)
    await phone.close()
  },

  mother: comes(Relative, (cast) => cast.signedIn('mother')),
  reviewer: comes(Reviewer, (cast) => cast.signedIn('reviewer')),
  kiosk: comes(Kiosk, async (cast) => {
    const page = await cast.kiosk()
    await page.getByRole('button', { name: '登记', exact: true }).click()
    return page
  }),
})

export { expect } from '@playwright/test'
