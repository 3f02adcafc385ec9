// Somebody is taken to another house: his mother's phone, and the tablets of the two admins.
import type { Page } from '@playwright/test'
import { Relative } from './acting.ts'
import { comesIn } from './comesIn.ts'
import { expect, test } from './people.ts'

const card = (page: Page, heading: string | RegExp) =>
  page.locator('.card').filter({ has: page.getByRole('heading', { name: heading }) })

test('her letter is on the way with him, and goes on where he has come', async ({ cast, as, browser, served }) => {
  const admin = await as('admin')
  const { house } = await admin.house()
  const at = `/api/houses/${house.id}`
  const inside = { number: '7701', name: '高远', status: 'serving', cell: '3-02' }
  const { id: person } = await admin.http.does<{ id: string }>(`${at}/people`, inside)
  const invite = { person, kin: 'parent', name: '高母' }
  const { code } = await admin.http.does<{ code: string }>(`${at}/invites`, invite)

  const mother = new Relative(await cast.anybody('/sign-in'))
  await mother.signsIn('13700000341')
  await mother.sees('已登录')
  await mother.page.request.post('/api/invites/take', { data: { code }, headers: { origin: served.url } })
  await mother.goes('/letter?new')
  await mother.sees('高远')
  await mother.writes('儿子，到了那边也要好好的。')
  await mother.sends()
  await mother.sees('已送达监所')

  // the old house lets him go to one that it chooses from a list
  const old = await cast.signedIn('admin', `/officer/house?person=${person}`)
  await old.getByLabel('离所原因').selectOption({ label: '转所或投送监狱' })
  await old.getByLabel('转到哪里').selectOption({ label: '临溪拘留所' })
  await old.getByRole('button', { name: '办理离所…' }).click()
  await expect(old.getByRole('dialog')).toContainText('把高远转到临溪拘留所')
  await old.getByRole('dialog').getByRole('button', { name: '确认办理' }).click()
  await expect(card(old, /高远/).first()).toContainText('转往临溪拘留所')

  await mother.goes('/')
  await mother.sees(/高远\s*正转往\s*临溪拘留所/)

  // the new one gives him a cell
  const context = await browser.newContext({ viewport: { width: 1180, height: 820 }, baseURL: served.url })
  const tablet = await context.newPage()
  await comesIn(tablet, served.url, 'linxi.admin', '/officer/house')
  const coming = tablet.getByRole('link', { name: /从别的监所转来（\d+）/ })
  await expect(async () => {
    await tablet.reload()
    await expect(coming).toBeVisible({ timeout: 2000 })
  }).toPass({ timeout: 20_000 })
  await coming.click()
  const arrival = card(tablet, /高远/)
  await expect(arrival).toContainText('青山看守所')
  await arrival.getByRole('button', { name: '接收', exact: true }).click()
  await expect(arrival.getByRole('alert')).toContainText('请填写监室')
  await arrival.getByLabel('监室').fill('2-01')
  await arrival.getByRole('button', { name: '接收', exact: true }).click()
  await expect(tablet.getByRole('region', { name: /高远（7701）的 PIN/ })).toContainText(/\d{6}/)
  await context.close()

  // she has nothing to do: five minutes later at the latest her phone looks there as well
  await expect(async () => {
    await mother.page.context().clearCookies({ name: 'etb' })
    await mother.goes('/')
    await expect(mother.page.getByText(/正转往/)).toBeHidden({ timeout: 3000 })
  }).toPass({ timeout: 20_000 })
  const goesOn = mother.page.getByRole('link', { name: /高远.*已送达监所/s })
  await goesOn.click()
  await mother.sees('信件随本人转到这个监所')
  await mother.page.getByText('信的内容').click()
  await mother.sees('儿子，到了那边也要好好的。')
  await mother.goes('/letter?new')
  await mother.sees('高远临溪拘留所')
})
