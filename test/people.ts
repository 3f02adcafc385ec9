// The cast: each has a browser of their own at the size they use, and does what such a person does, in their words.
// One server for a Playwright worker, with its own data folder; each test begins with new letters of its own.
import { test as base, expect, type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve, type Served } from '#worker/start/serve.ts'

const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
const tablet = { viewport: { width: 1180, height: 820 }, hasTouch: true }
const screen = { viewport: { width: 1280, height: 800 }, hasTouch: true }

/** Somebody with a browser. */
export class Somebody {
  readonly context: BrowserContext
  readonly page: Page
  protected readonly served: Served

  constructor(context: BrowserContext, page: Page, served: Served) {
    this.context = context
    this.page = page
    this.served = served
  }

  async goes(path: string): Promise<void> {
    await this.page.goto(`${this.served.url}${path}`)
  }

  async signsIn(as: string, to: string): Promise<void> {
    await this.goes(`/local/sign-in?as=${as}&to=${encodeURIComponent(to)}`)
  }

  /** Until the app is on this device, as after a first visit that lasted a while. */
  installs(): Promise<unknown> {
    return this.page.evaluate('navigator.serviceWorker.ready.then(() => true)')
  }

  /** No network at all, until `finds`. */
  loses(): Promise<void> {
    return this.context.setOffline(true)
  }

  finds(): Promise<void> {
    return this.context.setOffline(false)
  }

  sees(text: string | RegExp): Promise<void> {
    return expect(this.page.getByText(text).first()).toBeVisible({ timeout: 20_000 })
  }
}

/** 家属: writes on a phone. */
export class Relative extends Somebody {
  get paper(): Locator {
    return this.page.locator('#body')
  }

  /** On the letter's page, without a word about where the network is. */
  async writes(text: string): Promise<void> {
    if (!this.page.url().includes('/letter')) await this.goes('/letter')
    await this.paper.fill(text)
  }

  /** @returns the letter's id */
  async sends(): Promise<string> {
    await this.page.getByRole('button', { name: /寄出|再寄一次/ }).click()
    await this.page.waitForURL(/\/matter/)
    return new URL(this.page.url()).searchParams.get('id') ?? ''
  }

  async reads(letter: string): Promise<void> {
    await this.goes(`/matter?id=${letter}`)
  }
}

/** 审核: decides on a tablet. */
export class Reviewer extends Somebody {
  /** Opens the one letter in which this is written. */
  async opens(letter: string): Promise<void> {
    await this.goes(`/officer?matter=${letter}`)
    await expect(this.page.getByRole('button', { name: /^通过/ })).toBeEnabled({ timeout: 20_000 })
  }

  async approves(): Promise<void> {
    await this.page.getByRole('button', { name: /^通过/ }).click()
    await this.held()
  }

  /** Marks whole sentences by keys, as somebody without a mouse does. */
  async returns(sentence: string, advice: string): Promise<void> {
    await this.marks(sentence)
    const given = this.page.getByRole('textbox', { name: '给家属的修改建议' })
    await given.fill(advice)
    await this.page.getByRole('button', { name: /^退回修改/ }).click()
    await this.held()
  }

  /** A decision waits ten seconds on the tablet, in which it can be undone. */
  async waitsOut(): Promise<void> {
    await expect(this.page.getByText(/秒内可以撤销/)).toBeHidden({ timeout: 20_000 })
  }

  private async held(): Promise<void> {
    await expect(this.page.getByText(/秒内可以撤销/).first()).toBeVisible({ timeout: 10_000 })
  }

  private async marks(sentence: string): Promise<void> {
    const letter = this.page.getByRole('group', { name: '信件内容' })
    await letter.getByText(sentence).first().selectText()
    await this.page.getByRole('button', { name: '谈到案情' }).click()
  }
}

/** 监仓一体机, and whoever stands before it. */
export class Kiosk extends Somebody {
  async rests(): Promise<void> {
    await expect(this.page.getByRole('button', { name: /点一下屏幕/ })).toBeVisible({ timeout: 30_000 })
  }

  async identifies(number: string, pin: string): Promise<void> {
    await this.page.getByRole('button', { name: /点一下屏幕/ }).click()
    await this.keys(number)
    await this.page.getByRole('button', { name: '下一步' }).click()
    await this.keys(pin)
    await this.page.getByRole('button', { name: '看我的信' }).click()
  }

  private async keys(typed: string): Promise<void> {
    for (const key of typed) await this.page.getByRole('button', { name: key, exact: true }).click()
  }
}

export interface Cast {
  readonly mother: Relative
  readonly wife: Relative
  readonly reviewer: Reviewer
  readonly secondReviewer: Reviewer
  readonly desk: Somebody
  readonly admin: Somebody
  readonly kiosk: Kiosk
  /** somebody who has not signed in */
  readonly stranger: Relative
}

type Kind<Person> = new (context: BrowserContext, page: Page, served: Served) => Person

/** Comes in when a test first names them, and leaves with it. */
function comes<Person extends Somebody>(
  kind: Kind<Person>,
  device: object,
  arrives: (person: Person) => Promise<void>,
) {
  return async (
    { browser, served }: { browser: Browser; served: Served },
    use: (person: Person) => Promise<void>,
  ): Promise<void> => {
    const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...device })
    const person = new kind(context, await context.newPage(), served)
    await arrives(person)
    await use(person)
    await context.close()
  }
}

const signsIn = (as: string, to: string) => (person: Somebody) => person.signsIn(as, to)

export const test = base.extend<Cast, { served: Served }>({
  served: [
    async ({}, use) => {
      const dir = mkdtempSync(join(tmpdir(), 'etongban-'))
      const served = await serve({ port: 0, dir, demo: true, log: () => undefined })
      await use(served)
      await served.stop()
      rmSync(dir, { recursive: true, force: true })
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  mother: comes(Relative, phone, signsIn('mother', '/')),
  wife: comes(Relative, phone, signsIn('wife', '/')),
  stranger: comes(Relative, phone, (person) => person.goes('/')),
  reviewer: comes(Reviewer, tablet, signsIn('reviewer', '/officer')),
  secondReviewer: comes(Reviewer, tablet, signsIn('reviewer2', '/officer')),
  desk: comes(Somebody, tablet, signsIn('desk', '/officer')),
  admin: comes(Somebody, tablet, signsIn('admin', '/officer/house')),
  kiosk: comes(Kiosk, screen, async (kiosk) => {
    await kiosk.goes('/local/kiosk?name=kiosk')
    const enrol = kiosk.page.getByRole('button', { name: '登记', exact: true })
    const rest = kiosk.page.getByRole('button', { name: /点一下屏幕/ })
    await expect(enrol.or(rest)).toBeVisible({ timeout: 30_000 })
    if (await enrol.isVisible()) await enrol.click()
    await kiosk.rests()
  }),
})
export { expect }
