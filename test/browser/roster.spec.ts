// An admin brings the house's own list: from Excel or as CSV, looks at what it would change, and confirms it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { csvOf } from '#db/roster.ts'
import { newcomers, xlsx } from '#test/house/lists.ts'
import { Kiosk } from './acting.ts'
import { expect, test } from './people.ts'

const folder = mkdtempSync(join(tmpdir(), 'etongban-'))
test.afterAll(() => rmSync(folder, { recursive: true, force: true }))
async function chooses(page: Page, name: string, content: string | Uint8Array): Promise<void> {
  writeFileSync(join(folder, name), content)
  await page.getByLabel('名单文件').setInputFiles(join(folder, name))
}
const bytes = (...hex: string[]) => Uint8Array.from(hex.join('').match(/../g) ?? [], (two) => parseInt(two, 16))
const plan = (page: Page) => page.getByRole('region', { name: '会带来这些变化' })
const confirms = async (page: Page) => {
  await plan(page).getByRole('button', { name: '确认办理…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '确认办理' }).click()
}
const headings = ['监室', '编号', '姓名', '诉讼阶段', '入所日期', '出生日期']

test('an Excel list is looked at, confirmed, and its new people have PINs on one print', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house?list')
  await chooses(
    admin,
    '名单.xlsx',
    xlsx([
      ['青山看守所', '', '', '', '', ''],
      headings,
      ['3-05', '0901', '赵小一', '一审', { day: 46000 }, { day: 32939 }],
      ['3-05', 'X-02', '赵小二', '留所服刑', '', ''],
      ['5-01', '0234', '刘洋', '', '', ''],
    ]),
  )
  await expect(plan(admin)).toContainText('新登记 2')
  await expect(plan(admin)).toContainText('换监室 1')
  await expect(plan(admin)).toContainText('3-05 → 5-01')
  await expect(plan(admin).getByRole('row', { name: /赵小一/ })).toContainText('1990-03-07')
  await expect(plan(admin)).toContainText('这些列没有用到：入所日期')
  await confirms(admin)
  await expect(admin.getByRole('status').filter({ hasText: '已办理 3 人' })).toBeVisible()

  const slips = admin.getByRole('region', { name: '新登记的 2 人的 PIN' })
  await expect(slips.getByRole('listitem')).toHaveCount(2)
  await expect(slips.getByRole('listitem').first()).toContainText(/青山看守所 · 3-05.*赵小一.*0901.*\d{6}/)
  const pin = (await slips.getByRole('listitem').first().locator('strong').textContent()) ?? ''

  await admin.getByRole('navigation', { name: '管理' }).getByRole('link', { name: '在押人员' }).click()
  await expect(admin.getByRole('link', { name: /赵小一/ })).toContainText('3-05 · 未决')
  await expect(admin.getByRole('link', { name: /刘洋/ })).toContainText('5-01')
  await admin.getByRole('navigation', { name: '管理' }).getByRole('link', { name: '名单导入' }).click()
  await expect(slips).toContainText(pin) // until the page is left for good

  // the PIN on the paper opens their letters in the cell
  const kiosk = new Kiosk(await cast.kiosk('kiosk2'))
  await kiosk.page.getByRole('button', { name: '登记', exact: true }).click()
  await kiosk.identifies('0901', pin)
  await expect(kiosk.page.getByRole('heading', { name: /赵小一/ })).toBeVisible()
})

test('a list with mistakes says where they are; mended it is taken, and a GBK file of Excel is read too', async ({
  cast,
}) => {
  const admin = await cast.signedIn('admin', '/officer/house?list')
  await chooses(admin, '旧.xls', bytes('d0cf11e0a1b11ae1'))
  await expect(admin.getByRole('alert')).toContainText('另存为')
  await chooses(admin, '照片.csv', bytes('89504e47000000fffe80'))
  await expect(admin.getByRole('alert')).toContainText('读不了这个文件')
  await chooses(admin, '别的.csv', '日期,天气\n1,晴\n')
  await expect(admin.getByRole('alert')).toContainText('没有找到表头')

  // 编号,姓名,状态,监室 and two people, as Excel in China writes it
  const gbk = (status: string) =>
    bytes(
      'b1e0bac52cd0d5c3fb2cd7b4ccac2cbce0cad20d0a', // the headings
      `5959312cd6dcd2bb2c${status}2c332d30350d0a`, // YY1,周一,…,3-05
      '5959322cd6dcb6fe2cceb4bef62c33d4c232c8d50d0a', // YY2,周二,未决,3月2日
    )
  await chooses(admin, '名单.csv', gbk('d4dad1ba')) // 在押
  const problems = plan(admin).getByRole('row')
  await expect(problems.filter({ hasText: '不认识“在押”' })).toContainText('2')
  await expect(problems.filter({ hasText: '改成了日期' })).toContainText('3月2日')
  await expect(plan(admin)).toContainText('新登记 0')
  await chooses(admin, '名单.csv', gbk('ceb4bef6')) // 未决
  await expect(plan(admin)).toContainText('新登记 1')
  await confirms(admin)
  await expect(admin.getByRole('region', { name: '新登记的 1 人的 PIN' })).toContainText('周一')
})

test('who is not in a whole list leaves only where a reason is chosen', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house?list')
  const download = admin.waitForEvent('download')
  await admin.getByRole('button', { name: '下载现有名单' }).click()
  const list = readFileSync(await (await download).path(), 'utf8')
  expect(list).toContain('\uFEFF"编号","姓名","法律状态","监室","出生日期","离所原因"')
  await chooses(admin, '现有.csv', list)
  await expect(plan(admin)).toContainText('名单和系统里的一样')

  const lines = list.split('\r\n').filter((line) => !line.includes('王磊'))
  await chooses(admin, '现有.csv', lines.join('\r\n'))
  await expect(plan(admin)).toContainText('名单里没有 0')
  await admin.getByLabel('这是全所的完整名单').check()
  await expect(plan(admin)).toContainText('名单里没有 1')
  await expect(plan(admin)).toContainText('名单和系统里的一样')
  await plan(admin).getByLabel('王磊 0233 离所原因').selectOption({ label: '转所或投送监狱' })
  await confirms(admin)
  await expect(admin.getByRole('status').filter({ hasText: '已办理 1 人' })).toBeVisible()
  await admin.getByRole('navigation', { name: '管理' }).getByRole('link', { name: '在押人员' }).click()
  await expect(admin.getByRole('link', { name: /王磊/ })).toContainText('离所')
})

test('a broken connection or a house that moved meanwhile loses nothing and does nothing twice', async ({ cast }) => {
  const admin = await cast.signedIn('admin', '/officer/house?list')
  const list = (cell: string) =>
    csvOf([
      ['编号', '姓名', '状态', '监室'],
      ['Z-01', '吴一', '未决', cell],
      ['0232', '李强', '', cell],
    ])
  await chooses(admin, '名单.csv', list('7-01'))
  await expect(plan(admin)).toContainText('新登记 1')

  // the answer is lost on its way back
  await admin.route('**/roster', async (route) => {
    await route.fetch()
    await route.abort()
  })
  await confirms(admin)
  const dialog = admin.getByRole('dialog')
  await expect(dialog.getByRole('alert')).toContainText('连不上服务器')
  await admin.unroute('**/roster')
  await dialog.getByRole('button', { name: '确认办理' }).click()
  await expect(admin.getByRole('status').filter({ hasText: '已办理 2 人' })).toBeVisible()
  await expect(admin.getByRole('region', { name: '新登记的 1 人的 PIN' })).toContainText('吴一')

  // somebody else moves one of them while the plan is looked at
  await chooses(admin, '名单.csv', list('7-02'))
  await expect(plan(admin)).toContainText('换监室 2')
  const other = await cast.signedIn('admin', '/officer/house')
  await other.getByRole('link', { name: /吴一/ }).click()
  await other.getByText('调整监室').click()
  await other.locator('#move').getByLabel('监室').fill('7-09')
  await other.locator('#move').getByRole('button', { name: '保存' }).click()
  await expect(other.getByRole('link', { name: /吴一/ })).toContainText('7-09')
  await confirms(admin)
  await expect(admin.getByRole('alert')).toContainText('请再看一遍')
  await expect(plan(admin)).toContainText('7-09 → 7-02')
  await confirms(admin)
  await expect(admin.getByRole('status').filter({ hasText: '已办理 2 人' })).toBeVisible()
})

test('three hundred new people are one list, one confirmation and one print', async ({ cast }) => {
  test.setTimeout(180_000)
  const admin = await cast.signedIn('admin', '/officer/house?list')
  const rows = newcomers(300).map(({ number = '', name = '', status = '', cell = '' }) => [number, name, status, cell])
  await chooses(admin, '名单.xlsx', xlsx([['编号', '姓名', '法律状态', '监室'], ...rows]))
  await expect(plan(admin)).toContainText('新登记 300')
  await confirms(admin)
  const slips = admin.getByRole('region', { name: '新登记的 300 人的 PIN' })
  await expect(slips.getByRole('listitem')).toHaveCount(300, { timeout: 120_000 })
})
