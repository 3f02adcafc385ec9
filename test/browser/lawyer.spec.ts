// A lawyer signs up on a phone, asks to act for somebody, and the desk decides on its tablet.
import type { Page } from '@playwright/test'
import { people } from '#db/demo/qingshan.ts'
import { Relative } from './acting.ts'
import { expect, test } from './people.ts'

const card = (page: Page, heading: string | RegExp) =>
  page.locator('.card').filter({ has: page.getByRole('heading', { name: heading }) })
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const letter = {
  name: 'weituo.png',
  mimeType: 'image/png',
  buffer: (Buffer as BufferConstructor).from(pixel, 'base64'),
}

async function states(page: Page, licence: string, name: string, number: string) {
  await page.getByLabel('律师执业证号').fill(licence)
  await page.getByLabel('律师事务所').fill('浙江松岭律师事务所')
  await page.getByLabel('姓名（与证件一致）').fill(name)
  await page.getByLabel('证件号码').fill(number)
  await page.getByRole('button', { name: '提交核验' }).click()
}

test('a lawyer is verified, asks to act for somebody, and reads that the desk has accepted', async ({ cast, as }) => {
  const admin = await as('admin')
  const { house, people: inside } = await admin.house()
  const wang = inside.find(({ number }) => number === people.wang.number)
  await admin.http.post(`/api/houses/${house.id}/people/${wang?.id}/born`, { born: '1988-05-06' })

  const lawyer = new Relative(await cast.anybody('/invite#lawyer'))
  await lawyer.page.getByRole('link', { name: '去登录' }).click()
  await lawyer.signsIn('13700000091')

  // a number that cannot be one is said beside its field, and what was typed stays
  await states(lawyer.page, '1330119961113167', '王文博', '330102196905140182')
  await expect(lawyer.page.getByRole('alert')).toContainText('请逐位核对执业证号')
  await expect(lawyer.page.getByLabel('律师执业证号')).toBeFocused()
  await expect(lawyer.page.getByLabel('证件号码')).toHaveValue('330102196905140182')
  await states(lawyer.page, '13301199611131676', '王文', '330102196905140182')
  await lawyer.sees('执业证号、姓名或证件号码对不上')
  await lawyer.page.getByRole('button', { name: '改填执业证' }).click()
  await states(lawyer.page, '13301199611131676', '王文博', '330102196905140182')
  await lawyer.sees('执业证有效')

  await lawyer.page.getByLabel('哪一个监所').selectOption({ label: '青山看守所' })
  await lawyer.page.getByLabel('当事人姓名').fill('王磊')
  await lawyer.page.getByLabel('当事人出生日期').fill('1988-05-06')
  await lawyer.page.getByRole('button', { name: '提交委托' }).click()
  await expect(lawyer.page.getByRole('alert')).toContainText('请选择委托书或法律援助公函')
  await lawyer.page.getByLabel('委托依据').selectOption({ label: '委托书' })
  await lawyer.page.reload()
  await expect(lawyer.page.getByLabel('当事人姓名')).toHaveValue('王磊')
  await expect(lawyer.page.getByLabel('当事人出生日期')).toHaveValue('1988-05-06')
  await expect(lawyer.page.getByLabel('委托依据')).toHaveValue('entrusted')
  await expect(lawyer.page.getByLabel('哪一个监所').locator('option:checked')).toHaveText('青山看守所')
  await lawyer.loses()
  await lawyer.page.getByRole('button', { name: '提交委托' }).click()
  await expect(lawyer.page.getByRole('alert')).toContainText('填的内容还在')
  await lawyer.finds()
  await lawyer.page.getByRole('button', { name: '提交委托' }).click()
  await lawyer.sees('窗口正在核对')
  await lawyer.page.getByLabel('拍照或选照片').setInputFiles(letter)
  await lawyer.sees('已送到 1 张，最多 3 张')

  const desk = await cast.signedIn('desk', '/officer/house?lawyers')
  const one = card(desk, /王文博/)
  await expect(one).toContainText('王磊 · 0233')
  await one.getByText('证件照片（1 张）').click()
  const shown = one.getByRole('img', { name: '证件照片 1' })
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
  await one.getByText('核对无误，接受委托').first().click()
  await one.getByLabel('在押人员', { exact: true }).selectOption({ label: '相近： 王磊 · 0233 · 3-05 · 1988-05-06' })
  await one.getByRole('button', { name: '核对无误，接受委托' }).click()
  await expect(one.getByText('结束委托').first()).toBeVisible()

  await lawyer.looksAgain()
  await lawyer.sees('已接受')
  await lawyer.page.getByRole('button', { name: '现在能不能会见？' }).click()
  await lawyer.sees('可以：执业证有效，委托已接受')
  await lawyer.page.getByRole('button', { name: '结束委托' }).click()
  await lawyer.page.getByRole('button', { name: '结束', exact: true }).click()
  await lawyer.sees('已结束')
})

test('a suspended lawyer reads what that means, and is offered nothing to submit', async ({ cast }) => {
  const lawyer = new Relative(await cast.anybody('/invite#lawyer'))
  await lawyer.page.getByRole('link', { name: '去登录' }).click()
  await lawyer.signsIn('13700000092')
  await states(lawyer.page, '13301201211115838', '何若兰', '330102196703120140')
  await lawyer.sees('登记显示：停止执业')
  await expect(lawyer.page.getByRole('button', { name: '提交委托' })).toBeHidden()
})
