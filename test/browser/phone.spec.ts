// What happens to a phone: it is out of reach for a day, its clock is wrong, it is tapped twice.
import { moment } from '#db/calendar.ts'
import { Relative } from './acting.ts'
import { expect, test } from './people.ts'

const DAY_MS = 24 * 3_600_000

test('a day without a network: every letter written in it goes once, in order', async ({ mother, as }) => {
  const letters = ['早上：刚下过雨。', '中午：柿子红了。', '晚上：你爸睡得早。']
  await mother.settles()
  await mother.loses()
  for (const letter of letters) {
    await mother.posts(letter)
    await mother.sees('已存在手机')
  }
  const context = mother.page.context()
  await mother.page.close()

  await context.clock.install({ time: Date.now() + DAY_MS })
  const nextDay = new Relative(await context.newPage())
  await nextDay.goes('/')
  await nextDay.sees('3 件还没有送出')
  expect(await (await as('mother')).letters()).not.toContain(letters[0])
  await nextDay.finds()
  await expect(nextDay.page.getByText('件还没有送出')).toBeHidden({ timeout: 20_000 })
  const arrived = await (await as('mother')).letters()
  expect(arrived.filter((text) => letters.includes(text))).toEqual(letters)
})

for (const { clock, aheadMs } of [
  { clock: 'ahead', aheadMs: DAY_MS },
  { clock: 'behind', aheadMs: -DAY_MS },
])
  test(`a phone whose clock is a day ${clock} sends, and shows when the house had the letter`, async ({ mother }) => {
    await mother.page.context().clock.install({ time: Date.now() + aheadMs })
    await mother.settles()
    const begun = moment(Date.now(), 'zh', Date.now())
    await mother.posts('手机的时间不对。')
    await mother.sees('已送达监所')
    const over = moment(Date.now(), 'zh', Date.now())

    const when = new RegExp(`${begun}|${over}`)
    await expect(mother.page.locator('section.now')).toContainText(when)
    await expect(mother.page.getByRole('listitem').filter({ hasText: '已送达监所' }).first()).toContainText(when)
  })

test('a double tap on 寄出 is one letter', async ({ mother, as }) => {
  const letter = '点了两下。'
  await mother.settles()
  await mother.writes(letter)
  const box = await mother.page.getByRole('button', { name: '寄出' }).boundingBox()
  const tap = () => mother.page.touchscreen.tap((box?.x ?? 0) + 50, (box?.y ?? 0) + 20)
  await Promise.all([tap(), tap()])
  await mother.sees('已送达监所')

  expect((await (await as('mother')).letters()).filter((text) => text === letter)).toHaveLength(1)
  await mother.goes('/')
  await expect(mother.page.getByText('还没有送出')).toBeHidden()
  await expect(mother.page.getByText(letter)).toBeHidden() // nor is it a draft any more
})

test('reloaded at any moment after 寄出, a letter is still a draft or on its way, and goes once', async ({
  mother,
  as,
}) => {
  await mother.settles()
  const letters: string[] = []
  const newest = mother.page.locator('a[href^="/matter?id="]').first()
  for (const ms of [0, 5, 20, 60, 150]) {
    const letter = `${ms} 毫秒以后又打开了一次。`
    letters.push(letter)
    await mother.goes('/')
    await mother.sees('已登录')
    const before = (await newest.isVisible()) ? await newest.getAttribute('href') : null
    await mother.goes('/letter?new')
    await mother.sees('张伟')
    await mother.writes(letter)
    await mother.page.getByRole('button', { name: '寄出' }).click({ noWaitAfter: true })
    await mother.page.waitForTimeout(ms)
    await mother.looksAgain()

    await mother.goes('/')
    await mother.sees('已登录')
    const draft = mother.page.getByRole('link', { name: letter })
    const sent = async () => (await newest.isVisible()) && (await newest.getAttribute('href')) !== before
    await expect.poll(async () => (await draft.isVisible()) || (await sent()), { timeout: 20_000 }).toBe(true)
    if (await draft.isVisible()) {
      await draft.click()
      await expect(mother.paper).toHaveValue(letter)
      await mother.sends()
    }
  }
  await mother.goes('/')
  await expect(mother.page.getByText('还没有送出')).toBeHidden({ timeout: 20_000 })
  const arrived = await (await as('mother')).letters()
  expect(arrived.filter((text) => letters.includes(text)).sort()).toEqual([...letters].sort())
  for (const letter of letters) await expect(mother.page.getByText(letter)).toHaveCount(0)
})
