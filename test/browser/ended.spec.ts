// An officer's sign-in that somebody else has ended: their passkey is lost, or their tablet is.
import { expect as expectAtOnce, type Page } from '@playwright/test'
import type { OfficerCode } from '#db/house.ts'
import { withAuthenticator } from './authenticator.ts'
import { writes, type Caller } from './calling.ts'
import { looksAt } from './looking.ts'
import { test } from './people.ts'

test.use({ viewport: { width: 1180, height: 820 }, hasTouch: true })
test.slow()

const expect = expectAtOnce.configure({ timeout: 20_000 })
const isIn = (page: Page, name: string) => expect(page.locator('header summary')).toHaveText(name)

/** An admin adds a reviewer, who registers in this browser. @returns the way to their post */
async function begins(page: Page, admin: Caller, name: string): Promise<string> {
  const { house } = await admin.house()
  const { account, code } = await admin.http.does<OfficerCode>(`/api/houses/${house.id}/officers`, {
    name,
    roles: ['reviewer'],
  })
  await registers(page, code)
  await isIn(page, name)
  return `/api/houses/${house.id}/officers/${account}`
}

async function registers(page: Page, code: string): Promise<void> {
  await page.goto(`/officer/enrol#${code}`)
  await page.reload()
  await page.getByRole('button', { name: '登记，然后登录' }).click()
}

/** Sets a PIN on this tablet, and locks it. */
async function locks(page: Page): Promise<void> {
  await page.locator('header summary').click()
  await page.getByRole('button', { name: '锁屏密码', exact: true }).click()
  await page.getByLabel('6 位数字').fill(pin)
  await page.getByLabel('再输一遍').fill(pin)
  await page.getByRole('button', { name: '用通行密钥确认并保存' }).click()
  await expect(page.getByText('设好了')).toBeVisible()
  await page.getByRole('button', { name: '关闭' }).click()
  await page.getByRole('button', { name: '锁屏', exact: true }).click()
  await expect(page.getByRole('heading', { name: '在这台平板上值班的民警' })).toBeVisible()
}
const pin = '480219'

test('a new code for who has lost their passkey: what they had decided on the tablet and not sent goes once they have registered anew', async ({
  page,
  context,
  as,
}) => {
  await withAuthenticator(page)
  const [admin, mother] = [await as('admin'), await as('mother')]
  const matter = await writes(mother, '重新登记以前的一封。')
  const post = await begins(page, admin, '段宁')
  await page.goto(`/officer?matter=${matter}`)
  await expect(page.getByText('重新登记以前的一封。')).toBeVisible()
  await context.setOffline(true)
  await page.getByRole('button', { name: /^通过/ }).click()
  await expect(page.getByText(/秒内可以撤销/).first()).toBeVisible()

  const { code } = await admin.http.does<OfficerCode>(`${post}/reset`, {})
  await context.setOffline(false)
  await expect(page.getByRole('button', { name: '用通行密钥登录' })).toBeVisible()
  await expect(page.getByText('重新登记以前的一封。')).toHaveCount(0)
  await expect(page.getByText('还有 1 个决定没有送出')).toBeVisible()
  expect(await mother.sees(matter)).toBe('submitted')

  await registers(page, code)
  await isIn(page, '段宁')
  await expect.poll(() => mother.sees(matter), { timeout: 40_000 }).toBe('approved')
  await admin.http.post(`${post}/disable`)
})

test('a lost tablet that was locked forgets the PIN and what it held as soon as it has a network, and opens without one no more', async ({
  page,
  context,
  as,
}) => {
  await withAuthenticator(page)
  const [admin, mother] = [await as('admin'), await as('mother')]
  const matter = await writes(mother, '丢了的平板上的一封。')
  const post = await begins(page, admin, '郝卫')
  await page.goto(`/officer?matter=${matter}`)
  await expect(page.getByText('丢了的平板上的一封。')).toBeVisible()
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await locks(page)
  const account = post.split('/').at(-1) ?? ''
  expect(await lyingOf(page, account)).toBeGreaterThan(0)

  await admin.http.post(`${post}/end-sessions`)
  await page.reload()
  await page.getByRole('button', { name: '郝卫', exact: true }).click()
  await expect(page.getByText('没有设锁屏密码')).toBeVisible()
  expect(await lyingOf(page, account)).toBe(0)
  await context.setOffline(true)
  await page.reload()
  await page.getByRole('button', { name: '郝卫', exact: true }).click()
  await expect(page.getByLabel('郝卫 的锁屏密码')).toHaveCount(0)
  await context.setOffline(false)
  await admin.http.post(`${post}/disable`)
})

test('an officer sees where they are signed in, and ends it from this device', async ({ cast }) => {
  const left = await cast.signedIn('duty')
  await isIn(left, '赵强')
  const here = await cast.signedIn('duty')
  await here.locator('header summary').click()
  await here.getByRole('button', { name: '登录的设备' }).click()
  const list = here.getByRole('dialog', { name: '您在这些设备上登录着' })
  await expect(list.getByText('这台设备')).toHaveCount(1)
  await expect(list).not.toContainText('手机')
  await looksAt(here, 'devices', 'zh', '4.5:1')
  await list.getByRole('button', { name: '让它退出' }).first().click()
  await expect(list.getByRole('alert')).toContainText('通行密钥')
  await list.getByRole('button', { name: '先不办' }).click()
  const others = list.getByRole('button', { name: /其他设备全部退出|让它退出/ }).last()
  await others.click()
  await list.getByRole('button', { name: '确定退出' }).click()
  await expect(list).toContainText('只有这一台设备登录着')

  await left.reload()
  await isOut(left)
  await here.reload()
  await isIn(here, '赵强')
})

test('a leader ends the sign-ins of an officer whose tablet is lost, from the list of officers', async ({ cast }) => {
  const lost = await cast.signedIn('duty')
  await isIn(lost, '赵强')
  const leader = await cast.signedIn('leader', '/officer/house/officers')
  const card = leader.locator('.card').filter({ has: leader.getByRole('heading', { name: '赵强' }) })
  await card.getByRole('button', { name: '结束登录…' }).click()
  await expect(card.getByRole('dialog')).toContainText('平板丢了')
  await looksAt(leader, 'end sign-ins', 'zh', '4.5:1')
  await card.getByRole('dialog').getByRole('button', { name: '确认办理' }).click()
  await expect(card.getByRole('dialog')).toBeHidden()
  await lost.reload()
  await isOut(lost)
})

/** Nothing of the house is on the screen. */
async function isOut(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: '用通行密钥登录' })).toBeVisible()
  await expect(page.locator('[data-row]')).toHaveCount(0)
}

/** How many matters of an officer lie here, sealed or not. */
const lyingOf = (page: Page, account: string) =>
  page.evaluate(async (name) => {
    const opened = await new Promise<IDBDatabase>((done) => {
      const request = indexedDB.open(name)
      request.onsuccess = () => done(request.result)
    })
    const count = await new Promise<number>((done) => {
      const request = opened.transaction('matters').objectStore('matters').count()
      request.onsuccess = () => done(request.result)
    })
    opened.close()
    return count
  }, `etongban/${account}`)
