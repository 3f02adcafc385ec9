// How long somebody waits who signs in on a bad link. `npm run bench:signin`; the last line is one JSON object: how many
// requests wait for one another between the sign-in page and the first screen, and how long that takes, in milliseconds
// (medians of three runs). 400 kbit/s, 400 ms there and back; how long somebody looks for the code is left out.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Request } from '@playwright/test'
import { serve, type Served } from '#worker/start/serve.ts'
import { chromium as binary, flags } from '#test/browser/install.mjs'
import { steady } from './capacity.ts'
import { openLink } from './link.ts'

const badLink = { capacity: { up: steady(400_000 / 8), down: steady(400_000 / 8) }, delayMs: 200 }
const runs = 3

interface Asked {
  readonly what: string
  readonly began: number
  ended?: number
}

/** A longest row of requests each of which began after the one before had ended. */
function chainOf(asked: readonly Asked[]): Asked[] {
  const chain: Asked[] = []
  const done = asked.filter((one): one is Required<Asked> => one.ended !== undefined)
  for (const one of done.sort((a, b) => a.ended - b.ended)) if (one.began >= (chain.at(-1)?.ended ?? 0)) chain.push(one)
  return chain
}

async function signsIn(browser: Browser, { url: target }: Served, number: string) {
  const link = await openLink(target, badLink)
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'zh-CN' })
  const page = await context.newPage()
  await page.goto(`${link.url}/sign-in`)
  await page.getByLabel('手机号码').fill(number)
  const asks = page.getByRole('button', { name: '取验证码' })
  await asks.and(page.locator(':enabled')).waitFor({ timeout: 60_000 })

  await page.waitForLoadState('networkidle')
  const known = new Map<Request, Asked>()
  // What the service worker lays in store meanwhile waits for nobody, and nobody for it.
  context.on('request', (request) => {
    if (request.serviceWorker()) return
    known.set(request, { what: `${request.method()} ${new URL(request.url()).pathname}`, began: performance.now() })
  })
  const over = (request: Request) => {
    const one = known.get(request)
    if (one) one.ended = performance.now()
  }
  context.on('requestfinished', over)
  context.on('requestfailed', over)

  const began = performance.now()
  await asks.click()
  const field = page.getByLabel('短信验证码')
  await field.waitFor({ timeout: 60_000 })
  const lookedFor = performance.now()
  const kept = await (await fetch(`${target}/local/codes.json`)).json<{ to: string; code: string }[]>()
  await field.fill(kept.find(({ to }) => to.endsWith(number))?.code ?? '')
  const found = performance.now()
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByRole('button', { name: '退出登录', exact: true }).waitFor({ timeout: 60_000 })
  const shown = performance.now()

  const before = [...known.values()].filter(({ ended = Infinity }) => ended <= shown)
  await context.close()
  await link.stop()
  return { ms: shown - began - (found - lookedFor), chain: chainOf(before), requests: before.length }
}

const median = (numbers: readonly number[]): number =>
  Math.round([...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN)

const folder = mkdtempSync(join(tmpdir(), 'etongban-bench-'))
const server = await serve({ port: 0, dir: join(folder, 'data'), demo: false, log: () => undefined })
const browser = await chromium.launch({ executablePath: binary, args: flags })
const seen: Awaited<ReturnType<typeof signsIn>>[] = []
for (let run = 0; run < runs; run += 1) seen.push(await signsIn(browser, server, `1590000000${run}`))
await browser.close()
await server.stop()
rmSync(folder, { recursive: true, force: true })

const longest = seen.reduce((one, other) => (other.chain.length > one.chain.length ? other : one))
for (const { what, began, ended = NaN } of longest.chain) console.log(`${what}: ${Math.round(ended - began)} ms`)
console.log(
  JSON.stringify({
    roundTrips: longest.chain.length,
    firstScreenMs: median(seen.map(({ ms }) => ms)),
    requests: median(seen.map(({ requests }) => requests)),
  }),
)
if (longest.chain.length > 3) process.exitCode = 1
