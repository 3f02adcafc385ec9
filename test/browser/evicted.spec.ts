// A browser that needs room throws away what a site keeps, all of it at once, and tells nobody. Cookies and localStorage
// are not part of that.
import type { Page } from '@playwright/test'
import { expect, test } from './people.ts'

async function clears(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  const { origin } = new URL(page.url())
  await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb,cache_storage,service_workers' })
}

const theLine = (page: Page) => page.getByRole('status').first()

test('the browser clears a phone: that and how much was unsent is said once, and what the house has is there again', async ({
  mother,
  as,
}) => {
  await mother.settles()
  const sent = await mother.posts('已经寄到的。')
  await mother.sees('已送达监所')
  await mother.page.context().route('**/api/sync', (route) => route.abort())
  const unsent = await mother.posts('还没有寄到的。')
  await mother.sees('已存在手机')
  await mother.goes('/')
  await mother.sees('1 项还没有送出')

  await clears(mother.page)
  await mother.page.context().unroute('**/api/sync')
  await mother.looksAgain()
  await expect(theLine(mother.page)).toContainText('浏览器清掉了这部手机里保存的内容')
  await expect(theLine(mother.page)).toContainText('还没送出的 1 项没有了，请重新写')
  await expect(mother.page.locator(`a[href="/matter?id=${sent}"]`)).toContainText('已送达监所', { timeout: 20_000 })
  await expect(mother.page.locator(`a[href="/matter?id=${unsent}"]`)).toHaveCount(0)
  await expect(mother.page.getByText('已存在手机')).toHaveCount(0)
  await mother.sees('已登录')

  await mother.page.getByRole('button', { name: '知道了' }).click()
  await expect(mother.page.getByText('浏览器清掉了')).toBeHidden()
  await mother.looksAgain()
  await mother.sees('已登录')
  await expect(mother.page.getByText('浏览器清掉了')).toBeHidden()

  await mother.settles()
  await mother.loses()
  await mother.posts('重新写的。')
  await mother.sees('已存在手机')
  await mother.finds()
  await mother.sees('已送达监所')
  const letters = await (await as('mother')).letters()
  expect(letters.filter((text) => text === '重新写的。')).toHaveLength(1)
  expect(letters).not.toContain('还没有寄到的。')
})

test('the browser clears a phone under somebody who writes: the sheet goes on, and is kept whole again', async ({
  mother,
  as,
}) => {
  await mother.settles()
  await mother.writes('清掉以前写的。')
  await expect(mother.page.locator('#kept')).toHaveText('已存在手机')
  await clears(mother.page)
  await mother.paper.press('End')
  await mother.paper.pressSequentially('清掉以后写的。')
  const letter = '清掉以前写的。清掉以后写的。'
  await expect(mother.page.locator('#kept')).toHaveText('已存在手机')
  const heard = mother.page.waitForResponse('**/api/sync')
  await mother.page.evaluate(() => dispatchEvent(new Event('online')))
  await heard
  await expect(theLine(mother.page)).not.toContainText('新版本')
  await mother.looksAgain()
  await expect(mother.paper).toHaveValue(letter)

  await mother.sees('张伟')
  await mother.sends()
  await mother.sees('已送达监所')
  expect((await (await as('mother')).letters()).filter((text) => text === letter)).toHaveLength(1)
})
