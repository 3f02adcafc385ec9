// A newer version of the app comes while somebody writes.
import { Relative } from './acting.ts'
import { expect, phone, test } from './people.ts'

test('an update finds a letter half written: nobody is asked anything, and after it the text is there', async ({
  browser,
  road,
}) => {
  const context = await browser.newContext({ ...phone, baseURL: road.url })
  const mother = new Relative(await context.newPage())
  await mother.goes('/local/sign-in?as=mother')
  await mother.settles()
  await mother.writes('写到一半')

  road.releases()
  await mother.page.evaluate(async () => (await navigator.serviceWorker.ready).update())
  const lies = () => mother.page.evaluate(async () => (await navigator.serviceWorker.ready).waiting?.state)
  await expect.poll(lies, { timeout: 20_000 }).toBe('installed')
  await mother.paper.pressSequentially('，再写几个字')
  await expect(mother.page.locator('dialog, [role=dialog], [role=alert]')).toHaveCount(0)
  await expect(mother.page.getByRole('status')).toHaveText('')
  await expect(mother.paper).toBeFocused()
  await expect(mother.page.locator('meta[name=newer]')).toHaveCount(0)

  await mother.page.getByRole('link', { name: 'e通办' }).click()
  await expect(mother.page.locator('meta[name=newer]')).toHaveCount(1)
  await mother.page.getByRole('link', { name: /写到一半/ }).click()
  await expect(mother.paper).toHaveValue('写到一半，再写几个字')
  await context.close()
})
