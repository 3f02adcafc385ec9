// What happens between a phone and its house: answers are lost, sign-ins end, the server is killed, two tabs send.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Page, Request, Route } from '@playwright/test'
import type { Command } from '#db/command.ts'
import { relatives } from '#db/demo/qingshan.ts'
import { newId } from '#db/id.ts'
import { letterOf } from '#test/bench/letters.ts'
import { chance } from '#test/chance.ts'
import { Relative } from './acting.ts'
import type { Caller } from './calling.ts'
import { expect, phone, test } from './people.ts'
import type { Served } from './served.ts'

const number = relatives.mother.phone.slice(-11)

const times = async (caller: Caller, text: string): Promise<number> =>
  (await caller.letters()).filter((letter) => letter === text).length

/** How many commands an exchange takes along. A letter of a few words travels unzipped. */
const carried = (route: Route): number => (route.request().postDataJSON() as { commands: unknown[] }).commands.length

test('an answer that is lost on its way: the letter is there once, and its text travelled once', async ({
  mother,
  as,
}) => {
  const letter = '回音丢在路上。'
  await mother.settles()
  const bodies: number[] = []
  let way: 'breaks' | 'cut' | 'open' = 'breaks'
  await mother.page.route('**/api/sync', async (route) => {
    bodies.push(carried(route))
    if (way === 'open') return route.continue()
    if (way === 'breaks' && bodies.at(-1) !== 0) {
      way = 'cut'
      await route.fetch() // the house has it, and the phone does not know
    }
    return way === 'cut' ? route.abort('connectionreset') : route.continue()
  })
  await mother.posts(letter)
  await mother.sees('没有网络，写好的都存在这部手机里')
  way = 'open'
  await mother.sees('已送达监所')

  expect(bodies.reduce((sum, count) => sum + count)).toBe(1)
  expect(await times(await as('mother'), letter)).toBe(1)
})

test('the news break off in the middle: the letters that came are shown, and the others come later', async ({
  as,
  road,
  browser,
}) => {
  const elsewhere = await as('mother')
  const { id: to, house } = await elsewhere.tie()
  const random = chance(1)
  const commands = Array.from({ length: 12 }, (): Command => {
    const input = { to, body: letterOf(700, random) }
    return { id: newId(), facility: house.id, matter: newId(), kind: 'letter', move: 'submit', base: 0, at: 1, input }
  })
  await elsewhere.syncs(...commands)
  const all = (await elsewhere.letters()).length

  road.leads('breaks', /^\/api\/sync/)
  const context = await browser.newContext(phone)
  const mother = new Relative(await context.newPage())
  await mother.goes(`${road.url}/local/sign-in?as=mother`)
  // Its first page lists no more than some of them.
  const kept = () =>
    mother.page.evaluate(async () => {
      const counts = (await indexedDB.databases()).map(
        ({ name = '' }) =>
          new Promise<number>((done) => {
            const opening = indexedDB.open(name)
            opening.onsuccess = () => {
              const { result: database } = opening
              const has = database.objectStoreNames.contains('matters')
              const counting = has ? database.transaction('matters').objectStore('matters').count() : undefined
              const ends = (count: number) => {
                database.close()
                done(count)
              }
              if (counting) counting.onsuccess = () => ends(counting.result)
              else ends(0)
            }
          }),
      )
      return Math.max(0, ...(await Promise.all(counts)))
    })
  const shown = () => mother.page.locator('a[href^="/matter?id="]').count()
  await expect.poll(shown, { timeout: 20_000 }).toBeGreaterThan(1)
  await mother.sees('没有网络')
  expect(await kept()).toBeLessThan(all)

  road.leads('open')
  await mother.looksAgain()
  await expect.poll(kept, { timeout: 20_000 }).toBe(all)
  await context.close()
})

test('letters too heavy for any connection: each goes on from where the one before it broke, and all arrive once', async ({
  as,
  road,
  browser,
}, { repeatEachIndex }) => {
  test.setTimeout(180_000)
  const random = chance(repeatEachIndex)
  const letters = Array.from({ length: 6 }, () => letterOf(2000, random))
  const context = await browser.newContext({ ...phone, baseURL: road.url })
  const mother = new Relative(await context.newPage())
  await mother.goes('/local/sign-in?as=mother')
  await mother.settles()

  await mother.loses()
  const ids: string[] = []
  for (const letter of letters) ids.push(await mother.posts(letter))
  road.leads('narrow', /^\/api\/sync/)
  await mother.finds()
  await mother.goes('/')
  for (const id of ids) {
    const line = mother.page.locator(`a[href="/matter?id=${id}"]`)
    await expect(line).toContainText('已送达监所', { timeout: 120_000 })
  }

  const whole = Math.max(...road.carried.map(({ of }) => of))
  expect(whole).toBeGreaterThan(8 * 1024)
  for (const { bytes } of road.carried) expect(bytes).toBeLessThan(whole / 2)
  // Chromium by itself sends once more what breaks on a connection that was used before.
  expect(road.carried.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(3 * whole)
  const arrived = await (await as('mother')).letters()
  expect(letters.map((letter) => arrived.filter((text) => text === letter).length)).toEqual(letters.map(() => 1))
  await context.close()
})

test('two tabs write and send: one exchange at a time, each letter once, and each shows what the other did', async ({
  mother,
  as,
}) => {
  await mother.settles()
  const context = mother.page.context()
  const other = new Relative(await context.newPage())
  const exchanges: { asked: Request; from: number; until: number }[] = []
  const heard = new Set<Request>() // what a page asked before it went on to another is heard by nobody
  context.on('requestfinished', (asked) => heard.add(asked))
  await context.route('**/api/sync', async (route) => {
    const from = performance.now()
    const response = await route.fetch()
    await new Promise((later) => setTimeout(later, 300)) // a slow network: their exchanges would overlap
    exchanges.push({ asked: route.request(), from, until: performance.now() })
    await route.fulfill({ response }).catch(() => undefined)
  })
  const both = [
    { tab: mother, letter: '左边这一页写的。' },
    { tab: other, letter: '右边这一页写的。' },
  ]
  for (const { tab, letter } of both) {
    await tab.goes('/letter?new')
    await tab.writes(letter)
  }
  await Promise.all(both.map(({ tab }) => tab.sends()))
  await Promise.all(both.map(({ tab }) => tab.sees('已送达监所')))
  for (const { letter } of both) expect(await times(await as('mother'), letter)).toBe(1)

  await mother.goes('/')
  const third = await other.posts('第三封。')
  await expect(mother.page.locator(`a[href="/matter?id=${third}"]`)).toContainText('已送达监所', { timeout: 20_000 })
  // The first two may have gone in one exchange: with a fourth there are three at least.
  const fourth = await other.posts('第四封。')
  await expect(mother.page.locator(`a[href="/matter?id=${fourth}"]`)).toContainText('已送达监所', { timeout: 20_000 })
  const lasted = () => exchanges.filter(({ asked }) => heard.has(asked)).sort((one, next) => one.from - next.from)
  await expect.poll(() => lasted().length).toBeGreaterThan(2)
  const [first, ...others] = lasted()
  let until = first?.until ?? Infinity
  for (const next of others) {
    expect(next.from).toBeGreaterThan(until)
    until = next.until
  }
})

test('the sign-in ends while a letter waits: nothing is lost, and it goes once after signing in', async ({
  mother,
  as,
}) => {
  const letter = '登录过了期。'
  await mother.settles()
  await mother.loses()
  const id = await mother.posts(letter)
  await mother.signInEnds()
  await mother.finds()
  await mother.sees('请重新登录，写好的都存在这部手机里，登录后会自动送出')
  expect(await times(await as('mother'), letter)).toBe(0)

  await mother.page.getByRole('status').getByRole('link', { name: '登录' }).click()
  await mother.signsIn(number)
  await expect(mother.page.locator(`a[href="/matter?id=${id}"]`)).toContainText('已送达监所', { timeout: 20_000 })
  await expect(mother.page.getByText('请重新登录')).toBeHidden()
  expect(await times(await as('mother'), letter)).toBe(1)
})

test('the sign-in ended long ago: a letter that waits goes at once after signing in, not when the phone next tries', async ({
  mother,
}) => {
  await mother.settles()
  await mother.page.clock.install()
  await mother.signInEnds()
  const id = await mother.posts('早就过了期。')
  await mother.sees('请重新登录')
  await mother.page.evaluate(() => {
    Math.random = () => 0.999 // the longest pauses that there are
  })
  let tries = 0
  mother.page.on('response', (answer) => (tries += answer.url().endsWith('/api/sync') ? 1 : 0))
  await expect(async () => {
    await mother.page.clock.fastForward('05:00')
    expect(tries).toBeGreaterThan(8)
  }).toPass({ intervals: [200] })

  await mother.page.getByRole('status').getByRole('link', { name: '登录' }).click()
  await mother.signsIn(number)
  await expect(mother.page.locator(`a[href="/matter?id=${id}"]`)).toContainText('已送达监所', { timeout: 20_000 })
})

test('signing out while a letter waits says what becomes of it; it goes at the next sign-in, once', async ({
  mother,
  as,
}) => {
  const letter = '退出以前写的。'
  await mother.settles()
  const context = mother.page.context() // its service worker sends too, when a page does not
  await context.route('**/api/sync', (route) => route.abort())
  const id = await mother.posts(letter)
  const line = mother.page.locator(`a[href="/matter?id=${id}"]`)
  await mother.goes('/')
  await expect(line).toContainText('已存在手机')
  const tab = await context.newPage()
  await tab.goto('/')
  await expect(tab.locator(`a[href="/matter?id=${id}"]`)).toContainText('已存在手机')
  await mother.page.getByRole('button', { name: '退出登录' }).click()
  await expect(mother.page.getByRole('alert')).toContainText('还没有送出的会先留着，等您下次登录再送')
  await mother.page.getByRole('button', { name: '退出', exact: true }).click()
  await mother.sees('登录以后，信才能寄出')
  await expect(line).toBeHidden()
  await expect(tab.getByText('登录以后，信才能寄出')).toBeVisible()
  const disk = await onDisk(mother.page)
  expect(disk).toContain(id)
  expect(disk).not.toContain(letter)
  expect(disk).not.toContain('张伟')

  expect(await times(await as('mother'), letter)).toBe(0)
  await context.unroute('**/api/sync')
  await mother.page.getByRole('link', { name: '登录' }).click()
  await mother.signsIn(number)
  await expect(line).toContainText('已送达监所', { timeout: 20_000 })
  expect(await times(await as('mother'), letter)).toBe(1)
})

/** All that the browser's databases hold, as it lies there. */
const onDisk = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const answered = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((done, fail) => {
        request.onsuccess = () => done(request.result)
        request.onerror = () => fail(request.error)
      })
    const plain = (_name: string, value: unknown) =>
      value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value
    let text = ''
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await answered(indexedDB.open(name))
      for (const store of database.objectStoreNames)
        text += JSON.stringify(await answered(database.transaction(store).objectStore(store).getAll()), plain)
      database.close()
    }
    return text
  })

/** At which step of an exchange the server dies. `ms` are from the moment at which the request has left. */
const deaths: readonly { letter: string; dies: (route: Route, kill: () => Promise<void>) => Promise<void> }[] = [
  {
    letter: '还没出门。',
    dies: async (route, kill) => {
      await kill()
      await route.continue()
    },
  },
  ...[5, 40].map((ms) => ({
    letter: `出门 ${ms} 毫秒。`,
    dies: async (route: Route, kill: () => Promise<void>) => {
      await route.continue()
      await new Promise((later) => setTimeout(later, ms))
      await kill()
    },
  })),
  {
    letter: '已经收下。',
    dies: async (route, kill) => {
      await route.fetch()
      await kill()
      await route.abort('connectionreset')
    },
  },
]

test('the server is killed at any step of an exchange: the letter goes by itself, once, and the record holds', async ({
  mother,
  as,
  served,
}) => {
  test.setTimeout(360_000) // it is started again four times
  const longestPause = 64_000 // of a phone that tried in vain for the quarter of a minute in which the server came up
  await mother.settles()
  for (const { letter, dies } of deaths) {
    let killed: Promise<void> | undefined
    await mother.page.route('**/api/sync', async (route) => {
      if (killed || carried(route) === 0) return route.continue()
      await dies(route, () => (killed = served.kill()))
    })
    await mother.posts(letter)
    await expect.poll(() => killed !== undefined).toBe(true)
    await killed
    await served.startsAgain()
    await expect(mother.page.getByText('已送达监所').first()).toBeVisible({ timeout: longestPause })
    await mother.page.unroute('**/api/sync')
  }

  const arrived = await (await as('mother')).letters()
  const sent = deaths.map(({ letter }) => letter)
  expect(arrived.filter((text) => sent.includes(text)).sort()).toEqual([...sent].sort())
  expect(audited(served)).toContain('Nothing is wrong')
})

/** What an auditor says of the house's whole record. @throws Error where something is wrong */
function audited({ dir }: Served): string {
  const tool = (name: string, ...options: string[]) =>
    execFileSync(process.execPath, [`worker/record/${name}.ts`, ...options], { encoding: 'utf8' })
  const file = join(dir, 'record.jsonl')
  tool('export', 'qingshan', '--dir', dir, '--out', file)
  return tool('verify', file, '--key', tool('key', 'qingshan', '--dir', dir).trim())
}
