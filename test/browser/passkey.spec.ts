// An officer and their passkey on a real screen, with an authenticator in the browser: the way in, a second one, and
// what is said where it cannot be.
import { expect as expectAtOnce, type Page } from '@playwright/test'
import { codeOf, foundingCode } from '#test/server.ts'
import { withAuthenticator } from './authenticator.ts'
import { test } from './people.ts'

test.use({ viewport: { width: 1180, height: 820 }, hasTouch: true })
test.slow()

const expect = expectAtOnce.configure({ timeout: 20_000 })

const signInButton = (page: Page) => page.getByRole('button', { name: '用通行密钥登录' })
const enrols = async (page: Page, code: string) => {
  await page.goto(`/officer/enrol#${code}`)
  await page.getByRole('button', { name: '登记，然后登录' }).click()
}
const isIn = (page: Page, name: string) => expect(page.locator('header summary')).toHaveText(name)
const hasEnded = (page: Page) => page.getByText('已做的决定都在这台设备里')
const leaves = async (page: Page, name: string) => {
  await isIn(page, name)
  await page.locator('header summary').click()
  await page.getByRole('button', { name: '退出登录' }).first().click()
  await expect(signInButton(page)).toBeVisible()
}

test('an officer opens their link, registers a passkey, and signs in with one tap from then on', async ({
  page,
  served,
}) => {
  await withAuthenticator(page)
  const code = await codeOf(served.url, 'reviewer')
  await page.goto(`/officer/enrol#${code}`)
  await expect(page.getByText('林晓')).toBeVisible()
  await expect(page.getByText('青山看守所').first()).toBeVisible()
  await page.reload() // looking uses nothing up
  await page.getByRole('button', { name: '登记，然后登录' }).click()
  await expect(page.locator('[data-row]').first()).toBeVisible()

  await leaves(page, '林晓')
  await signInButton(page).click()
  await expect(page.locator('[data-row]').first()).toBeVisible()

  await leaves(page, '林晓')
  await page.goto(`/officer/enrol#${code}`)
  await expect(page.getByRole('alert')).toContainText('登记码已经用过')
  await expect(page.getByLabel('登记码')).toHaveValue(code)
})

test('what was open is open again after a sign-in that had ended', async ({ page, served }) => {
  await withAuthenticator(page)
  await enrols(page, await codeOf(served.url, 'reviewer2'))
  const row = page.locator('[data-row]').first()
  await row.click()
  await expect(page).toHaveURL(/matter=/)
  const open = page.url()
  await page.context().clearCookies()
  await page.reload()
  await expect(hasEnded(page)).toBeVisible()
  await signInButton(page).click()
  await expect(hasEnded(page)).toBeHidden()
  expect(page.url()).toBe(open)
})

test('where nobody agrees, or nothing is known, it is said what to do', async ({ page, context }) => {
  const { tools, authenticatorId } = await withAuthenticator(page)
  await tools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
  await page.goto('/officer')
  await signInButton(page).click()
  await expect(page.getByRole('alert')).toContainText(/没有完成|不能用/)
  await context.setOffline(true)
  await signInButton(page).click()
  await expect(page.getByRole('alert')).toContainText('登录需要网络')
  await context.setOffline(false)
})

test('a browser without passkeys, and a page opened by a bare address, are told what to do', async ({
  page,
  served,
}) => {
  await page.goto(`${served.url.replace('localhost', '127.0.0.1')}/officer`)
  await expect(page.getByRole('alert')).toContainText('用监所给的网址打开')
  await page.addInitScript(() => Reflect.deleteProperty(window, 'PublicKeyCredential'))
  await page.goto(`${served.url}/officer`)
  await expect(page.getByRole('alert')).toContainText('不支持通行密钥')
  await page.goto(`${served.url}/officer/enrol#x`)
  await expect(page.getByRole('alert')).toContainText('不支持通行密钥')
})

test('a second passkey is registered after the first has agreed, and one of two is removed', async ({
  page,
  served,
}) => {
  const first = await withAuthenticator(page)
  await enrols(page, await codeOf(served.url, 'duty'))
  await isIn(page, '赵强')
  await page.locator('header summary').click()
  await page.getByRole('button', { name: '通行密钥', exact: true }).click()
  await expect(page.getByText('这是唯一的一个，不能删除')).toBeVisible()
  await page.getByRole('button', { name: '确认是我' }).click()
  await page.getByRole('button', { name: '登记新的通行密钥' }).click()
  await expect(page.getByText('这台设备已经登记过了')).toBeVisible()

  await page.getByRole('button', { name: '确认是我' }).click()
  await expect(page.getByText('已确认')).toBeVisible()
  await first.tools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: first.authenticatorId })
  await withAuthenticator(page)
  await page.getByRole('button', { name: '登记新的通行密钥' }).click()
  await expect(page.getByText('登记好了')).toBeVisible()
  const removes = page.getByRole('button', { name: '删除…' })
  await expect(removes).toHaveCount(2)
  await removes.first().click()
  await page.getByRole('button', { name: '确认办理' }).click()
  await expect(page.getByText('这是唯一的一个，不能删除')).toBeVisible()

  await page.getByRole('button', { name: '关闭' }).click()
  await leaves(page, '赵强')
  await signInButton(page).click()
  await isIn(page, '赵强')
})

test('an admin gives a code as a link and a square, and a new one to who has lost theirs', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house/officers')
  const form = admin.locator('#officer')
  await form.getByLabel('姓名').fill('唐越')
  await form.getByRole('checkbox', { name: /值班/ }).check()
  await form.getByRole('button', { name: '登记' }).click()
  const slip = admin.getByRole('region', { name: '青山看守所 民警登记码' })
  await expect(slip).toContainText('唐越（值班）')
  await expect(slip.getByRole('img')).toBeVisible()
  const link = (await slip.getByText(/\/officer\/enrol#qingshan-[0-9a-z]{26}$/).textContent()) ?? ''
  const card = admin.locator('.card').filter({ has: admin.getByRole('heading', { name: '唐越' }) })
  await expect(card).toContainText('还没有登记通行密钥')

  const officer = await cast.anybody('/officer')
  await withAuthenticator(officer)
  await officer.goto(link)
  await officer.getByRole('button', { name: '登记，然后登录' }).click()
  await isIn(officer, '唐越')
  await admin.reload()
  await expect(card).not.toContainText('还没有登记通行密钥')

  await card.getByRole('button', { name: '重新生成登记码…' }).click()
  await card.getByRole('dialog').getByRole('button', { name: '确认办理' }).click()
  await expect(slip).toContainText('唐越（值班）')
  const again = (await slip.getByText(/\/officer\/enrol#/).textContent()) ?? ''
  expect(again).not.toBe(link)
  await officer.reload()
  await signInButton(officer).click()
  await expect(officer.getByText('这个通行密钥不能用')).toBeVisible()
  await officer.goto(again)
  await officer.reload()
  await officer.getByRole('button', { name: '登记，然后登录' }).click()
  await isIn(officer, '唐越')
})

test('whoever holds the operator’s code opens a house, and is its first admin by their passkey', async ({
  page,
  served,
}) => {
  await withAuthenticator(page)
  await page.goto('/officer/house/open')
  const form = page.locator('#open')
  await form.getByLabel('开设码').fill('abc')
  await form.getByLabel('监所名称').fill('云岭看守所')
  await form.getByLabel('代码').fill('yunling')
  await form.getByLabel('对外电话').fill('0578-555 0300')
  await form.getByLabel('接待时间').fill('每天 9:00–17:00')
  await form.getByLabel('您的姓名').fill('韩梅')
  await form.getByRole('button', { name: '开设，并登记通行密钥' }).click()
  await expect(form.getByRole('alert')).toContainText('开设码不对')
  await form.getByLabel('开设码').fill(await foundingCode(served.url))
  await expect(form.getByLabel('监所名称')).toHaveValue('云岭看守所')
  await form.getByRole('button', { name: '开设，并登记通行密钥' }).click()
  await expect(page.getByText('还没有登记在押人员')).toBeVisible()
  await isIn(page, '韩梅')
})

test('a leader sees the officers, gives a new code, and changes nothing else', async ({ cast }) => {
  const leader = await cast.signedIn('leader', '/officer/house/officers')
  const card = leader.locator('.card').filter({ has: leader.getByRole('heading', { name: '何平' }) })
  await expect(card.getByRole('button', { name: '重新生成登记码…' })).toBeVisible()
  await expect(card.getByRole('button', { name: '停用…' })).toBeHidden()
  await expect(leader.locator('#officer')).toBeHidden()
})
