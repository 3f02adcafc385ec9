// The lock over what a phone keeps: others who take the phone up see nothing, and nothing that was typed is lost by it.
import { expect as expectAtOnce, type Page } from '@playwright/test'
import { Relative } from './acting.ts'
import { withAuthenticator } from './authenticator.ts'
import { looksAt } from './looking.ts'
import { test } from './people.ts'

test.slow()
const expect = expectAtOnce.configure({ timeout: 20_000 })

const PIN = '482915'
const field = (page: Page) => page.getByLabel('输入 6 位 PIN')
const isShut = (page: Page) => expect(field(page)).toBeVisible()
const opens = async (page: Page, pin = PIN) => {
  await field(page).fill(pin)
  await page.getByRole('button', { name: '打开', exact: true }).click()
}
const switchesOn = async (page: Page) => {
  await page.getByRole('button', { name: '应用锁', exact: true }).click()
  await page.getByLabel(/设一个 6 位 PIN/).fill(PIN)
  await page.getByLabel('再输一次').fill(PIN)
  await page.getByRole('button', { name: '打开应用锁' }).click()
  await expect(page.getByText('应用锁已经打开')).toBeVisible()
}
/** So much later, by this phone's clock, somebody takes it up again. */
const later = async (page: Page, minutes: number) => {
  await page.evaluate((ms) => {
    const lock = JSON.parse(localStorage.getItem('etongban.lock') ?? '{}') as { seenAt: number }
    localStorage.setItem('etongban.lock', JSON.stringify({ ...lock, seenAt: lock.seenAt - ms }))
  }, minutes * 60_000)
}
const returns = async (page: Page) => {
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await isShut(page)
}
const kept = (page: Page, account: string) =>
  page.evaluate(
    (account) =>
      new Promise((done) => {
        const opening = indexedDB.open('etongban/keys')
        opening.onsuccess = () => {
          const read = opening.result.transaction('keys').objectStore('keys').get(account)
          read.onsuccess = () => done(read.result === null ? 'none' : 'a key')
        }
      }),
    account,
  )

test('left alone it shuts; the PIN brings back the letter that was half written, also without a network', async ({
  cast,
}) => {
  const page = await cast.signedIn('sister')
  const phone = new Relative(page)
  await phone.sees('已登录')
  await switchesOn(page)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await phone.goes('/letter?new')
  await phone.sees('王磊')
  await phone.writes('锁上以前写了一半的信。')
  const account = await page.evaluate(() => localStorage.getItem('etongban.account') ?? '')
  await phone.loses()
  await later(page, 2)
  await returns(page)
  await expect(page.getByText('王磊')).toHaveCount(0)
  expect(await page.evaluate(() => localStorage.getItem('etongban.account'))).toBeNull()
  expect(await kept(page, account)).toBe('none')

  await page.reload() // it does not come in by the back door
  await isShut(page)
  await opens(page, '111111')
  await phone.sees('PIN 不对')
  await opens(page)
  await expect(phone.paper).toHaveValue('锁上以前写了一半的信。')
  await phone.finds()
  await phone.sees('王磊')
  await phone.goes('/')
  await page.getByRole('button', { name: '删掉这份草稿' }).first().click()
  await page.getByRole('button', { name: '删掉', exact: true }).click()
})

test('a passkey opens it too, with one tap and without a network', async ({ cast }) => {
  const page = await cast.anybody('/help')
  await withAuthenticator(page)
  const phone = new Relative(page)
  await phone.goes('/sign-in')
  await phone.signsIn('13700000361')
  await page.getByRole('button', { name: '设一个通行密钥' }).click()
  await page.getByRole('button', { name: '继续' }).click()
  await phone.sees('已登录')
  await switchesOn(page)
  await page.getByRole('button', { name: '也用通行密钥打开' }).click()
  await phone.sees('通行密钥也能打开这把锁')
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await phone.goes('/letter?new')
  await phone.writes('按一下就打开的一封。')
  await phone.loses()
  await later(page, 2)
  await returns(page)
  await page.reload()
  await looksAt(page, 'shut, with a passkey', 'zh', '7:1')

  await page.evaluate(() => {
    const { credentials } = navigator
    const get = credentials.get.bind(credentials)
    credentials.get = () => {
      credentials.get = get
      return Promise.reject(new DOMException('closed', 'NotAllowedError'))
    }
  })
  await page.getByRole('button', { name: '用通行密钥打开' }).click()
  await phone.sees('没有确认')
  await isShut(page)
  await page.getByRole('button', { name: '用通行密钥打开' }).click()
  await expect(phone.paper).toHaveValue('按一下就打开的一封。')
})

test('a wrong PIN costs longer and longer, and nothing is lost by it', async ({ cast }) => {
  const page = await cast.signedIn('wife')
  const phone = new Relative(page)
  await phone.sees('已登录')
  await switchesOn(page)
  await later(page, 2)
  await returns(page)
  for (const wrong of ['000000', '000001']) {
    await opens(page, wrong)
    await phone.sees('PIN 不对')
  }
  await opens(page, '000002')
  await phone.sees(/错的次数太多，请等 (30|29|28) 秒/)
  await page.reload() // which does not begin the count anew
  await phone.sees(/请等 \d+ 秒/)
  await expect(page.getByRole('button', { name: '打开', exact: true })).toBeDisabled()
})

test('who has forgotten it signs in again as on a new phone, and what was sealed is there again', async ({ cast }) => {
  const page = await cast.anybody('/sign-in')
  const phone = new Relative(page)
  await phone.signsIn('13700000321')
  await phone.sees('已登录')
  await phone.goes('/letter?new')
  await phone.writes('忘了 PIN 也不会丢的信。')
  await phone.goes('/')
  await switchesOn(page)
  await later(page, 2)
  await returns(page)
  await page.getByRole('button', { name: '忘了 PIN，或者换人用' }).click()
  await phone.sees(/0 件没有送出、1 份草稿/)
  await phone.loses()
  await page.getByRole('button', { name: '重新登录' }).click()
  await phone.sees('现在没有网络，不能重新登录')
  await phone.finds()
  await page.getByRole('button', { name: '重新登录' }).click()
  await page.waitForURL(/sign-in/)

  await phone.signsIn('13700000322') // somebody else, on the same phone
  await phone.sees('已登录')
  await expect(page.getByText('忘了 PIN 也不会丢的信。')).toHaveCount(0)
  await page.getByRole('button', { name: '退出登录', exact: true }).click()
  await page.getByRole('button', { name: '退出', exact: true }).click()
  await phone.goes('/sign-in')
  await phone.signsIn('13700000321')
  await phone.sees('忘了 PIN 也不会丢的信。')
})

test('in every tab at once; and switched off it asks for nothing', async ({ cast }) => {
  const page = await cast.signedIn('daughter')
  const phone = new Relative(page)
  await phone.sees('已登录')
  await switchesOn(page)
  const other = await page.context().newPage()
  await other.goto('/')
  await expect(other.getByText('已登录')).toBeVisible()
  await later(page, 2)
  await returns(page)
  await isShut(other)
  await opens(page)
  await phone.sees('已登录')
  await page.getByRole('button', { name: '应用锁', exact: true }).click()
  await page.getByRole('button', { name: '关掉应用锁' }).click()
  await phone.sees('应用锁已经关掉')
  await page.reload()
  await phone.sees('已登录')
})
