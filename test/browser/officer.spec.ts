// The officer's tablet, as the people who decide and hand over meet it.
import { expect as expectAtOnce, type Browser, type Page } from '@playwright/test'
import { reference, type Id } from '#db/id.ts'
import { approvedLetter, writes } from './calling.ts'
import { comesIn } from './comesIn.ts'
import { test } from './people.ts'

const tablet = { viewport: { width: 1180, height: 820 }, hasTouch: true }
test.use(tablet)
test.slow()

/** A small machine that does much else needs longer than a tablet. */
const expect = expectAtOnce.configure({ timeout: 20_000 })

/** Ten seconds in which it can be undone, and the way to the house. */
const SENT_MS = 25_000

let url = ''
test.beforeEach(({ served }) => {
  url = served.url
})

const signIn = (page: Page, who: string, path = '/officer') => comesIn(page, url, who, path)

const open = (page: Page, who: string, matter: Id) => signIn(page, who, `/officer?matter=${matter}`)

async function another(browser: Browser, url: string): Promise<Page> {
  return (await browser.newContext({ ...tablet, baseURL: url, locale: 'zh-CN' })).newPage()
}

const letter = (page: Page) => page.getByRole('group', { name: '信件内容' })
const approve = (page: Page) => page.getByRole('button', { name: '通过' })
const giveBack = (page: Page) => page.getByRole('button', { name: '退回修改' })
const undo = (page: Page) => page.getByRole('button', { name: '撤销' })

/** Decisions are taken as soon as the letter has stood on the screen for a moment. */
const ready = (page: Page) => expect(approve(page)).toBeEnabled()

test('a passage is marked by keyboard, the decision undone, mended and sent', async ({ page, as }) => {
  const mother = await as('mother')
  const matter = await writes(mother, '小伟：\n家里都好。那件事别怕，他不会说的。\n妈妈')
  await open(page, 'reviewer', matter)
  await ready(page)

  await page.keyboard.press('m')
  for (let step = 0; step < 2; step += 1) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('1')
  await expect(letter(page).locator('mark')).toHaveText('那件事别怕，他不会说的。')
  await page.keyboard.press('r')
  await expect(undo(page)).toBeVisible()

  await page.reload()
  await undo(page).click() // it was on disk, and so is the way back
  await expect(letter(page).locator('mark')).toHaveText('那件事别怕，他不会说的。')
  await page.getByRole('textbox', { name: '给家属的修改建议' }).fill('请说明是哪件事')
  await expect(giveBack(page)).toBeEnabled()
  await giveBack(page).click()

  await expect.poll(() => mother.sees(matter), { timeout: SENT_MS }).toBe('returned')
})

test('a passage is marked by hand, over lines and whole characters', async ({ page, as }) => {
  const mother = await as('mother')
  const matter = await writes(mother, '第一行👨‍👩‍👧‍👦\n第二行说到案子')
  await open(page, 'reviewer', matter)
  await ready(page)
  await letter(page).evaluate((text) => {
    const [first, second] = Array.from(text.querySelectorAll('p span'), (run) =>
      Array.from(run.childNodes).find((node) => node.nodeType === 3 && node.textContent !== ''),
    )
    const range = document.createRange()
    range.setStart(first as Node, 4) // in the middle of the family
    range.setEnd(second as Node, 3)
    getSelection()?.addRange(range)
  })
  await page.getByRole('button', { name: '谈到案情' }).click()
  await expect(letter(page).locator('mark')).toHaveText(['👨‍👩‍👧‍👦', '第二行'])
  await page.getByRole('button', { name: '去掉这处标注' }).click()
  await expect(letter(page).locator('mark')).toHaveCount(0)
})

test('a double tap on approve decides one letter, not the next one too', async ({ page, as }) => {
  const mother = await as('mother')
  const [one, other] = [await writes(mother, '第一封'), await writes(mother, '第二封')]
  await open(page, 'reviewer', one)
  await ready(page)
  await approve(page).dblclick()
  await expect.poll(() => mother.sees(one), { timeout: SENT_MS }).toBe('approved')
  expect(await mother.sees(other)).toBe('submitted')
})

test('keys decide nothing while somebody writes, and nothing at all once they are switched off', async ({
  page,
  as,
}) => {
  const matter = await writes(await as('mother'), '天冷了。')
  await open(page, 'reviewer', matter)
  await ready(page)
  await page.keyboard.press('m')
  await page.keyboard.press('7') // “other” waits for words
  await page.keyboard.type('arwu 请说清楚')
  await expect(page.getByRole('textbox', { name: '给家属的修改建议' })).toHaveValue('arwu 请说清楚')
  await expect(undo(page)).toBeHidden()

  await page.goto('/officer')
  await expect(page.getByText('已连接')).toBeVisible() // before that nobody hears the key
  await page.keyboard.press('?')
  await page.getByRole('checkbox', { name: '使用单键快捷键' }).uncheck()
  await page.getByRole('button', { name: '关闭' }).click()
  await page.goto(`/officer?matter=${matter}`)
  await ready(page)
  await page.keyboard.press('a')
  await expect(undo(page)).toBeHidden()
})

test('two reviewers: the second sees who has the letter, and can decide once it is left', async ({
  page,
  browser,
  served,
  as,
}) => {
  const matter = await writes(await as('mother'), '只要一个人看。')
  await open(page, 'reviewer', matter)
  await ready(page)
  const second = await another(browser, served.url)
  await open(second, 'reviewer2', matter)
  await expect(second.getByText('林晓 正在办理这一件')).toBeVisible()
  await expect(approve(second)).toBeDisabled()

  await page.goto('/officer/handover')
  await expect(second.getByText('林晓 正在办理这一件')).toBeHidden()
  await expect(approve(second)).toBeEnabled()
  await second.context().close()
})

test('decided without a network, and somebody was faster: it is said who did what', async ({ page, context, as }) => {
  const [mother, other] = [await as('mother'), await as('reviewer2')]
  const matter = await writes(mother, '没有网络的时候。')
  await open(page, 'reviewer', matter)
  await ready(page)
  await context.setOffline(true)
  await page.keyboard.press('a')
  await expect(page.getByText('1 个决定未送出')).toBeVisible()
  const { house } = await mother.tie()
  await other.does(house.id, matter, 'withhold', { input: { reasons: ['threat'], note: '' } })
  await expect(undo(page)).toBeHidden({ timeout: SENT_MS }) // its ten seconds are over, and it is still here
  await context.setOffline(false)

  await expect(page.getByText('有决定没有生效')).toBeVisible({ timeout: SENT_MS })
  await expect(page.getByText(/周敏 已在 .* 办理：不予转递/)).toBeVisible()
  await page.getByRole('button', { name: '知道了' }).click()
  await expect(page.getByText('有决定没有生效')).toBeHidden()
  expect(await mother.sees(matter)).toBe('withheld')
})

test('after a fix the reviewer sees what changed, and what it was sent back for', async ({ page, as }) => {
  const [mother, other] = [await as('mother'), await as('reviewer2')]
  const before = '小伟：家里都好。那件事别怕。天冷了，多穿点。'
  const matter = await writes(mother, before)
  const { house } = await mother.tie()
  const from = before.indexOf('那件事')
  const marks = [{ from, to: from + 7, reason: 'caseTalk', advice: '请删去' }]
  await other.does(house.id, matter, 'return', { input: { marks } })
  await writes(mother, '小伟：家里都好。猫生了四只。天冷了，多穿点。', { matter })

  await open(page, 'reviewer', matter)
  await expect(letter(page).locator('del')).toContainText('那件事别怕')
  await expect(letter(page).locator('ins')).toContainText('猫生了四只')
  await page.getByText('退回的那一版和当时的标注').click()
  await expect(page.getByText('请删去')).toBeVisible()
  // what was taken out is no part of what can be marked
  await ready(page)
  await page.keyboard.press('m')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('1')
  await expect(letter(page).locator('mark').first()).toContainText('猫生了四只')
})

test('news of a letter closes nothing that its reviewer has opened', async ({ page, as }) => {
  const [mother, other] = [await as('mother'), await as('reviewer2')]
  const matter = await writes(mother, '小伟：家里都好。那件事别怕。')
  const { house } = await mother.tie()
  const marks = [{ from: 8, to: 14, reason: 'caseTalk', advice: '请删去' }]
  await other.does(house.id, matter, 'return', { input: { marks } })
  await writes(mother, '小伟：家里都好。猫生了四只。', { matter })
  await open(page, 'reviewer', matter)
  await page.getByText('退回的那一版和当时的标注').click()
  await expect(page.getByText('请删去')).toBeVisible()

  await mother.does(house.id, matter, 'withdraw', { base: 3 })
  await expect(approve(page)).toBeHidden()
  await expect(page.getByText('请删去')).toBeVisible()
})

test('what was written is text, whatever it looks like, and each paragraph reads its own way', async ({ page, as }) => {
  const body = '<img src=x onerror="document.title=1"><b>粗</b>\nسلام، نحن بخير.\n𠮷野家 {{7*7}}'
  const matter = await writes(await as('mother'), body)
  await open(page, 'reviewer', matter)
  await expect(letter(page)).toContainText('<img src=x onerror="document.title=1"><b>粗</b>')
  await expect(letter(page).locator('p').nth(1)).toHaveAttribute('dir', 'rtl')
  await expect(letter(page).locator('p').nth(2)).toHaveText('𠮷野家 {{7*7}}')
  expect(await letter(page).locator('img, b').count()).toBe(0)
})

test('the desk reads no letter, and records the consent that it waits for', async ({ page, as }) => {
  const sister = await as('sister')
  const matter = await writes(sister, '哥，家里都好。')
  expect(await sister.sees(matter)).toBe('awaitingConsent')
  await open(page, 'desk', matter)
  await expect(page.getByText('您的岗位看不到信件内容')).toBeVisible()
  await expect(page.getByText('哥，家里都好。')).toHaveCount(0)
  await expect(page.getByRole('button', { name: '登记办案机关同意' })).toBeEnabled()
  await page.getByRole('textbox', { name: '文书编号' }).fill('杭公同字〔2026〕17号')
  await page.getByRole('button', { name: '登记办案机关同意' }).click()
  await expect.poll(() => sister.sees(matter), { timeout: SENT_MS }).toBe('submitted')
})

test('a letter is printed under a cover without a word of it, and handed over by its number', async ({ page, as }) => {
  const [mother, reviewer] = [await as('mother'), await as('reviewer2')]
  const body = Array.from({ length: 60 }, (_, nth) => `第${nth + 1}段：天冷了，多穿点。家里一切都好，你爸的腿好多了。`)
  const matter = await approvedLetter(mother, reviewer, body.join('\n'))
  await signIn(page, 'reviewer', `/officer/print?id=${matter}`)
  const sheets = page.getByRole('article')
  await expect(sheets.last()).toContainText('第60段')
  await expect(sheets.first()).toContainText('张伟')
  await expect(sheets.first()).not.toContainText('天冷了')
  const pages = (await sheets.count()) - 1 // how many depends on the machine's fonts
  expect(pages).toBeGreaterThan(1)
  for (let nth = 1; nth <= pages; nth += 1) await expect(sheets.nth(nth)).toContainText(`第 ${nth} 页，共 ${pages} 页`)

  await signIn(page, 'desk', '/officer/handover')
  await expect(page.getByText('王建')).toBeVisible() // until then the tablet is the one's before
  await page.getByRole('textbox', { name: '信件编号' }).fill(reference(matter).toLowerCase())
  // a number is looked up among the letters that have reached this tablet
  await expect(async () => {
    await page.getByRole('button', { name: '查找' }).click()
    await expect(page.getByRole('heading', { name: '张伟' })).toBeVisible({ timeout: 2000 })
  }).toPass({ timeout: 30_000 })
  expect(await mother.sees(matter)).toBe('approved') // looking changes nothing, the tap does
  await page.getByRole('button', { name: '确认转递' }).click()
  await expect(page.getByText('已登记：张伟 的信已转递')).toBeVisible()
  await expect.poll(() => mother.sees(matter), { timeout: SENT_MS }).toBe('delivered')

  await page.goto(`/officer/handover#${matter}.1`)
  await expect(page.getByText('不能转递，这封信现在是：已转递')).toBeVisible()
})

test('a code that is not ours, and a camera that is not there, are said plainly', async ({ page }) => {
  await signIn(page, 'desk', '/officer/handover#nonsense')
  await expect(page.getByText('这个码不是信件封面上的码')).toBeVisible()
  await page.getByRole('button', { name: '打开摄像头扫码' }).click()
  await expect(page.getByText(/请在浏览器设置里允许|没有可用的摄像头/)).toBeVisible()
})

test('somebody who is no officer is shown nothing', async ({ page }) => {
  await signIn(page, 'mother')
  await expect(page.getByText('这里是民警使用的页面')).toBeVisible()
})

test('two officers, one tablet: the second sees how much the first has left unsent, and only the first sends it', async ({
  page,
  context,
  as,
}) => {
  const mother = await as('mother')
  const [matter, mine] = [await writes(mother, '换班以前的一封。'), await writes(mother, '换班以后的一封。')]
  await open(page, 'reviewer', matter)
  await ready(page)
  await context.route('**/api/sync', (route) => route.abort())
  await approve(page).click()
  await expect(page.getByText('1 个决定未送出')).toBeVisible()
  await page.getByText('林晓').click()
  await page.getByRole('button', { name: '退出登录' }).first().click()
  await page.getByRole('dialog').getByRole('button', { name: '退出登录' }).click()
  await expect(page.getByRole('button', { name: '用通行密钥登录' })).toBeVisible()
  expect(await lettersOn(page)).toBe(1)
  await context.unroute('**/api/sync')

  await open(page, 'reviewer2', mine)
  await ready(page)
  const left = page.getByText('另一位民警还有 1 个决定没有送出')
  await expect(left).toBeVisible()
  await approve(page).click()
  await expect.poll(() => mother.sees(mine), { timeout: SENT_MS }).toBe('approved')
  expect(await mother.sees(matter)).toBe('submitted')
  await expect(left).toBeVisible()

  await signIn(page, 'reviewer')
  await expect.poll(() => mother.sees(matter), { timeout: SENT_MS }).toBe('approved')
  await expect(left).toBeHidden()
  await signIn(page, 'reviewer2')
  await expect(page.getByText('周敏')).toBeVisible()
  await expect(left).toBeHidden()
})

test('an officer who leaves without a network is out, and their session ends before anything else is asked', async ({
  page,
  context,
  as,
  served,
}) => {
  await open(page, 'reviewer', await writes(await as('mother'), '没有网络时下班。'))
  await ready(page)
  const keeper = () => page.evaluate(() => navigator.serviceWorker.controller?.scriptURL)
  await expect.poll(keeper).toContain('room=officer') // from then on these pages open without a network
  await context.setOffline(true)
  await page.getByText('林晓').click()
  await page.getByRole('button', { name: '退出登录' }).first().click()
  const nobody = page.getByText('这里是民警使用的页面')
  await expect(nobody).toBeVisible()
  expect(await page.evaluate(() => localStorage.getItem('etongban.account'))).toBeNull()
  const session = async () => (await context.cookies()).filter(({ name }) => name.endsWith('session_token'))
  const [kept] = await session()
  expect(kept).toBeDefined()

  // A network, and a house that does not answer this one question: still nobody is signed in, on any page.
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await context.route('**/api/identity/sign-out', (route) => route.abort())
  await context.setOffline(false)
  for (const path of ['/officer', '/', '/letter', '/officer/house/open']) {
    await page.goto(path)
    await page.waitForLoadState('networkidle')
  }
  await page.goto('/sign-in')
  await page.getByLabel('手机号码').fill('13800001111')
  await page.getByRole('button', { name: '取验证码' }).click()
  await expect(page.getByText('没有网络').first()).toBeVisible()
  await page.goto('/officer')
  await expect(nobody).toBeVisible()
  await page.getByRole('button', { name: '用通行密钥登录' }).click()
  await expect(page.getByText('登录需要网络')).toBeVisible()
  const own = asked.filter((path) => path.startsWith('/api/'))
  expect(new Set(own)).toEqual(new Set(['/api/identity/sign-out']))

  await context.unroute('**/api/identity/sign-out')
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await expect.poll(session).toEqual([])
  const stolen = { cookie: `${kept?.name}=${kept?.value}` }
  expect((await fetch(`${served.url}/api/me`, { headers: stolen })).status).toBe(401)
  expect(await page.evaluate(() => localStorage.getItem('etongban.leaving'))).toBeNull()

  await open(page, 'reviewer', await writes(await as('mother'), '第二天上班。'))
  await ready(page)
})

test('three days after an officer was at a tablet nothing of what they had read there is left', async ({
  page,
  as,
}) => {
  await open(page, 'reviewer', await writes(await as('mother'), '放在桌上三天。'))
  await ready(page)
  const account = await page.evaluate(() => localStorage.getItem('etongban.account'))
  expect(await lettersOn(page, `${account}`)).toBeGreaterThan(0)

  await page.clock.setFixedTime(Date.now() + 73 * 3_600_000)
  await signIn(page, 'reviewer2')
  await expect(page.getByText('周敏')).toBeVisible()
  await expect.poll(() => lettersOn(page, `${account}`)).toBe(0)
  await expect.poll(() => lettersOn(page)).toBeGreaterThan(0) // her own
})

/** How many letters this browser keeps, sealed or not. @param of whose; of everybody without it */
const lettersOn = (page: Page, of = ''): Promise<number> =>
  page.evaluate(async (of) => {
    const answered = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((done) => (request.onsuccess = () => done(request.result)))
    let count = 0
    for (const { name = '' } of await indexedDB.databases()) {
      if (!name.includes(of)) continue
      const database = await answered(indexedDB.open(name))
      if (database.objectStoreNames.contains('matters'))
        count += await answered(database.transaction('matters').objectStore('matters').count())
      database.close()
    }
    return count
  }, of)
