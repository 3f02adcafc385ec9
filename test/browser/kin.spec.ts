// Who may write to whom: a claim that the house checks, a ban that is told plainly, an answer of the case-handling body.
import type { Page } from '@playwright/test'
import { people } from '#db/demo/qingshan.ts'
import { Relative } from './acting.ts'
import { expect, phone, test } from './people.ts'

const card = (page: Page, heading: string | RegExp) =>
  page.locator('.card').filter({ has: page.getByRole('heading', { name: heading }) })

async function fills(page: Page, person: string, name: string) {
  await page.getByLabel('哪一个监所').selectOption({ label: '青山看守所' })
  await page.getByLabel('里面亲属的姓名').fill(person)
  await page.getByLabel('里面亲属的出生日期').fill('1990-03-07')
  await page.getByLabel('您的姓名').fill(name)
  await page.getByLabel('您是里面亲属的').selectOption({ label: '兄弟姐妹' })
}
/** A photo of one pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const register = {
  name: 'hukou.png',
  mimeType: 'image/png',
  buffer: (Buffer as BufferConstructor).from(pixel, 'base64'),
}
const sends = (page: Page) => page.getByRole('button', { name: '提交申请' }).click()

test('a sister without an invite claims, an officer finds whom she means, and she writes', async ({ cast, as }) => {
  const admin = await as('admin')
  const { house, people: inside } = await admin.house()
  const liu = inside.find(({ number }) => number === people.liu.number)
  await admin.http.post(`/api/houses/${house.id}/people/${liu?.id}/born`, { born: '1990-03-07' })

  const sister = new Relative(await cast.anybody('/letter'))
  await sister.writes('姐，我是小芳。')
  await sister.page.getByRole('button', { name: '寄出' }).click()
  await sister.page.getByRole('link', { name: '去登录' }).click()
  await sister.signsIn('13700000081')
  await expect(sister.paper).toHaveValue('姐，我是小芳。')
  await sister.page.getByRole('button', { name: '寄出' }).click()
  await sister.page.getByRole('link', { name: '登记亲属关系' }).click()

  // a field that is not right is named, and nothing that was typed is lost, not by a reload nor without a network
  await fills(sister.page, '刘洋', '刘芳')
  await sister.page.getByLabel('里面亲属的出生日期').fill('')
  await sends(sister.page)
  await expect(sister.page.getByRole('alert')).toContainText('请填写里面亲属的出生日期')
  await expect(sister.page.getByLabel('里面亲属的出生日期')).toBeFocused()
  await sister.page.getByLabel('里面亲属的出生日期').fill('1990-03-07')
  await sister.loses()
  await sends(sister.page)
  await expect(sister.page.getByRole('alert')).toContainText('没有送出去')
  await sister.finds()
  await sister.looksAgain()
  await expect(sister.page.getByLabel('您的姓名')).toHaveValue('刘芳')
  await expect(sister.page.getByLabel('您是里面亲属的')).toHaveValue('sibling')
  await sends(sister.page)
  await sister.sees('已经收到，我们会核对')
  await sister.page.getByLabel('拍照或选照片').setInputFiles(register)
  await sister.sees('已送到 1 张，最多 3 张')
  await sister.goes('/')
  await sister.sees('正在核对')
  await sister.sees('刘洋 · 青山看守所')

  const keeper = await cast.signedIn('keeper', '/officer/house')
  await keeper.getByRole('link', { name: /家属登记申请（\d+）/ }).click()
  const claim = card(keeper, '刘芳')
  await expect(claim).toContainText('刘洋 · 0234')
  await claim.getByText('证件照片（1 张）').click()
  const shown = claim.getByRole('img', { name: '证件照片 1' })
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
  await claim.getByText('核对无误，登记').first().click()
  await claim.getByLabel('在押人员', { exact: true }).selectOption({ label: '相近： 刘洋 · 0234 · 3-05 · 1990-03-07' })
  await claim.getByRole('button', { name: '核对无误，登记' }).click()
  await expect(claim).toHaveCount(0)

  await sister.looksAgain()
  await sister.sees('登记好了')
  await sister.goes('/letter')
  await sister.sees('刘洋')
  await expect(sister.paper).toHaveValue('姐，我是小芳。')
  await sister.sends()
  await sister.sees('已送达监所')
})

test('a claim that is declined reads the same whatever the reason', async ({ cast }) => {
  const stranger = new Relative(await cast.anybody('/invite'))
  await stranger.page.getByRole('link', { name: '去登录' }).click()
  await stranger.signsIn('13700000082')
  await fills(stranger.page, '无此人', '李四')
  await sends(stranger.page)
  await stranger.sees('已经收到，我们会核对')
  const admin = await cast.signedIn('admin', '/officer/house?claims')
  const claim = card(admin, '李四')
  await expect(claim).toContainText('没有出生日期相同、姓名相近的在押人员')
  await claim.getByText('不予登记').first().click()
  await claim.getByLabel('原因（家属看不到）').selectOption({ label: '本所没有这个人' })
  await claim.getByRole('button', { name: '不予登记' }).click()
  await expect(claim).toBeHidden()
  await stranger.goes('/')
  await stranger.sees('这次没有登记成')
  await stranger.sees('请带上身份证件和亲属关系证明到接待窗口')
  await expect(stranger.page.getByText('没有这个人')).toBeHidden()
})

test('a ban is told plainly and without its reason, where letters are written and on the first page', async ({
  cast,
}) => {
  const admin = await cast.signedIn('admin', '/officer/house')
  await admin.getByRole('link', { name: /刘洋/ }).click()
  const ties = admin.getByRole('article').filter({ hasText: '刘小雨' })
  await ties.getByText('限制办理', { exact: true }).first().click()
  await ties.getByRole('button', { name: '限制办理' }).click()
  await expect(ties.getByRole('alert')).toContainText('请选择今天或以后的日期')
  await ties.getByLabel('限制到哪一天为止').fill('2099-12-31')
  await ties.getByLabel('原因（家属看不到）').selectOption({ label: '家属违反规定' })
  await ties.getByLabel('说明（家属看不到，可以不填）').fill('辱骂民警')
  await ties.getByRole('button', { name: '限制办理' }).click()
  await expect(ties).toContainText('限制办理，到2099年12月31日星期四为止 家属违反规定 辱骂民警')

  const daughter = new Relative(await cast.signedIn('daughter'))
  await daughter.sees('到2099年12月31日星期四为止，暂时不能给刘洋办理新的事项')
  await daughter.goes('/letter?new')
  await daughter.sees('暂时不能给刘洋办理新的事项')
  await daughter.writes('爸爸，我很好。')
  await daughter.page.getByRole('button', { name: '寄出' }).click()
  await expect(daughter.page.getByRole('alert')).toContainText('现在没有对您的亲属开放')
  await expect(daughter.page.getByText(/违反|辱骂/)).toBeHidden()
  await expect(daughter.paper).toHaveValue('爸爸，我很好。')

  await ties.getByRole('button', { name: '提前解除限制…' }).click()
  await admin.getByRole('dialog').getByRole('button', { name: '确认办理' }).click()
  await expect(ties.getByText('限制办理，到')).toBeHidden()
})

test('the case-handling body answers by a link on any phone, once', async ({ browser, served, cast, as }) => {
  const sister = new Relative(await cast.signedIn('sister'))
  await sister.sees('已登录')
  await sister.goes('/letter?new')
  await sister.sees('王磊')
  await sister.writes('哥，家里都好。')
  const letter = await sister.sends()
  await sister.sees('等待办案机关同意')

  const desk = await cast.signedIn('desk', '/officer/house')
  await desk.getByRole('link', { name: /王磊/ }).click()
  const ties = desk.getByRole('article').filter({ hasText: '王芳' })
  await ties.getByText('请办案机关用链接答复').click()
  await ties.getByRole('button', { name: '生成链接' }).click()
  const address = (await ties.locator('.link').textContent()) ?? ''
  expect(address).toMatch(/\/invite#consent:qingshan-[0-9a-z]{26}$/)

  const context = await browser.newContext({ ...phone, baseURL: served.url })
  const handler = await context.newPage()
  await handler.goto(address)
  await expect(handler.getByText('王＊')).toHaveCount(2) // brother and sister
  await expect(handler.getByText(/王磊|王芳/)).toHaveCount(0)
  await handler.getByRole('button', { name: '答复：同意' }).click()
  await expect(handler.getByRole('alert')).toContainText('请填写文书编号')
  await handler.getByLabel('同意文书编号').fill('青公（刑）同意字〔2026〕31号')
  await handler.getByRole('button', { name: '答复：同意' }).click()
  await expect(handler.getByText('已经记录：同意')).toBeVisible()
  await handler.reload()
  await expect(handler.getByRole('alert')).toContainText('这个链接不能用')
  await context.close()

  await expect(async () => {
    await sister.goes(`/matter?id=${letter}`)
    await expect(sister.page.getByText('已送达监所').first()).toBeVisible({ timeout: 1000 })
  }).toPass({ timeout: 30_000 })

  // It stands for all later letters; other stories are told of a sister who has none.
  const { id: tie, house } = await (await as('sister')).tie()
  const end = { tie, kind: 'letter', how: 'takenBack' }
  expect(await (await as('desk')).http.post(`/api/houses/${house.id}/consents/end`, end)).toMatchObject({ status: 200 })
})
