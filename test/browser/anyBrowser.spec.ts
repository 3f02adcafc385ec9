// What must hold in every browser that a family may have, told once: in Chromium with `npm test`, in Firefox and WebKit
// with `npm run test:browsers`.
import type { Caller } from './calling.ts'
import type { Phone, Tab } from './phones.ts'
import { expect, test } from './people.ts'
import type { Road } from './road.ts'

const patience = { timeout: 45_000 }
const sees = (tab: Tab, text: string) => expect.poll(() => tab.says(), patience).toContain(text)
const seesNoMore = (tab: Tab, text: string) => expect.poll(() => tab.says(), patience).not.toContain(text)
const stands = (tab: Tab, letter: string) => expect.poll(() => tab.written(), patience).toBe(letter)

const times = async (mother: Caller, letter: string) =>
  (await mother.letters()).filter((text) => text === letter).length

/** She has signed in, and what she needs is on her phone. */
async function settled(phone: Phone, road: Road): Promise<Tab> {
  const tab = await phone.opensTab()
  await tab.goes(`${road.url}/local/sign-in?as=mother`)
  await sees(tab, '已登录')
  await tab.keepsItself()
  await begins(tab, road)
  return tab
}

/** An empty sheet. */
async function begins(tab: Tab, road: Road): Promise<void> {
  await tab.goes(`${road.url}/letter?new`)
  await sees(tab, '张伟')
}

test.setTimeout(180_000)

test('reloaded at every step of writing and sending, a letter keeps every word and goes once', async ({
  phone,
  road,
  as,
}) => {
  const mother = await as('mother')
  const tab = await settled(phone, road)
  let letter = ''
  for (const sentence of ['刚下过雨。', '柿子红了。', '你爸睡得早。']) {
    await tab.types(sentence)
    await tab.reloads()
    await stands(tab, (letter += sentence))
  }
  road.leads('cut')
  await tab.reloads()
  await stands(tab, letter)
  await sees(tab, '没有网络')
  await tab.taps('寄出')
  await sees(tab, '已存在手机')
  await sees(tab, '办理进度')
  await tab.reloads()
  await sees(tab, '没有网络')

  road.leads('silent') // it is on its way, and no answer comes
  await tab.reloads()
  await sees(tab, '1 项还没有送出')
  await tab.reloads()
  await sees(tab, '1 项还没有送出')
  expect(await times(mother, letter)).toBe(0)
  road.leads('open')
  await tab.reloads()
  await sees(tab, '已送达监所')
  await tab.reloads()
  await sees(tab, '已送达监所')
  await seesNoMore(tab, '还没有送出')
  expect(await times(mother, letter)).toBe(1)
})

test('somebody who hurries from page to page can write on any of them, and what they send goes', async ({
  phone,
  road,
  as,
}) => {
  const letter = '翻得很快。'
  const mother = await as('mother')
  const tab = await settled(phone, road)
  for (let nth = 0; nth < 8; nth += 1) {
    await tab.goes(`${road.url}/`)
    await tab.goes(`${road.url}/letter?new`)
  }
  await tab.types(letter)
  await sees(tab, '已存在手机')
  await sees(tab, '张伟')
  await tab.taps('寄出')
  await sees(tab, '已送达监所')
  expect(await times(mother, letter)).toBe(1)
})

test('with no network the app opens, a letter is kept, and it goes by itself once there is one', async ({
  phone,
  road,
  as,
}) => {
  const letter = '地铁里写的。'
  const mother = await as('mother')
  const tab = await settled(phone, road)
  road.leads('cut')
  await begins(tab, road)
  await tab.types(letter)
  await tab.taps('寄出')
  await sees(tab, '没有网络，写好的都存在这部手机里，有网络时会自动送出')
  await sees(tab, '1 项还没有送出')
  for (const [path, title] of [
    ['/help', '怎样登记亲属关系'],
    ['/', '我的事项'],
  ] as const) {
    await tab.goes(road.url + path)
    await sees(tab, title)
  }
  await sees(tab, '已存在手机')
  expect(await times(mother, letter)).toBe(0)

  road.leads('open')
  await seesNoMore(tab, '还没有送出')
  expect(await times(mother, letter)).toBe(1)
})

for (const { way, said } of [
  { way: 'portal', said: 'answers with its page' },
  { way: 'detour', said: 'leads to its page' },
] as const)
  test(`a hotel’s network that ${said}: it is said, nothing counts as sent, and it goes once the way is free`, async ({
    phone,
    road,
    as,
  }) => {
    const letter = `酒店里写的，${said}。`
    const mother = await as('mother')
    const tab = await settled(phone, road)
    road.leads(way)
    await tab.types(letter)
    await tab.taps('寄出')
    await sees(tab, '这个网络要先登录才能用。写好的都存在这部手机里，连上后会自动送出')
    await sees(tab, '1 项还没有送出')
    await tab.reloads()
    await sees(tab, '这个网络要先登录才能用')
    expect(await tab.says()).not.toContain('已送达监所')
    expect(await tab.says()).not.toContain('酒店无线网络')
    expect(await times(mother, letter)).toBe(0)

    road.leads('open')
    await sees(tab, '已送达监所')
    await seesNoMore(tab, '这个网络要先登录才能用')
    expect(await times(mother, letter)).toBe(1)
  })

test('two tabs write and send: each letter goes once, and each tab shows what the other did', async ({
  phone,
  road,
  as,
}) => {
  const mother = await as('mother')
  const left = await settled(phone, road)
  const right = await phone.opensTab()
  await begins(right, road)
  await left.types('左边写的。')
  await right.types('右边写的。')
  await left.taps('寄出')
  await right.taps('寄出')
  await sees(left, '已送达监所')
  await sees(right, '已送达监所')
  for (const letter of ['左边写的。', '右边写的。']) expect(await times(mother, letter)).toBe(1)

  await left.goes(`${road.url}/`)
  await sees(left, '我的事项')
  road.leads('cut')
  await begins(right, road)
  await right.types('第三封。')
  await right.taps('寄出')
  await sees(right, '已存在手机')
  await sees(left, '1 项还没有送出')
  road.leads('open')
  await seesNoMore(left, '还没有送出')
  await sees(right, '已送达监所')
  expect(await times(mother, '第三封。')).toBe(1)
})
