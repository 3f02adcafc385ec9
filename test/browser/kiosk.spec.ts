// The device in a cell, as the person before it meets it.
import type { Page } from '@playwright/test'
import { kiosk as en } from '#db/words/en/kiosk.ts'
import { kiosk as zh } from '#db/words/zh/kiosk.ts'
import { Visitor } from '#test/server.ts'
import { approvedLetter } from './calling.ts'
import { looksAt } from './looking.ts'
import { expect, test } from './people.ts'
import type { Served } from './served.ts'

const zhang = '0231' // whose mother writes
const li = '0232' // in the same cell

test.use({ viewport: { width: 1280, height: 800 }, hasTouch: true })

/** An officer enrols this browser as the kiosk of cell 3-02. */
async function hangs(page: Page): Promise<void> {
  await page.goto('/local/kiosk?name=kiosk')
  await page.getByRole('button', { name: '登记' }).click()
  await expect(page.getByRole('button', { name: '看自己的信' })).toBeVisible()
  expect(new URL(page.url()).hash).toBe('')
}

async function types(page: Page, keys: string): Promise<void> {
  for (const key of keys) await page.getByRole('button', { name: key, exact: true }).click()
}

async function identifies(page: Page, number: string, pin: string): Promise<void> {
  await page.getByRole('button', { name: '看自己的信' }).click()
  await types(page, number)
  await page.getByRole('button', { name: '下一步' }).click()
  await types(page, pin)
  await page.getByRole('button', { name: '看我的信' }).click()
}

const pinOf = (served: Served, number: string) => served.pins.get(number) ?? ''
/** A PIN that is certainly another one. */
const wrongPin = (served: Served) => (pinOf(served, zhang) === '111111' ? '222222' : '111111')
const list = (page: Page) => page.getByRole('heading', { name: '张伟的信' })
const newest = (page: Page) => page.getByRole('listitem').first()
/** The device hears of its house within a minute by itself, and at once when its network comes back. */
const hears = (page: Page) => page.evaluate(() => dispatchEvent(new Event('online')))

test('a letter is read page by page, and the family hears that it was', async ({ page, served, as }) => {
  const [mother, reviewer] = [await as('mother'), await as('reviewer')]
  const words = Array.from({ length: 40 }, (_, nth) => `第${nth + 1}段：天冷了，多穿点。家里一切都好，你爸的腿好多了。`)
  const letter = await approvedLetter(mother, reviewer, words.join('\n'))
  await hangs(page)
  await identifies(page, zhang, pinOf(served, zhang))
  await newest(page).getByText('新来的信').click()
  await expect(page.getByText('第1段')).toBeHidden() // a letter is taken before it is shown
  await page.getByRole('button', { name: '打开这封信' }).click()

  await expect(page.getByText('第1段')).toBeInViewport()
  await expect.poll(() => mother.sees(letter)).toBe('delivered')
  const next = page.getByRole('button', { name: '下一页' })
  while (await next.isEnabled()) await next.click()
  await expect(page.getByText('第40段')).toBeInViewport()
  await expect.poll(() => mother.sees(letter)).toBe('read')

  await page.getByRole('button', { name: '看完了，返回' }).click()
  await expect(newest(page)).toContainText('已读过')
})

test('what was written is text, whatever it looks like', async ({ page, served, as }) => {
  const body = '<img src=x onerror="document.title=1"><b>粗体</b> {{7*7}} مرحبا\n𠮷野家 👨‍👩‍👧'
  await approvedLetter(await as('mother'), await as('reviewer'), body)
  await hangs(page)
  await identifies(page, zhang, pinOf(served, zhang))
  await newest(page).click()
  await page.getByRole('button', { name: '打开这封信' }).click()
  await expect(page.locator('article p').first()).toHaveText(
    '<img src=x onerror="document.title=1"><b>粗体</b> {{7*7}} مرحبا',
  )
  await expect(page.locator('article p').nth(1)).toHaveText('𠮷野家 👨‍👩‍👧')
  await expect(page).toHaveTitle('亲情信件')
})

test('with no network a letter is read too, and the family hears of it later', async ({
  page,
  context,
  served,
  as,
}) => {
  const mother = await as('mother')
  const letter = await approvedLetter(mother, await as('reviewer'), '天冷了，多穿点。')
  await hangs(page)
  await identifies(page, zhang, pinOf(served, zhang))
  await expect(newest(page)).toContainText('新来的信')
  await page.getByRole('button', { name: '看完了，退出' }).click()

  await context.setOffline(true)
  await identifies(page, zhang, pinOf(served, zhang))
  await newest(page).click()
  await page.getByRole('button', { name: '打开这封信' }).click()
  await expect(page.getByText('天冷了，多穿点。')).toBeVisible()
  await page.getByRole('button', { name: '看完了，返回' }).click()
  await expect(newest(page)).toContainText('已读过')
  expect(await mother.sees(letter)).toBe('approved')

  await context.setOffline(false)
  await expect.poll(() => mother.sees(letter)).toBe('read')
})

test('switched on with no network, the device opens and a letter is read', async ({ page, context, served, as }) => {
  const mother = await as('mother')
  const letter = await approvedLetter(mother, await as('reviewer'), '天冷了，多穿点。')
  await hangs(page)
  await identifies(page, zhang, pinOf(served, zhang))
  await expect(newest(page)).toContainText('新来的信')
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))

  await context.setOffline(true)
  await page.reload()
  await identifies(page, zhang, pinOf(served, zhang))
  await newest(page).click()
  await page.getByRole('button', { name: '打开这封信' }).click()
  await expect(page.getByText('天冷了，多穿点。')).toBeVisible()
  await context.setOffline(false)
  await expect.poll(() => mother.sees(letter)).toBe('read')
})

test('a person may refuse a letter, after being asked once', async ({ page, served, as }) => {
  const mother = await as('mother')
  const letter = await approvedLetter(mother, await as('reviewer'), '不想看的信')
  await hangs(page)
  await identifies(page, zhang, pinOf(served, zhang))
  await newest(page).click()
  await page.getByRole('button', { name: '不收这封信' }).click()
  await page.getByRole('button', { name: '我再想想' }).click()
  expect(await mother.sees(letter)).toBe('approved')

  await page.getByRole('button', { name: '不收这封信' }).click()
  await page.getByRole('button', { name: '确定不收' }).click()
  await expect(list(page)).toBeVisible()
  await expect.poll(() => mother.sees(letter)).toBe('refused')
  await expect(page.getByText('不想看的信')).toBeHidden()
})

test('five wrong PINs lock, offline and over a reload, until an officer opens', async ({
  page,
  context,
  served,
  as,
}) => {
  await hangs(page)
  await expect(page.getByRole('button', { name: '看自己的信' })).toBeVisible()
  const wrong = wrongPin(served)
  await hears(page)
  for (let nth = 1; nth <= 2; nth += 1) {
    await identifies(page, zhang, wrong)
    await expect(page.getByRole('alert')).toContainText('编号或密码不对')
    await page.getByRole('button', { name: '返回' }).click()
  }
  await page.reload()
  await context.setOffline(true)
  for (let nth = 3; nth <= 4; nth += 1) {
    await identifies(page, zhang, wrong)
    await expect(page.getByRole('alert')).toContainText('编号或密码不对')
    await page.getByRole('button', { name: '返回' }).click()
  }
  await identifies(page, zhang, wrong)
  await expect(page.getByRole('heading', { name: '信件已锁住' })).toBeVisible()
  await page.getByRole('button', { name: '返回' }).click()
  await identifies(page, zhang, pinOf(served, zhang))
  await expect(page.getByRole('heading', { name: '信件已锁住' })).toBeVisible()

  await page.route('**/api/kiosk', (route) => route.abort(), { times: 1 }) // the first report breaks off
  await context.setOffline(false)
  const admin = await as('admin')
  const person = async () => (await admin.house()).people.find(({ number }) => number === zhang)
  await expect.poll(async () => (await person())?.locked).toBe(true)
  await page.reload()
  await identifies(page, zhang, pinOf(served, zhang))
  await expect(page.getByRole('heading', { name: '信件已锁住' })).toBeVisible()
  await page.getByRole('button', { name: '返回' }).click()

  const { house } = await admin.house()
  await admin.http.post(`/api/houses/${house.id}/people/${(await person())?.id}/open`)
  await expect(async () => {
    await hears(page)
    await identifies(page, zhang, pinOf(served, zhang))
    await expect(list(page)).toBeVisible({ timeout: 2000 })
  }).toPass({ intervals: [500] })
})

test('a device that has not reached its house for three days shows nobody’s letters until it does', async ({
  page,
  context,
  served,
  as,
}) => {
  await approvedLetter(await as('mother'), await as('reviewer'), '只给张伟看')
  const hourMs = 3_600_000
  await page.clock.install()
  await hangs(page)
  await identifies(page, zhang, pinOf(served, zhang))
  await expect(newest(page)).toContainText('新来的信')
  await page.getByRole('button', { name: '看完了，退出' }).click()

  await context.setOffline(true)
  await page.clock.fastForward(71 * hourMs)
  await expect(page.getByRole('button', { name: '看自己的信' })).toBeEnabled()
  await page.clock.fastForward(hourMs + 60_000)
  await expect(page.getByText('这台设备已有三天连不上监所')).toBeVisible()
  await context.setOffline(false)
  await hears(page)
  await expect(page.getByText('这台设备已有三天连不上监所')).toBeHidden()
  await identifies(page, zhang, pinOf(served, zhang))
  await expect(newest(page)).toContainText('新来的信')
})

test('nobody reads another’s letter, and a minute without a touch shows nothing of anybody', async ({
  page,
  served,
  as,
}) => {
  await approvedLetter(await as('mother'), await as('reviewer'), '只给张伟看')
  await hangs(page)
  await identifies(page, li, pinOf(served, li))
  await expect(page.getByRole('heading', { name: '李强的信' })).toBeVisible()
  await expect(page.getByText('张')).toHaveCount(0)
  await page.getByRole('button', { name: '看完了，退出' }).click()

  await page.clock.install()
  await identifies(page, zhang, pinOf(served, zhang))
  await newest(page).click()
  await page.clock.runFor(50_000)
  await expect(page.getByRole('status')).toContainText('秒后返回')
  await page.mouse.click(5, 5)
  await page.clock.runFor(50_000)
  await page.clock.runFor(11_000)
  await expect(page.getByRole('button', { name: '看自己的信' })).toBeVisible()
  await expect(page.getByText('张')).toHaveCount(0)
})

test('a wrong enrolment code is told so, and the device stays nobody', async ({ page }) => {
  await page.goto('/kiosk')
  await page.getByLabel('登记码').fill('qingshan-0000000000000')
  await page.getByRole('button', { name: '登记' }).click()
  await expect(page.getByRole('alert').last()).not.toBeEmpty()
  await expect(page.getByRole('heading', { name: '登记这台设备' })).toBeVisible()
})

test('a kiosk that was taken away forgets its letters', async ({ page, as, served }) => {
  await hangs(page)
  const admin = await as('admin')
  const { house, kiosks } = await admin.house()
  const mine = kiosks.find(({ cell }) => cell === '3-02')
  // A device that enrols with a new code takes this one's place.
  const { said } = await admin.http.post(`/api/houses/${house.id}/kiosks/${mine?.id}/enrol`)
  await Visitor.kiosk(served.url, (said as { code: string }).code)
  await hears(page)
  await expect(page.getByText('这台设备的登记已经失效')).toBeVisible()
  const left = await page.evaluate(async () => {
    const name = (await indexedDB.databases())
      .map((database) => database.name)
      .find((name) => name && /^etongban\/[0-9a-f-]{36}$/.test(name))
    const opened = await new Promise<IDBDatabase>((done) => {
      const request = indexedDB.open(name ?? '')
      request.onsuccess = () => done(request.result)
    })
    const count = (store: string) =>
      new Promise<number>((done) => {
        const request = opened.transaction(store).objectStore(store).count()
        request.onsuccess = () => done(request.result)
      })
    return [await count('inmates'), await count('matters')]
  })
  expect(left).toEqual([0, 0])
})

test('the key of a device is no word that a script could read, and every word to its house is signed with it', async ({
  page,
  context,
}) => {
  const bare: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    const signed = 'signature-input' in request.headers()
    if (/^\/api\/(kiosk|sync)/.test(pathname) && !signed) bare.push(pathname)
  })
  await hangs(page)
  await hears(page)
  await expect.poll(() => bare).toEqual([])
  expect(await context.cookies()).toEqual([])
  const kept = await page.evaluate(async () => {
    const opened = await new Promise<IDBDatabase>((done) => {
      const request = indexedDB.open('etongban/kiosk')
      request.onsuccess = () => done(request.result)
    })
    const made = await new Promise<{ secret: CryptoKey }>((done) => {
      const request = opened.transaction('keys').objectStore('keys').get('mine')
      request.onsuccess = () => done(request.result as { secret: CryptoKey })
    })
    opened.close()
    const read = await crypto.subtle.exportKey('pkcs8', made.secret).catch((fault: Error) => fault.name)
    return [made.secret.extractable, read]
  })
  expect(kept).toEqual([false, 'InvalidAccessError'])
})

test('a device whose clock is a day wrong is heard all the same', async ({ page, served, as }) => {
  await approvedLetter(await as('mother'), await as('reviewer'), '天冷了，多穿点。')
  await page.clock.install({ time: Date.now() - 24 * 3_600_000 })
  await hangs(page)
  await identifies(page, zhang, pinOf(served, zhang))
  await expect(newest(page)).toContainText('新来的信')
})

test('a device that has lost its key says so, and tells what it had not told once it is enrolled again', async ({
  page,
  context,
  served,
  as,
}) => {
  const mother = await as('mother')
  const letter = await approvedLetter(mother, await as('reviewer'), '天冷了，多穿点。')
  await hangs(page)
  await identifies(page, zhang, pinOf(served, zhang))
  await expect(newest(page)).toContainText('新来的信')
  await context.setOffline(true)
  await newest(page).click()
  await page.getByRole('button', { name: '打开这封信' }).click()
  await page.getByRole('button', { name: '看完了，返回' }).click()
  await page.getByRole('button', { name: '看完了，退出' }).click()
  await page.evaluate(() => new Promise((done) => (indexedDB.deleteDatabase('etongban/kiosk').onsuccess = done)))
  await context.setOffline(false)
  await page.reload()
  await expect(page.getByRole('alert').first()).toContainText('这台设备的密钥不见了')
  expect(await mother.sees(letter)).toBe('approved')
  await hangs(page)
  await expect.poll(() => mother.sees(letter)).toBe('read')
})

for (const [language, t] of [
  ['zh', zh],
  ['en', en],
] as const)
  test(`every screen can be used by everybody, light and dark, in usual and in largest type: ${t.title}`, async ({
    browser,
    served,
    as,
  }) => {
    test.setTimeout(240_000) // axe takes seconds for each screen on a busy machine
    await approvedLetter(await as('mother'), await as('reviewer'), '天冷了，多穿点。')
    const viewport = { width: 1280, height: 800 }
    const context = await browser.newContext({ viewport, reducedMotion: 'reduce', baseURL: served.url })
    const page = await context.newPage()
    const taps = (name: string) => page.getByRole('button', { name }).click()
    const looks = (screen: string) => looksAt(page, screen, language, '7:1')

    await page.goto('/kiosk')
    if (t === zh) await looks('not enrolled')
    await hangs(page)
    if (t === en) await taps(zh.language)
    await expect(page.getByText(t.rest.begin)).toBeVisible()
    await looks('at rest')
    await taps(t.rest.begin)
    await types(page, zhang)
    await looks('number')
    await taps(t.identify.next)
    await types(page, wrongPin(served))
    await taps(t.identify.open)
    await expect(page.getByRole('alert')).toBeVisible()
    await looks('wrong PIN')
    await page.getByRole('button', { name: t.identify.back }).click()
    await taps(t.rest.begin)
    await types(page, li)
    await taps(t.identify.next)
    await types(page, pinOf(served, li))
    await taps(t.identify.open)
    await expect(page.getByText(t.list.empty)).toBeVisible()
    await looks('no letters')
    await taps(t.list.leave)
    await taps(t.rest.begin)
    await types(page, zhang)
    await taps(t.identify.next)
    await types(page, pinOf(served, zhang))
    await taps(t.identify.open)
    await expect(newest(page)).toContainText(t.list.fresh)
    await looks('letters')
    await newest(page).getByRole('button').click()
    await looks('a letter, closed')
    await taps(t.cover.refuse)
    await looks('asked whether to refuse it')
    await taps(t.cover.keep)
    await taps(t.cover.open)
    await expect(page.getByText('天冷了，多穿点。')).toBeVisible()
    await looks('a letter')
    await context.close()
  })
