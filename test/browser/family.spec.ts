// A relative's phone, as the relative meets it: good ones, old ones, and ones that keep nothing.
import type { BrowserContext, Page } from '@playwright/test'
import { expect, test } from './people.ts'

test.use({ viewport: { width: 360, height: 740 }, hasTouch: true })

const field = (page: Page) => page.getByRole('textbox', { name: '信的内容' })
const send = (page: Page) => page.getByRole('button', { name: '寄出' })
const saved = (page: Page) => expect(page.locator('#kept')).toHaveText('已存在手机')
const now = (page: Page) => page.locator('section.now h2')

const signsIn = (page: Page, to = '/') => page.goto(`/local/sign-in?as=mother&to=${encodeURIComponent(to)}`)

/** The page keeps itself for use without a network. */
const keepsItself = (page: Page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))

/** Signed in, with the ties of this account on the phone. */
async function opensLetter(page: Page): Promise<void> {
  await signsIn(page, '/letter?new')
  // The sign-in by link tells the server alone: the first page asks it whose phone this is.
  await page.goto('/')
  await expect(page.getByText('已登录')).toBeVisible()
  await page.goto('/letter?new')
  // Without Web Locks the page just left may hold the turn to exchange for as long as a lease lasts (5 s).
  await expect(page.getByText('张伟')).toBeVisible({ timeout: 10_000 })
}

const without = (context: BrowserContext, names: readonly string[]) =>
  context.addInitScript((names) => {
    for (const path of names) {
      const parts = path.split('.')
      const last = parts.pop() ?? ''
      const owner = parts.reduce<Record<string, unknown> | undefined>(
        (object, part) => object?.[part] as Record<string, unknown> | undefined,
        globalThis as unknown as Record<string, unknown>,
      )
      if (!owner || Reflect.deleteProperty(owner, last) === false || last in owner)
        Object.defineProperty(owner ?? globalThis, last, { value: undefined, configurable: true, writable: true })
      if (owner) Reflect.deleteProperty(Object.getPrototypeOf(owner) as object, last)
    }
  }, names)

test('a letter is typed and kept while everything but its HTML is blocked', async ({ page }) => {
  await page.route('**/*', (route) => (route.request().isNavigationRequest() ? route.continue() : route.abort()))
  await page.goto('/letter')
  await field(page).fill('天冷了，多穿点。')
  await page.reload()

  await expect(field(page)).toHaveValue('天冷了，多穿点。')
})

test('what was written before signing in goes along into the account', async ({ page }) => {
  await page.goto('/letter')
  await field(page).fill('写在登录以前')
  await saved(page)
  await send(page).click()
  await expect(page.getByRole('alert')).toContainText('请先登录')
  await page.getByRole('link', { name: '去登录' }).click()
  await page.getByLabel('手机号码').fill('139 0000 0042')
  await page.getByRole('button', { name: '取验证码' }).click()
  await expect(page.getByLabel('短信验证码')).toBeFocused()
  const codes = (await (await page.request.get('/local/codes.json')).json()) as { code?: string; to: string }[]
  const code = codes.filter(({ to }) => to.endsWith('13900000042')).at(-1)?.code ?? codes.at(0)?.code ?? ''
  await page.getByLabel('短信验证码').fill(code)
  await page.getByRole('button', { name: '登录', exact: true }).click()

  await expect(field(page)).toHaveValue('写在登录以前')
  await send(page).click()
  await expect(page.getByRole('alert')).toContainText('还没有登记亲属关系')
})

test('what is in the way of a letter is said, and no more once somebody writes on', async ({ page }) => {
  await opensLetter(page)
  await send(page).click()
  await expect(page.getByRole('alert')).toContainText('信还是空的')
  await field(page).pressSequentially('好')
  await expect(page.getByRole('alert')).toBeHidden()
})

test('a letter that this phone does not know: it says whom to call', async ({ page }) => {
  await opensLetter(page)
  await page.goto('/matter?id=none')
  await expect(page.getByRole('heading', { name: '这里找不到这件事' })).toBeVisible()
  await expect(page.getByRole('link', { name: /监所电话/ })).toBeVisible()
})

test('a letter is sent without a network, goes when there is one, and is taken back with its text', async ({
  page,
  context,
}) => {
  await opensLetter(page)
  await keepsItself(page)
  await context.setOffline(true)
  await field(page).fill('没有网络也能写。')
  await send(page).dblclick()
  await expect(now(page)).toHaveText('已存在手机')
  await page.reload()
  await expect(now(page)).toHaveText('已存在手机')

  await context.setOffline(false)
  await expect(now(page)).toHaveText('已送达监所')
  await page.getByRole('button', { name: '撤回' }).click()
  await page.getByRole('alert').getByRole('button', { name: '撤回' }).click()
  await expect(field(page)).toHaveValue('没有网络也能写。')
})

test('a returned letter shows its marks, is mended and sent again', async ({ page, as }) => {
  const [mother, reviewer] = [await as('mother'), await as('reviewer')]
  const tie = await mother.tie()
  const letter = crypto.randomUUID() as typeof tie.id
  const body = '家里都好。<b>那件事</b>请你问律师。'
  await mother.does(tie.house.id, letter, 'submit', { base: 0, input: { to: tie.id, body } })
  const marks = [{ from: 5, to: 15, reason: 'caseTalk', advice: '请删去这一句' }]
  await reviewer.does(tie.house.id, letter, 'return', { input: { marks } })

  await signsIn(page, `/matter?id=${letter}`)
  await expect(page.locator('mark')).toContainText('<b>那件事</b>')
  await expect(page.getByText('请删去这一句')).toBeVisible()
  await page.getByRole('button', { name: '修改这封信' }).click()
  await expect(field(page)).toHaveValue(body)
  await page.getByRole('button', { name: '在信里找到这一处' }).click()
  await page.keyboard.press('Delete')
  await page.getByRole('button', { name: '再寄一次' }).click()

  await expect(now(page)).toHaveText('已送达监所')
  await expect.poll(() => mother.sees(letter)).toBe('submitted')
})

const old = [
  'Object.hasOwn',
  'Array.prototype.at',
  'structuredClone',
  'crypto.randomUUID',
  'HTMLDialogElement',
  'navigator.locks',
  'CompressionStream',
]
test('an old phone does all of it', async ({ page, context }) => {
  await without(context, old)
  await opensLetter(page)
  await field(page).fill('旧手机也能写。'.repeat(200)) // long enough to be compressed on its way
  await saved(page)
  await send(page).click()

  await expect(now(page)).toHaveText('已送达监所')
})

test('a browser that keeps no pages sends, and says so without a network', async ({ page, context }) => {
  await without(context, ['Navigator.prototype.serviceWorker'])
  await opensLetter(page)
  await expect(page.getByText('张伟')).toBeVisible()
  await context.setOffline(true)
  await field(page).fill('没有网络，也没有缓存。')
  await send(page).click()
  await expect(page.getByRole('heading', { name: /信已经写好，存在手机里了|已存在手机/ })).toBeVisible()

  await context.setOffline(false)
  await page.goto('/')
  await expect(page.getByRole('listitem').first()).toContainText('已送达监所')
})

test('a browser that refuses storage says so plainly, and still sends', async ({ page, context }) => {
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('refused', 'SecurityError')
    }
  })
  await opensLetter(page)
  await field(page).fill('这部手机不让保存。')
  await expect(page.locator('#kept')).toContainText('这个浏览器不让网页好好保存内容')
  await send(page).click()

  await expect(now(page)).toHaveText('已送达监所')
})

test('a browser that refuses storage signs somebody out all the same', async ({ page, context }) => {
  await context.addInitScript(() => {
    const refuses = () => {
      throw new DOMException('refused', 'SecurityError')
    }
    IDBFactory.prototype.open = refuses
    for (const way of ['getItem', 'setItem', 'removeItem'] as const) Storage.prototype[way] = refuses
  })
  await page.goto('/local/sign-in?as=mother')
  await page.getByRole('button', { name: '退出登录', exact: true }).click()
  await page.getByRole('button', { name: '退出', exact: true }).click()
  await expect(page.getByRole('link', { name: '登录' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('link', { name: '登录' })).toBeVisible()
})

test('inside another app people are told first how to open the phone’s own browser', async ({ browser, served }) => {
  const context = await browser.newContext({ userAgent: 'Mozilla/5.0 MicroMessenger/8.0.50', baseURL: served.url })
  const page = await context.newPage()
  await page.goto('/letter')

  await expect(page.getByText('请先换到手机自带的浏览器')).toBeInViewport()
  await context.close()
})
