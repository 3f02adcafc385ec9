// `npm run pictures`: the pictures of the README, taken of the real product with the demo house in it.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from '@playwright/test'
import { serve } from '#worker/start/serve.ts'
import { comesIn } from './browser/comesIn.ts'
import { chromium as executablePath, flags, install } from './browser/install.mjs'

/** What a picture may weigh: they are kept with the source. */
const mostBytes = 150_000
const into = join(import.meta.dirname, 'pictures')
const phone = { width: 360, height: 740 }
const tablet = { width: 1180, height: 820 }
const kiosk = { width: 1280, height: 800 }

install()
const dir = mkdtempSync(join(tmpdir(), 'etongban-pictures-'))
const server = await serve({ port: 0, dir, demo: true, log: (line) => console.error(line) })
const browser = await chromium.launch({ executablePath, args: flags })

const somebody = (viewport: { width: number; height: number }): Promise<BrowserContext> =>
  browser.newContext({ baseURL: server.url, viewport, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })

async function take(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(1000) // what moves has come to rest
  // WebP, which Playwright does not write by itself: the same letters weigh a third of what they do as PNG.
  const screen = await page.context().newCDPSession(page)
  const { data } = await screen.send('Page.captureScreenshot', { format: 'webp', quality: 85 })
  const path = join(into, `${name}.webp`)
  writeFileSync(path, data, 'base64')
  const { size } = statSync(path)
  if (size > mostBytes) throw new Error(`${name} weighs ${size} bytes, more than ${mostBytes}`)
  console.log(`test/pictures/${name}.webp ${size} bytes`)
}

try {
  const mother = await (await somebody(phone)).newPage()
  await mother.goto('/local/sign-in?as=mother&to=/')
  await mother.getByRole('link', { name: '需要修改' }).first().click()
  await mother.getByText('同案的老刘家里人').first().waitFor()
  await take(mother, 'returned')
  await mother.goto('/')
  await mother.getByRole('link', { name: '已转递' }).first().click()
  await mother.getByText('信件已转递').first().waitFor()
  await take(mother, 'timeline')
  await mother.goto('/letter')
  await mother.locator('textarea').fill('小伟：\n\n天冷了，多穿点。院子里的柿子熟了，我晒了两串，等你回来吃。\n\n妈妈')
  await take(mother, 'letter')

  const reviewer = await (await somebody(tablet)).newPage()
  await comesIn(reviewer, server.url, 'reviewer', '/officer')
  await reviewer.locator('[data-row]').first().click()
  await reviewer.locator('.approve:enabled').waitFor()
  for (const key of ['m', 'ArrowDown', '1']) await reviewer.keyboard.press(key)
  await take(reviewer, 'review')

  const cell = await (await somebody(kiosk)).newPage()
  await cell.goto('/local/kiosk?name=kiosk')
  await cell.getByRole('button', { name: '登记' }).click()
  await cell.getByRole('button', { name: '看自己的信' }).click()
  const [zhang] = server.pins
  const type = async (keys: string) => {
    for (const key of keys) await cell.getByRole('button', { name: key, exact: true }).click()
  }
  await type(zhang?.number ?? '')
  await cell.getByRole('button', { name: '下一步' }).click()
  await type(zhang?.pin ?? '')
  await cell.getByRole('button', { name: '看我的信' }).click()
  await cell.getByText('新来的信').first().click()
  await cell.getByRole('button', { name: '打开这封信' }).click()
  await take(cell, 'kiosk')
} finally {
  await browser.close()
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
}
