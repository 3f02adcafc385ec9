// Relatives and their passkeys on a phone: offered once, a list of one's own, and a new phone that asks for nothing else.
import { expect as expectAtOnce, type Page } from '@playwright/test'
import { relatives } from '#db/demo/qingshan.ts'
import { Relative } from './acting.ts'
import { withAuthenticator } from './authenticator.ts'
import { test } from './people.ts'

test.slow()
const expect = expectAtOnce.configure({ timeout: 20_000 })

const setUp = (page: Page) => page.getByRole('button', { name: '设一个通行密钥' })
const mayStart = (page: Page) => expect(page.getByText('已登录').first()).toBeVisible()
const leaves = async (page: Page) => {
  await page.getByRole('button', { name: '退出登录', exact: true }).click()
  await page.getByRole('button', { name: /退出/ }).last().click()
  await expect(page.getByRole('link', { name: '登录' })).toBeVisible()
}

test('after her first sign-in she is offered one, once; then one tap lets her in', async ({ cast }) => {
  const page = await cast.anybody('/help')
  const { tools, authenticatorId } = await withAuthenticator(page)
  const touches = (enabled: boolean) =>
    tools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
  const phone = new Relative(page)
  const number = '13700000311'
  await phone.goes('/sign-in')
  await phone.signsIn(number)
  await phone.sees('下次不用短信也能登录')
  await setUp(page).click()
  await phone.sees('设好了')
  await page.getByRole('button', { name: '继续' }).click()
  await mayStart(page)
  await leaves(page)

  await touches(false)
  await phone.goes('/sign-in')
  const button = page.getByRole('button', { name: '用通行密钥登录' })
  await expect(button).toBeVisible()
  await touches(true)
  await button.click()
  await mayStart(page)
  await leaves(page)

  await touches(false)
  await phone.goes('/sign-in')
  await phone.signsIn(number)
  await mayStart(page) // there is one: it is not offered again
})

test('who does not want one goes on, and is not asked again on this phone', async ({ cast }) => {
  const page = await cast.anybody('/help')
  await withAuthenticator(page)
  const phone = new Relative(page)
  await phone.goes('/sign-in?then=/letter')
  await phone.signsIn('13700000312')
  await page.getByRole('button', { name: '以后再说' }).click()
  await page.waitForURL(/\/letter/)
  await phone.goes('/')
  await leaves(page)
  await phone.goes('/sign-in')
  await phone.signsIn('13700000312')
  await mayStart(page)
})

test('on a new phone, after the code, her passkey is the other half; a list shows which there are, and one can go', async ({
  cast,
}) => {
  const page = await cast.signedIn('sister')
  const old = await withAuthenticator(page)
  await page.getByRole('button', { name: '通行密钥', exact: true }).click()
  await expect(page.getByText('还没有通行密钥')).toBeVisible()
  await setUp(page).click()
  await expect(page.getByText('设好了')).toBeVisible()
  await setUp(page).click()
  await expect(page.getByText('这部手机已经设过了')).toBeVisible()
  const { credentials } = await old.tools.send('WebAuthn.getCredentials', { authenticatorId: old.authenticatorId })

  const fresh = await cast.anybody('/help')
  const { tools, authenticatorId } = await withAuthenticator(fresh)
  const phone = new Relative(fresh)
  await phone.goes('/sign-in')
  await phone.signsIn(relatives.sister.phone.replace('+86', ''))
  await phone.sees('用您的通行密钥证明是您本人')
  await fresh.getByRole('button', { name: '用通行密钥登录' }).click()
  await phone.sees('没有完成')
  for (const credential of credentials) await tools.send('WebAuthn.addCredential', { authenticatorId, credential })
  await fresh.getByRole('button', { name: '用通行密钥登录' }).click()
  await mayStart(fresh)

  await page.reload()
  await page.getByRole('button', { name: '通行密钥', exact: true }).click()
  await page.getByRole('button', { name: '删除', exact: true }).click()
  await page.getByRole('button', { name: '确定删除' }).click()
  await expect(page.getByText('已经删除')).toBeVisible()
  await expect(page.getByText('还没有通行密钥')).toBeVisible()
})

test('the field for the number offers it: she chooses, types nothing, and is in', async ({ cast }) => {
  const page = await cast.anybody('/help')
  await withAuthenticator(page)
  const phone = new Relative(page)
  await phone.goes('/sign-in')
  await phone.signsIn('13700000313')
  await setUp(page).click()
  await page.getByRole('button', { name: '继续' }).click()
  await mayStart(page)
  await leaves(page)
  await phone.goes('/sign-in') // the browser chooses the only one that there is
  await mayStart(page)
})

test('without a network, or where nobody agrees, it is said what to do, and a code still lets her in', async ({
  cast,
}) => {
  const page = await cast.anybody('/help')
  const { tools, authenticatorId } = await withAuthenticator(page)
  const phone = new Relative(page)
  await phone.goes('/sign-in')
  const button = page.getByRole('button', { name: '用通行密钥登录' })
  await expect(button).toBeVisible()
  await phone.loses()
  await button.click()
  await phone.sees('现在没有网络')
  await phone.finds()
  await tools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
  await button.click()
  await phone.sees(/没有完成|不能用/)
  await phone.signsIn('13700000314')
  await page.getByRole('button', { name: '以后再说' }).click()
  await mayStart(page)
})
