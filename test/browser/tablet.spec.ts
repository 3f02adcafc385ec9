// One tablet, officers who take turns: locked by a tap or by itself, and each comes back by a PIN to what is theirs.
import { expect as expectAtOnce, type Page } from '@playwright/test'
import { officer as zh } from '#db/words/zh/officer.ts'
import { codeOf } from '#test/server.ts'
import { writes } from './calling.ts'
import { looksAt } from './looking.ts'
import { test } from './people.ts'

test.use({ viewport: { width: 1180, height: 820 }, hasTouch: true })
test.slow()

const expect = expectAtOnce.configure({ timeout: 20_000 })
const [pin, otherPin, wrongPin] = ['480219', '735106', '480218']

async function withAuthenticator(page: Page): Promise<void> {
  const tools = await page.context().newCDPSession(page)
  await tools.send('WebAuthn.enable')
  await tools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal' },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  })
}

const names = { reviewer: '林晓', reviewer2: '周敏' } as const
const isIn = (page: Page, name: string) => expect(page.locator('header summary')).toHaveText(name)
const locks = async (page: Page) => {
  await page.getByRole('button', { name: '锁屏', exact: true }).click()
  await isLocked(page)
}
const isLocked = async (page: Page) => {
  await expect(page.getByRole('heading', { name: '在这台平板上值班的民警' })).toBeVisible()
  await expect(page.locator('[data-row]')).toHaveCount(0)
  await expect(page.getByRole('article')).toHaveCount(0)
}
const types = async (page: Page, name: string, digits: string) => {
  const [own, field] = [page.getByRole('button', { name, exact: true }), page.getByLabel(`${name} 的锁屏密码`)]
  await expect(own.or(field)).toBeVisible()
  if (await own.isVisible()) await own.click()
  await field.fill(digits)
  await page.getByRole('button', { name: '打开', exact: true }).click()
}

/** An officer registers in this browser, and sets a PIN on this tablet. */
async function works(page: Page, url: string, as: keyof typeof names, digits: string): Promise<void> {
  await page.goto(`/officer/enrol#${await codeOf(url, as)}`)
  await page.getByRole('button', { name: '登记，然后登录' }).click()
  await isIn(page, names[as])
  await page.locator('header summary').click()
  await page.getByRole('button', { name: '锁屏密码', exact: true }).click()
  await page.getByLabel('6 位数字').fill(digits)
  await page.getByLabel('再输一遍').fill(digits)
  await page.getByRole('button', { name: '用通行密钥确认并保存' }).click()
  await expect(page.getByText('设好了')).toBeVisible()
  await page.getByRole('button', { name: '关闭' }).click()
}

/** Begins to withhold a letter, and leaves it half written. */
async function beginsToWithhold(page: Page, matter: string, note: string): Promise<void> {
  await page.goto(`/officer?matter=${matter}`)
  await page.getByRole('button', { name: /不予转递…/ }).click()
  await page.getByRole('checkbox').first().check()
  await page.getByRole('textbox', { name: zh.decide.withholdNote }).fill(note)
}

const cookies = async (page: Page) =>
  (await page.context().cookies()).filter(({ name }) => name.endsWith('session_token')).map(({ value }) => value)

test('locked by a tap, the tablet shows nothing; a PIN brings the same officer back to what they were writing', async ({
  page,
  served,
  as,
}) => {
  await withAuthenticator(page)
  const matter = await writes(await as('mother'), '锁屏以前的一封。')
  await works(page, served.url, 'reviewer', pin)
  await beginsToWithhold(page, matter, '写到一半的说明')
  const [held] = await cookies(page)
  await locks(page)
  await looksAt(page, 'locked', 'zh', '7:1')
  expect(new URL(page.url()).search).toBe('')
  expect(await cookies(page)).toEqual([])
  await expect(page.getByText('锁屏以前的一封。')).toHaveCount(0)

  await types(page, names.reviewer, wrongPin)
  await expect(page.getByRole('alert')).toContainText('还可以试 4 次')
  await looksAt(page, 'wrong PIN', 'zh', '7:1')
  await types(page, names.reviewer, pin)
  await isIn(page, names.reviewer)
  await expect(page).toHaveURL(new RegExp(matter))
  await expect(page.getByRole('textbox', { name: zh.decide.withholdNote })).toHaveValue('写到一半的说明')
  await expect(page.getByRole('checkbox').first()).toBeChecked()
  expect(await cookies(page)).toEqual([held])
})

test('locked while the house is still being asked who is there, it stays locked', async ({ page, served }) => {
  await withAuthenticator(page)
  await works(page, served.url, 'reviewer', pin)
  let answers = (): void => undefined
  const late = new Promise<void>((done) => (answers = done))
  await page.route('**/api/me', async (route) => {
    const response = await route.fetch()
    await late
    await route.fulfill({ response })
  })
  await page.route('**/api/identity/tablets/lock', async (route) => {
    answers()
    await page.waitForTimeout(500) // the answer is here before the page has gone
    await route.continue()
  })
  await page.reload()
  await isIn(page, names.reviewer)
  await locks(page)
  await page.reload()
  await isLocked(page)
})

test('two officers take turns by PIN: each finds their own, and not for a moment the other’s', async ({
  page,
  served,
  as,
}) => {
  await withAuthenticator(page)
  const matter = await writes(await as('mother'), '两人轮流的一封。')
  await works(page, served.url, 'reviewer', pin)
  await beginsToWithhold(page, matter, '林晓写的')
  await locks(page)
  await works(page, served.url, 'reviewer2', otherPin)
  await locks(page)

  await page.addInitScript(() => {
    const seen = new Set<string>()
    Object.assign(window, { seen })
    new MutationObserver(() => {
      const name = document.querySelector('header summary')?.textContent.trim()
      if (name) seen.add(name)
    }).observe(document, { subtree: true, childList: true, characterData: true })
  })
  const seen = () => page.evaluate(() => [...(window as unknown as { seen: Set<string> }).seen])
  await types(page, names.reviewer2, otherPin)
  await isIn(page, names.reviewer2)
  expect(await seen()).not.toContain(names.reviewer)
  await page.goto(`/officer?matter=${matter}`)
  await expect(page.getByRole('button', { name: /不予转递…/ })).toBeVisible()
  await expect(page.getByText('林晓写的')).toHaveCount(0)

  await locks(page)
  await types(page, names.reviewer, pin)
  await isIn(page, names.reviewer)
  expect(await seen()).not.toContain(names.reviewer2)
  await expect(page.getByRole('textbox', { name: zh.decide.withholdNote })).toHaveValue('林晓写的')
})

test('nobody touches the tablet for five minutes: it locks itself, and not while somebody works', async ({
  page,
  served,
}) => {
  await page.clock.install()
  await withAuthenticator(page)
  await works(page, served.url, 'reviewer', pin)
  await page.clock.runFor(4 * 60_000)
  await page.mouse.move(300, 300)
  await page.clock.runFor(4 * 60_000)
  await isIn(page, names.reviewer)
  await page.clock.runFor(65_000)
  await isLocked(page)
})

test('after five wrong PINs, over a reload, it takes a passkey', async ({ page, served }) => {
  await withAuthenticator(page)
  await works(page, served.url, 'reviewer', pin)
  await locks(page)
  for (let left = 4; left >= 2; left -= 1) {
    await types(page, names.reviewer, wrongPin)
    await expect(page.getByRole('alert')).toContainText(`还可以试 ${left} 次`)
  }
  await page.reload()
  await types(page, names.reviewer, wrongPin)
  await expect(page.getByRole('alert')).toContainText('还可以试 1 次')
  await types(page, names.reviewer, wrongPin)
  await expect(page.getByRole('alert')).toContainText('密码输错了 5 次')
  await page.reload()
  await page.getByRole('button', { name: names.reviewer, exact: true }).click()
  await expect(page.getByText('没有设锁屏密码')).toBeVisible()
  await page.getByRole('button', { name: '用通行密钥登录' }).click()
  await isIn(page, names.reviewer)
})

test('without a network a tablet locks, opens by PIN, decides, and sends once there is one', async ({
  page,
  context,
  served,
  as,
}) => {
  await withAuthenticator(page)
  const mother = await as('mother')
  const matter = await writes(mother, '断网时的一封。')
  await works(page, served.url, 'reviewer', pin)
  await page.goto(`/officer?matter=${matter}`)
  await expect(page.getByText('断网时的一封。')).toBeVisible()
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))

  await context.setOffline(true)
  await page.reload()
  await expect(page.getByText('断网时的一封。')).toBeVisible()
  await locks(page)
  await page.reload()
  await types(page, names.reviewer, pin)
  await isIn(page, names.reviewer)
  await expect(page.getByText('断网时的一封。')).toBeVisible()
  const approve = page.getByRole('button', { name: /^通过/ })
  await expect(approve).toBeEnabled()
  await approve.click()
  await context.setOffline(false)
  await expect.poll(() => mother.sees(matter), { timeout: 40_000 }).toBe('approved')
  await isIn(page, names.reviewer)
})

test('whose post has ended while the tablet was locked is not let in by a PIN', async ({ page, served, as }) => {
  await withAuthenticator(page)
  await works(page, served.url, 'reviewer', pin)
  await locks(page)
  // signed out from elsewhere: as an administrator would end it
  const account = await page.evaluate(async () => {
    const opened = await new Promise<IDBDatabase>((done) => {
      const request = indexedDB.open('etongban/tablet')
      request.onsuccess = () => done(request.result)
    })
    const all = await new Promise<{ account: string }[]>((done) => {
      const request = opened.transaction('workers').objectStore('workers').getAll()
      request.onsuccess = () => done(request.result as { account: string }[])
    })
    opened.close()
    return all[0]?.account
  })
  const admin = await as('admin')
  const { house } = await admin.house()
  await admin.http.post(`/api/houses/${house.id}/officers/${account}/end-sessions`)
  await types(page, names.reviewer, pin)
  await expect(page.getByText('登录已经结束，请用通行密钥登录')).toBeVisible()
  await expect(page.locator('[data-row]')).toHaveCount(0)
})
