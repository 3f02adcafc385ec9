// All that is held about somebody: on their own phone once they have proved that it is them, and at the desk.
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import type { Copy } from '#db/copy.ts'
import { looksAt } from './looking.ts'
import { expect, test } from './people.ts'

/** @returns the file that a button saves */
const saved = async (page: Page, button: string): Promise<string> => {
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: button }).click()
  return readFile(await (await download).path(), 'utf8')
}
const paper = '保存可以打印的一份'
const data = '保存供计算机读取的一份'

test('an aunt proves that it is her, and saves what is held about her on paper and for a computer', async ({
  cast,
  as,
}) => {
  const aunt = await cast.signedIn('aunt')
  await aunt.getByRole('button', { name: '我的证件' }).click()
  await aunt.getByRole('button', { name: '我的信息副本' }).click()
  await expect(aunt.getByText('请先在上面填写证件')).toBeVisible()

  const herself = await as('aunt')
  await herself.http.does('/api/identity/document', {
    ...{ kind: 'residentCard', number: '11010519491231002X', name: '刘敏' },
  })
  const tie = await herself.tie()
  const desk = await as('admin')
  const at = `/api/houses/${tie.house.id}/kinships/${tie.id}/document`
  const { document } = await desk.http.does<{ document: { statedAt: number } }>(at, {})
  await desk.http.does(`${at}/check`, { statedAt: document.statedAt })

  await aunt.reload()
  await aunt.getByRole('button', { name: '我的证件' }).click()
  await aunt.getByRole('button', { name: '我的信息副本' }).click()
  await aunt.getByLabel('证件号码的最后六位').fill('000000')
  await aunt.getByRole('button', { name: '核对并取得副本' }).click()
  await expect(aunt.getByRole('alert')).toContainText('同登记的证件不一样')
  await expect(aunt.getByLabel('证件号码的最后六位')).toBeFocused()
  await looksAt(aunt, 'copy', 'zh', '7:1')
  await aunt.getByLabel('证件号码的最后六位').fill('31002x')
  await aunt.getByRole('button', { name: '核对并取得副本' }).click()
  await expect(aunt.getByText('副本已经做好')).toBeVisible()
  await looksAt(aunt, 'copy', 'zh', '7:1')

  const copy = JSON.parse(await saved(aunt, data)) as Copy
  expect(copy.account['document']).toMatchObject([{ number: '11010519491231002X', name: '刘敏' }])
  expect(copy.houses).toHaveLength(2)
  const html = await saved(aunt, paper)
  expect(html).toContain('11010519491231002X')
  const printed = await aunt.context().newPage()
  await printed.setContent(html)
  await expect(printed.getByRole('heading', { name: '个人信息副本' })).toBeVisible()
})

test('at the desk one is made for somebody inside, asked once more first', async ({ cast }) => {
  const desk = await cast.signedIn('desk', '/officer/house')
  await desk.getByRole('link', { name: /王磊/ }).click()
  await desk.getByRole('button', { name: '生成副本…' }).click()
  await desk.getByRole('dialog').getByRole('button', { name: '确认办理' }).click()
  await expect(desk.getByRole('dialog')).toBeHidden()
  await looksAt(desk, 'copy at the desk', 'zh', '4.5:1')
  expect(await saved(desk, paper)).toContain('王磊')
  expect((JSON.parse(await saved(desk, data)) as Copy).of).toBe('person')
})
