// What each of the cast does on a screen, in the words in which a story is told; people.ts opens their browsers.
import { expect, type Locator, type Page } from '@playwright/test'

/** Somebody with a browser. */
class Somebody {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async goes(path: string): Promise<void> {
    await this.page.goto(path)
  }

  /** No network at all, until `finds`. */
  loses(): Promise<void> {
    return this.page.context().setOffline(true)
  }

  finds(): Promise<void> {
    return this.page.context().setOffline(false)
  }

  /** Opens the page once more: nobody waits for five minutes in a test. */
  async looksAgain(): Promise<void> {
    await this.page.reload()
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

  /** Has looked around once: what she needs is on her phone from then on, installed or not. */
  async settles(): Promise<void> {
    await this.sees('已登录')
    await this.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await this.goes('/letter?new')
    await this.sees('张伟')
  }

  /** Her session has run out; the browser is still known. */
  signInEnds(): Promise<void> {
    return this.page.context().clearCookies({ name: /^etb$|session_token$/ })
  }

  /** With a code, as on a new phone. */
  async signsIn(number: string): Promise<void> {
    await this.page.getByLabel('手机号码').fill(number)
    await this.page.getByRole('button', { name: '取验证码' }).click()
    await expect(this.page.getByLabel('短信验证码')).toBeFocused()
    const messages = (await (await this.page.request.get('/local/codes.json')).json()) as {
      to: string
      code?: string
    }[]
    const newest = messages.find(({ to }) => to.endsWith(number))
    await this.page.getByLabel('短信验证码').fill(newest?.code ?? '')
    await this.page.getByRole('button', { name: '登录', exact: true }).click()
  }

  /** Begins a new letter, and sends it. @returns its id */
  async posts(text: string): Promise<string> {
    await this.goes('/letter?new')
    await this.sees('张伟')
    await this.writes(text)
    return this.sends()
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

  /** Its news are there before anybody has typed a number. */
  override async looksAgain(): Promise<void> {
    await Promise.all([this.page.waitForResponse('**/api/sync'), this.page.reload()])
    await this.rests()
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
