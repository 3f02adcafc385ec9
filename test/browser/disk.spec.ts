// The disk of a phone: it is full while somebody writes, and while what was written should go.
import { chromium, type BrowserContext, type Page } from '@playwright/test'
import { Relative } from './acting.ts'
import { chromium as executablePath, flags } from './install.mjs'
import { expect, phone, test } from './people.ts'
import type { Road } from './road.ts'

/** A phone that is closed and opened again: a browser looks at how full the disk is when it is opened. */
async function opens({ url }: Road, folder: string): Promise<{ mother: Relative; context: BrowserContext }> {
  const options = { ...phone, executablePath, args: flags, baseURL: url, locale: 'zh-CN' }
  const context = await chromium.launchPersistentContext(folder, options)
  return { context, mother: new Relative(await context.newPage()) }
}

/** How much may be kept on this phone by the app of a house. */
async function disk(page: Page, { url: origin }: Road) {
  const devtools = await page.context().newCDPSession(page)
  return {
    isFull: () => devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 }),
    hasRoom: () => devtools.send('Storage.overrideQuotaForOrigin', { origin }),
  }
}

test('the disk is full while somebody writes: it is said, nothing typed is lost, and once there is room it goes', async ({
  road,
  as,
}, info) => {
  const folder = info.outputPath('phone')
  const before = await opens(road, folder)
  await before.mother.goes('/local/sign-in?as=mother')
  await before.mother.settles()
  await before.mother.writes('还有空间时写的。')
  await expect(before.mother.page.locator('#kept')).toHaveText('已存在手机')
  await before.context.close()

  const { mother, context } = await opens(road, folder)
  const { isFull, hasRoom } = await disk(mother.page, road)
  await isFull()
  await mother.goes('/letter')
  await expect(mother.paper).toHaveValue('还有空间时写的。')
  await mother.paper.pressSequentially('满了以后写的。')
  const letter = '还有空间时写的。满了以后写的。'
  await mother.sees('手机存储空间已满')
  await mother.looksAgain()
  await expect(mother.paper).toHaveValue(letter)
  await mother.page.getByRole('button', { name: '寄出' }).click()
  await expect(mother.page.getByRole('alert')).toContainText('手机存储空间已满，信还没有寄出去')
  await expect(mother.paper).toHaveValue(letter)
  expect(await (await as('mother')).letters()).not.toContain(letter)

  await hasRoom()
  await mother.sends()
  await mother.sees('已送达监所')
  expect((await (await as('mother')).letters()).filter((text) => text === letter)).toHaveLength(1)
  await mother.goes('/')
  await mother.sees('已送达监所')
  await expect(mother.page.getByText(letter)).toBeHidden() // it is no draft any more, wherever it was kept
  await context.close()
})

test('the disk is full while a letter waits: it is said, nothing is lost, and once there is room it goes by itself, once', async ({
  road,
  as,
}, info) => {
  const folder = info.outputPath('phone')
  const letter = '等着有空间。'
  const before = await opens(road, folder)
  await before.mother.goes('/local/sign-in?as=mother')
  await before.mother.settles()
  road.leads('cut')
  const id = await before.mother.posts(letter)
  await before.mother.sees('已存在手机')
  await before.context.close()

  const { mother, context } = await opens(road, folder)
  const { isFull, hasRoom } = await disk(mother.page, road)
  await isFull()
  road.leads('open')
  await mother.reads(id)
  await mother.sees('手机存储空间已满。请腾出一些空间')
  await mother.sees('1 项还没有送出')
  await expect(mother.page.locator('section.now h2')).toHaveText('已存在手机')
  expect(await (await as('mother')).letters()).not.toContain(letter)

  await hasRoom()
  await mother.sees('已送达监所')
  await expect(mother.page.getByText('手机存储空间已满')).toBeHidden()
  expect((await (await as('mother')).letters()).filter((text) => text === letter)).toHaveLength(1)
  await context.close()
})
