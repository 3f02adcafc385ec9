// Every page of a family and of an officer with something on it, in both languages, light and dark, in usual and in largest type:
// everybody can use it, and nothing is wider than the screen.
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type BrowserContextOptions, type Page } from '@playwright/test'
import { newId, type Id } from '#db/id.ts'
import { codeOf } from '#test/server.ts'
import { approvedLetter, type Caller } from './calling.ts'
import { comesIn } from './comesIn.ts'
import { looksAt, type Language } from './looking.ts'
import { phone, test } from './people.ts'

test.setTimeout(300_000) // a hundred looks

async function submits(writer: Caller, body: string): Promise<{ letter: Id; house: Id }> {
  const { id: to, house } = await writer.tie()
  const letter = newId()
  await writer.does(house.id, letter, 'submit', { base: 0, input: { to, body } })
  return { letter, house: house.id }
}

const languages: readonly Language[] = ['zh', 'en']

interface Visit {
  readonly path: string
  /** what is there once the page has all that it shows */
  readonly shows: string
  /** what somebody does there before it is looked at */
  readonly then?: (page: Page) => Promise<void>
}

async function visits(page: Page, contrast: '7:1' | '4.5:1', pages: readonly Visit[]): Promise<void> {
  for (const language of languages) {
    await page.evaluate((language) => localStorage.setItem('etongban.lang', language), language)
    for (const { path, shows, then } of pages) {
      await page.goto(path)
      await page.locator(shows).filter({ visible: true }).first().waitFor()
      await expect(page.locator('html')).toHaveAttribute('lang', language === 'zh' ? 'zh-CN' : 'en')
      await then?.(page)
      await looksAt(page, path, language, contrast)
    }
  }
}

/** A list of which a row is taken, one is wrong, and everybody who is inside is missing. */
async function choosesList(page: Page): Promise<void> {
  const path = join(tmpdir(), '名单.csv')
  writeFileSync(path, '编号,姓名,状态,监室,年龄\nX-01,赵一,未决,3-02,30\nX-02,赵二,在押,3-02,31\n')
  await page.locator('[type=checkbox]').check()
  await page.locator('#roster-file').setInputFiles(path)
  await page.locator('#roster-plan').waitFor()
}

const claims = (who: Caller, house: Id) =>
  who.http.post('/api/claims', {
    id: newId(),
    house,
    person: '无此人',
    born: '1990-03-07',
    name: '张秀兰',
    kin: 'parent',
  })

const clicks = (selector: string) => (page: Page) => page.locator(selector).first().click()
/** Everything that is folded away. */
const opensAll = (page: Page) =>
  page
    .locator('main details:not([open]) > summary')
    .evaluateAll((all) => all.forEach((one) => (one as HTMLElement).click()))
/** Opens a part of the first page by its name in either language. */
const opens = (zh: string, en: string, shows: string) => async (page: Page) => {
  await page.getByRole('button', { name: new RegExp(`^(${zh}|${en})$`) }).click()
  await page.locator(shows).first().waitFor()
}
const calm: BrowserContextOptions = { reducedMotion: 'reduce' }

test('everybody can use every page of a family', async ({ browser, served, as }) => {
  const [mother, wife, reviewer] = [await as('mother'), await as('wife'), await as('reviewer')]
  const { letter: returned, house } = await submits(mother, '家里都好。那件事请你问律师。')
  const marks = [{ from: 5, to: 13, reason: 'caseTalk', advice: '请删去这一句' }]
  await reviewer.does(house, returned, 'return', { input: { marks } })
  const { letter: taken } = await submits(mother, '天冷了，多穿点。')
  const { letter: withheld } = await submits(wife, '老地方的东西收好了。')
  await reviewer.does(house, withheld, 'withhold', { input: { reasons: ['codeWords'], note: '看不懂' } })

  const comes = async (path: string) => {
    const page = await (await browser.newContext({ ...phone, ...calm, baseURL: served.url })).newPage()
    await page.goto(path)
    return page
  }
  const page = await comes(`/local/sign-in?as=mother&to=${encodeURIComponent(`/matter?id=${taken}`)}`)
  // Taken back without a network, after an officer has let it through: that goes onto the shelf.
  await page.getByRole('button', { name: '撤回' }).waitFor()
  await page.context().setOffline(true)
  await page.getByRole('button', { name: '撤回' }).click()
  await page.getByRole('alert').getByRole('button', { name: '撤回' }).click()
  await page.waitForURL(/letter/)
  await reviewer.does(house, taken, 'approve')
  await page.context().setOffline(false)
  await page.goto('/shelf')
  await page.locator('main section').first().waitFor({ timeout: 30_000 })
  const at = `/api/houses/${house}`
  const tie = (await mother.tie()).id
  await claims(mother, house)
  const ban = { until: Date.UTC(2099, 0), reason: 'order', note: '' }
  await (await as('admin')).http.post(`${at}/kinships/${tie}/ban`, ban)
  const link = await (await as('desk')).http.post(`${at}/consents/link`, { tie, kind: 'letter' })
  const { code } = link.said as { code: string }
  await visits(page, '7:1', [
    { path: '/', shows: 'main li', then: clicks('summary') },
    { path: '/letter?new', shows: '.to', then: clicks('.send button') },
    { path: `/matter?id=${returned}`, shows: 'mark' },
    { path: `/matter?id=${taken}`, shows: 'section.now' },
    { path: '/matter?id=none', shows: 'main .button' },
    { path: '/shelf', shows: 'main section' },
    { path: '/help', shows: '.telephone', then: clicks('summary') },
    { path: '/sign-in', shows: 'main input', then: clicks('button.primary') },
    { path: '/invite', shows: 'main input', then: clicks('button.primary') },
    { path: '/invite', shows: '#person', then: clicks('section form button.primary') },
    { path: `/invite?body#consent:${code}`, shows: '#document', then: clicks('form button') },
    { path: '/invite?x#consent:none', shows: '[role=alert]' },
    { path: '/', shows: 'main li', then: opens('家人代办', 'Acting for family', 'section form, section details') },
    { path: '/', shows: 'main li', then: opens('我的证件', 'My document', 'section ul') },
    { path: '/', shows: 'main li', then: opens('登录过的手机', 'Where I am signed in', 'section li .here') },
    { path: '/', shows: 'main li', then: opens('通行密钥', 'Passkeys', 'section .care') },
    { path: '/', shows: 'main li', then: opens('应用锁', 'App lock', '#lock-pin') },
    { path: '/nothing', shows: 'main .button' },
  ])
  await page.context().close()
  await (await as('admin')).http.post(`${at}/kinships/${tie}/lift`)

  const other = await comes('/local/sign-in?as=wife')
  await visits(other, '7:1', [
    { path: `/matter?id=${withheld}`, shows: '.moves button', then: clicks('.moves button') },
  ])
  await other.context().close()
})

test('everybody can use every page of an officer', async ({ browser, served, as }) => {
  const [mother, wife, reviewer] = [await as('mother'), await as('wife'), await as('reviewer')]
  const { letter: open, house } = await submits(mother, '小伟：\n家里都好。那件事别怕，他不会说的。')
  const { letter: threatening } = await submits(mother, '小伟：他们会后悔的。') // a half-written decision is kept
  const approved = await approvedLetter(mother, await as('reviewer2'), '天冷了，多穿点。')
  const { letter: appealed } = await submits(wife, '老地方的东西收好了。')
  await reviewer.does(house, appealed, 'withhold', { input: { reasons: ['codeWords'], note: '' } })
  await wife.does(house, appealed, 'appeal', { base: 2, input: { why: '是几件衣服' } })

  const opens = async (who: string) => {
    const options = { ...calm, viewport: { width: 820, height: 1180 }, baseURL: served.url }
    const page = await (await browser.newContext(options)).newPage()
    await comesIn(page, served.url, who, '/officer')
    await page.locator('[data-row]').first().waitFor()
    return page
  }
  const ready = async (page: Page) => page.locator('.approve:enabled').waitFor()
  const page = await opens('reviewer')
  await visits(page, '4.5:1', [
    { path: '/officer', shows: '[data-row]', then: clicks('header summary') },
    {
      path: `/officer?matter=${open}`,
      shows: '[role=group]',
      then: async (page) => {
        await ready(page)
        for (const key of ['m', '7']) await page.keyboard.press(key)
      },
    },
    {
      path: `/officer?matter=${threatening}`,
      shows: '[role=group]',
      then: async (page) => {
        await ready(page)
        for (const button of ['button.hard', 'form button.hard']) await page.locator(button).first().click()
      },
    },
    { path: `/officer?matter=${appealed}`, shows: '.appeal' },
    { path: `/officer?show=approved&matter=${approved}`, shows: '.ways' },
    { path: '/officer?show=all', shows: '[data-row]' },
    { path: `/officer/handover#${approved}.1`, shows: '.cover' },
    { path: '/officer?q=nobody', shows: '.empty' },
    { path: `/officer/print?id=${approved}`, shows: '.desk button.primary:enabled' },
    { path: '/officer/handover#nonsense', shows: '.trouble' },
    {
      path: '/officer',
      shows: '[data-row]',
      then: async (page) => {
        await page.locator('header summary').click()
        await page.locator('header details button').first().click()
        await page.locator('dialog[open] li').first().waitFor()
      },
    },
  ])
  await page.context().close()

  await claims(mother, house)
  const admin = await (await browser.newContext({ ...calm, viewport: { width: 820, height: 1180 } })).newPage()
  await comesIn(admin, served.url, 'admin', '/officer/house')
  await admin.locator('main li a').first().click()
  await admin.locator('#invite').waitFor()
  const person = new URL(admin.url())
  await visits(admin, '4.5:1', [
    { path: person.href, shows: '#invite', then: clicks('#invite button') },
    { path: person.href, shows: '#invite', then: opensAll },
    ...[
      { path: '/officer/house?new', shows: '#admit', then: clicks('#admit button') },
      { path: '/officer/house?list', shows: '#roster-file', then: choosesList },

      { path: '/officer/house?claims', shows: 'article', then: opensAll },
      { path: '/officer/house/officers', shows: '#officer' },
      {
        path: '/officer/house/officers',
        shows: '#officer',
        then: async (page: Page) => {
          await page.locator('#officer-name').fill('冯远')
          await page.locator('#officer input[type=checkbox]').first().check()
          await page.locator('#officer button').click()
          await page.locator('.slip').waitFor()
        },
      },
      { path: '/officer/house/kiosks', shows: '#kiosk' },
      { path: '/officer/house/settings', shows: 'main form' },
      { path: '/officer/house/open', shows: '#open' },
    ].map((visit) => ({ ...visit, path: `${served.url}${visit.path}` })),
  ])
  await admin.context().close()

  const nobody = await (await browser.newContext({ ...calm, ...phone, baseURL: served.url })).newPage()
  await nobody.goto('/officer')
  const code = await codeOf(served.url, 'oversight')
  await visits(nobody, '4.5:1', [
    { path: '/officer', shows: 'main button' },
    { path: '/officer/enrol', shows: '#code' },
    { path: `/officer/enrol#${code}`, shows: 'dl' },
    { path: '/officer/house/open', shows: '#open-founding', then: clicks('#open button') },
  ])
  await nobody.context().close()
})
