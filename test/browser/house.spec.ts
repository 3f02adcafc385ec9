// A house is set up on a tablet: what an admin sees, and what is kept from going wrong.
import type { Page } from '@playwright/test'
import { expect, test } from './people.ts'

const house = (page: Page, name: string) => page.getByRole('navigation', { name: '管理' }).getByRole('link', { name })
const card = (page: Page, heading: string | RegExp) =>
  page.locator('.card').filter({ has: page.getByRole('heading', { name: heading }) })
/** Opens the step and says yes to its question. */
const sure = async (page: Page, name: string) => {
  await page.getByRole('button', { name: `${name}…` }).click()
  await page.getByRole('dialog').getByRole('button', { name: '确认办理' }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
}
let numbers = 0
const admits = async (page: Page, name: string, status = '留所服刑') => {
  await page.getByRole('link', { name: '登记在押人员' }).click()
  const form = page.locator('#admit')
  await form.getByLabel('编号').fill(`9${String(Date.now()).slice(-6)}${(numbers += 1)}`)
  await form.getByLabel('姓名').fill(name)
  await form.getByLabel('法律状态').selectOption({ label: status })
  await form.getByLabel('监室').fill('3-02')
  await form.getByRole('button', { name: '登记' }).click()
}

test('somebody is admitted, and their PIN is shown once', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house')
  await admits(admin, '孙小明')
  const slip = admin.getByRole('region', { name: /孙小明（9\d+）的 PIN/ })
  await expect(slip).toContainText(/\d{6}/)
  await slip.getByRole('button', { name: '收起' }).click()
  await admin.reload()
  await expect(admin.getByRole('heading', { name: /孙小明/ })).toBeVisible()
  await expect(admin.getByText('只显示这一次')).toBeHidden()
})

test('a field that is not right is named, focused, and nothing that was typed is lost', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house?new')
  const form = admin.locator('#admit')
  await form.getByLabel('姓名').fill('李大山')
  await form.getByLabel('监室').fill('3-05')
  await form.getByRole('button', { name: '登记' }).click()
  await expect(form.getByRole('alert')).toContainText('编号只能用数字、字母和短横线')
  await expect(form.getByLabel('编号')).toBeFocused()
  await form.getByLabel('编号').fill('0231')
  await form.getByLabel('法律状态').selectOption({ label: '未决' })
  await form.getByRole('button', { name: '登记' }).click()
  await expect(form.getByRole('alert')).toContainText('这个编号已经登记过')
  await expect(form.getByLabel('姓名')).toHaveValue('李大山')
  await expect(form.getByLabel('监室')).toHaveValue('3-05')
})

test('with no network nothing is claimed to be saved, and what was typed stays', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house/officers')
  const form = admin.locator('#officer')
  await form.getByLabel('姓名').fill('吴明')
  await form.getByRole('checkbox', { name: /审核/ }).check()
  await admin.context().setOffline(true)
  await form.getByRole('button', { name: '登记' }).click()
  await expect(form.getByRole('alert')).toContainText('现在连不上服务器')
  await admin.context().setOffline(false)
  await expect(form.getByLabel('姓名')).toHaveValue('吴明')
  await form.getByRole('button', { name: '登记' }).click()
  await expect(card(admin, '吴明')).toContainText('审核')
})

test('an invite is a link and a square, and only its own slip goes onto the paper', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house')
  await admits(admin, '周大海')
  const form = admin.locator('#invite')
  await form.getByLabel('家属姓名').fill('周小海')
  await form.getByLabel('与在押人员的关系').selectOption({ label: '子女' })
  await form.getByRole('button', { name: '生成邀请' }).click()
  const slip = admin.getByRole('region', { name: '青山看守所 家属邀请' })
  await expect(slip).toContainText(/\/invite#qingshan-[0-9a-z]{26}/)
  await expect(slip.getByRole('img')).toBeVisible()
  await expect(card(admin, '邀请家属')).toContainText('周小海（子女）还没有打开邀请')

  // what is on the screen at the moment of printing, as the paper shows it
  await admin.evaluate(() => {
    window.print = () => document.body.setAttribute('data-printed', 'yes')
  })
  const printed = admin.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        new MutationObserver(() =>
          resolve([...document.querySelectorAll('.slip.printing h2')].map((heading) => heading.textContent)),
        ).observe(document.body, { attributes: true })
      }),
  )
  await slip.getByRole('button', { name: '打印' }).click()
  expect(await printed).toEqual(['青山看守所 家属邀请'])
})

test('what cannot be taken back is asked once, and a no changes nothing', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house')
  await admits(admin, '钱一')
  await admin.getByRole('button', { name: '办理离所…' }).click()
  await expect(admin.getByText('请选择离所原因')).toBeVisible()
  await admin.getByLabel('离所原因').selectOption({ label: '释放' })
  await admin.getByRole('button', { name: '办理离所…' }).click()
  await admin.getByRole('dialog').getByRole('button', { name: '取消' }).click()
  await expect(admin.getByRole('link', { name: /钱一/ })).not.toContainText('离所')
  await sure(admin, '办理离所')
  await expect(admin.getByRole('link', { name: /钱一/ })).toContainText('离所')
})

test('a kiosk’s code is shown once, and the kiosk is in use when a device has taken it', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house/kiosks')
  const form = admin.locator('#kiosk')
  await form.getByLabel('设备名称').fill('4-01 一体机')
  await form.getByLabel('监室').fill('4-01')
  await form.getByRole('button', { name: '登记' }).click()
  const slip = admin.getByRole('region', { name: '4-01 一体机 启用码' })
  const code = (await slip.getByText(/^qingshan-[0-9a-z]{12}$/).textContent()) ?? ''
  await expect(card(admin, /4-01 一体机/)).toContainText('等待启用')
  const device = await cast.anybody(`/kiosk#${code}`)
  await device.getByRole('button').first().click()
  await expect(async () => {
    await admin.reload()
    await expect(card(admin, /4-01 一体机/)).toContainText('使用中', { timeout: 500 })
  }).toPass()
})

test('settings hold from the moment they are saved', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house/settings')
  const form = admin.locator('#settings-letter')
  await form.getByLabel('已送达监所：时限（小时）').fill('0')
  await form.getByRole('button', { name: '保存' }).click()
  await expect(form.getByRole('alert')).toContainText('1 到 8784')
  await form.getByLabel('已送达监所：时限（小时）').fill('36')
  await form.getByRole('button', { name: '保存' }).click()
  await expect(card(admin, /亲情信件/)).toContainText('本所自定')
  await admin.reload()
  await expect(form.getByLabel('已送达监所：时限（小时）')).toHaveValue('36')
})

test('a keeper finds the people and no officers; a reviewer finds no administration', async ({ cast }) => {
  const keeper = await cast.signedIn('keeper', '/officer/house')
  await expect(keeper.getByRole('link', { name: /张伟/ })).toBeVisible()
  await expect(house(keeper, '民警')).toBeHidden()
  await expect(keeper.getByRole('link', { name: '登记在押人员' })).toBeHidden()
  const reviewer = await cast.signedIn('reviewer', '/officer/house')
  await expect(reviewer.getByRole('alert')).toContainText('没有这项权限')
})

test('a house is opened by whom the operator named', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house/open')
  const form = admin.locator('#open')
  await form.getByLabel('监所名称').fill('松岭拘留所')
  await form.getByLabel('代码').fill('qingshan')
  await form.getByLabel('监所类别').selectOption({ label: '拘留所' })
  await form.getByLabel('对外电话').fill('0578-555 0200')
  await form.getByLabel('接待时间').fill('每天 9:00–17:00')
  await form.getByRole('button', { name: '开设' }).click()
  await expect(form.getByRole('alert')).toContainText('已经有监所使用')
  await form.getByLabel('代码').fill('songling')
  await form.getByRole('button', { name: '开设' }).click()
  await expect(admin.getByText('还没有登记在押人员')).toBeVisible()

  const stranger = await cast.signedIn('mother', '/officer/house/open')
  await expect(stranger.locator('#open')).toBeVisible()
})
