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

for (const way of ['portal', 'detour'] as const)
  test(`a hotel’s login page answers while a newer version is fetched (${way}): it is never kept as a page of the app`, async ({
    browser,
    road,
  }) => {
    const context = await browser.newContext({ ...phone, baseURL: road.url })
    const mother = new Relative(await context.newPage())
    await mother.goes('/local/sign-in?as=mother')
    await mother.settles()
    await mother.writes('在酒店里写的。')
    await expect(mother.page.locator('#kept')).toHaveText('已存在手机')

    road.releases()
    road.leads(way, /^\/(?!service-worker)/) // the newer script has come; what it fetches comes from the hotel
    const updates = () =>
      mother.page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready
        await registration.update()
        const installing = registration.installing
        if (installing?.state === 'installing')
          await new Promise((done) => installing.addEventListener('statechange', done, { once: true }))
        return registration.waiting?.state ?? 'nothing new'
      })
    expect(await updates()).toBe('nothing new')
    for (const path of ['/', '/letter', '/help']) {
      await mother.goes(path)
      await expect(mother.page.getByRole('link', { name: 'e通办' })).toBeVisible()
    }
    await mother.goes('/letter')
    await expect(mother.paper).toHaveValue('在酒店里写的。')

    road.leads('open')
    expect(await updates()).toBe('installed')
    await expect(async () => {
      await mother.page.getByRole('link', { name: 'e通办' }).click()
      await expect(mother.page.locator('meta[name=newer]')).toHaveCount(1, { timeout: 2000 })
    }).toPass()
    await context.close()
  })
