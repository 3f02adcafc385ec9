// The phone dies while somebody writes.
import { chance } from '#test/chance.ts'
import { expect, phone, test } from './people.ts'
import { keeperIsReady, openProfile, writesUntilKilled } from './profile.ts'

// A trace asks the browser for pictures until the end, and fails the test when it is killed in mid-answer.
test.use({ trace: 'off' })

test('the phone dies in mid-word: opened again without a network, every character is there', async ({
  served,
}, info) => {
  const folder = info.outputPath('profile')
  const writing = await openProfile(folder)
  const page = await writing.page()
  await page.setViewportSize(phone.viewport)
  await page.goto(`${served.url}/letter?new`)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  const { safe } = await writesUntilKilled(writing, page, 1500, chance(1))
  expect(safe).not.toBe('')

  const again = await openProfile(folder)
  await again.context.setOffline(true)
  const back = await again.page()
  await back.setViewportSize(phone.viewport)
  await back.goto(`${served.url}/letter`)
  await keeperIsReady(back)
  const found = await back.locator('textarea').inputValue()
  again.kill()
  await again.ended()
  expect(found.slice(0, safe.length)).toBe(safe)
})
