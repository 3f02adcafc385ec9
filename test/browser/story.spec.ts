// The whole story: from a phone without a network to the cell, with everybody seeing each step.
import { expect, test } from './people.ts'

test('a letter is written offline, returned, fixed, approved and read in the cell', async ({
  mother,
  reviewer,
  kiosk,
  served,
}) => {
  test.setTimeout(180_000)
  const unfit = '同案的老刘托我带句话。'
  const opening = `小伟：院子里的柿子熟了，给你留了两筐。`

  // She has looked around before: what she needs is on her phone, installed or not.
  await mother.page.locator('a[href^="/matter"]').first().click()
  await mother.sees('办理进度')
  await mother.page.goBack()
  await mother.page.getByRole('link', { name: '写一封信' }).click()
  await mother.page.waitForURL(/\/letter/)
  await mother.sees('张伟')
  await mother.loses()
  await mother.writes(`${opening}${unfit}天冷了，多穿点。`)
  const letter = await mother.sends()
  await mother.sees('已存在手机')
  await mother.finds()
  await mother.sees('已送达监所')

  await reviewer.opens(letter)
  await reviewer.returns(unfit, '请删去这一句')
  await reviewer.waitsOut()

  await mother.looksAgain()
  await mother.sees('需要修改')
  await mother.page
    .getByRole('link', { name: /修改这封信/ })
    .or(mother.page.getByRole('button', { name: /修改这封信/ }))
    .first()
    .click()
  await expect(mother.paper).toHaveValue(new RegExp(unfit))
  await mother.sees('请删去这一句')
  await mother.paper.fill(`${opening}天冷了，多穿点。`)
  expect(await mother.sends()).toBe(letter)
  await mother.sees('已送达监所')

  await reviewer.opens(letter)
  await expect(reviewer.page.locator('del')).toContainText('老刘')
  await reviewer.approves()
  await reviewer.waitsOut()
  await mother.looksAgain()
  await mother.sees('已通过')

  const number = '0231'
  await kiosk.looksAgain()
  await kiosk.identifies(number, served.pins.get(number) ?? '')
  await kiosk.page.getByText('新来的信').first().click()
  await kiosk.page.getByRole('button', { name: '打开这封信' }).click()
  await kiosk.sees(/院子里的柿子/)
  await kiosk.page.getByRole('button', { name: '看完了，返回' }).click()

  await mother.looksAgain()
  await mother.sees('已阅')
})
