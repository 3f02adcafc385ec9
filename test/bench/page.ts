// What the letter page costs on a bad link and a slow phone, and what a kill in mid-word costs its writer.
// `npm run bench:page [-- --kills 100] [--seed 1]`; the last line is one JSON object, times in milliseconds (medians
// of three runs), sizes in bytes. 400 kbit/s, 400 ms there and back, a CPU four times slower than this machine's.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { brotliCompressSync } from 'node:zlib'
import { chromium, type BrowserContext, type Page } from '@playwright/test'
import { unbase64 } from '#db/record.ts'
import { serve } from '#worker/start/serve.ts'
import { chromium as binary, flags } from '#test/browser/install.mjs'
import { keeperIsReady, openProfile, safeAfterMs, writesUntilKilled } from '#test/browser/profile.ts'
import { chance } from '#test/chance.ts'
import { steady } from './capacity.ts'
import { openLink } from './link.ts'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '0' }, seed: { type: 'string', default: String(Date.now() % 1e6) } },
})
const runs = 3
const badLink = { capacity: { up: steady(400_000 / 8), down: steady(400_000 / 8) }, delayMs: 200 }

/** What the page says of itself, in milliseconds since its navigation began. */
interface Marks {
  /** the field is there and every stroke in it is kept */
  typable?: number
  /** the framework has taken over, and what sending needs is loaded */
  interactive?: number
}

/** Runs in the page: notes the two moments as they come. */
function watchPage(): void {
  const marks: Marks = {}
  Object.assign(window, { marks })
  const look = () => {
    const keeper = (window as { keeper?: { ready: boolean; tell?: unknown } }).keeper
    if (keeper?.ready && marks.typable === undefined) marks.typable = performance.now()
    const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/_app/immutable/'))
    const last = Math.max(0, ...scripts.map((script) => (script as PerformanceResourceTiming).responseEnd))
    const quiet = last > 0 && performance.now() - last > 2000
    if (keeper?.tell && quiet && marks.interactive === undefined) marks.interactive = Math.max(last, taken)
    if (keeper?.tell && taken === 0) taken = performance.now()
    if (marks.interactive === undefined) setTimeout(look, 20)
  }
  let taken = 0
  look()
}

interface Loaded {
  readonly marks: Required<Marks>
  readonly bytes: number
  readonly requests: number
}

/** Opens the letter page and waits until it is all there. */
async function load(page: Page, url: string): Promise<Loaded> {
  const client = await page.context().newCDPSession(page)
  await client.send('Network.enable')
  await client.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  let bytes = 0
  let requests = 0
  client.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
    requests += 1
  })
  await page.goto(`${url}/letter`, { waitUntil: 'commit' })
  // Asked for by the bare protocol: Playwright's own waiting first puts 330 kB of script into the page that is timed.
  const until = performance.now() + 60_000
  while (performance.now() < until) {
    await new Promise((next) => setTimeout(next, 500))
    const { result } = await client.send('Runtime.evaluate', { expression: 'window.marks', returnByValue: true })
    const marks = result.value as Marks | undefined
    if (marks?.typable !== undefined && marks.interactive !== undefined)
      return { marks: marks as Required<Marks>, bytes, requests }
  }
  throw new Error(`${url}/letter was not all there after a minute`)
}

/** Brotli bytes of everything that the service worker keeps for a relative. */
async function offlineCache(page: Page): Promise<number> {
  const bodies = await page.evaluate(async () => {
    await navigator.serviceWorker.ready
    const kept: string[] = []
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys()) {
        const bytes = new Uint8Array((await (await cache.match(request))?.arrayBuffer()) ?? [])
        let binary = ''
        for (const byte of bytes) binary += String.fromCharCode(byte)
        kept.push(btoa(binary))
      }
    }
    return kept
  })
  return bodies.reduce((sum, body) => sum + brotliCompressSync(unbase64(body)).length, 0)
}

const median = (numbers: readonly number[]): number =>
  Math.round([...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN)

async function measure(target: string) {
  const browser = await chromium.launch({ executablePath: binary, args: flags })
  const cold: Loaded[] = []
  const warm: Loaded[] = []
  const offline: Loaded[] = []
  let cache = 0
  for (let run = 0; run < runs; run += 1) {
    const link = await openLink(target, badLink)
    const context: BrowserContext = await browser.newContext({ viewport: { width: 360, height: 740 } })
    await context.addInitScript(watchPage)
    const page = await context.newPage()
    cold.push(await load(page, link.url))
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null, null, {
      timeout: 120_000,
      polling: 500,
    })
    cache = await offlineCache(page)
    warm.push(await load(page, link.url))
    link.through(false)
    offline.push(await load(page, link.url))
    await context.close()
    await link.stop()
  }
  await browser.close()
  return { cold, warm, offline, cache }
}

/** One writer, killed at a random moment, and what they find when they come back without a network. */
async function killOnce(url: string, profile: string, random: () => number): Promise<{ typed: number; lost: number }> {
  const writing = await openProfile(profile)
  const page = await writing.page()
  await page.goto(`${url}/letter?new`)
  const { typed, safe } = await writesUntilKilled(writing, page, 400 + random() * 2600, random)

  const again = await openProfile(profile)
  const back = await again.page()
  await back.goto(`${url}/letter`)
  await keeperIsReady(back)
  const found = await back.locator('textarea').inputValue()
  again.kill()
  await again.ended()
  const kept = [...safe].findIndex((stroke, nth) => [...found][nth] !== stroke)
  return { typed, lost: kept < 0 ? 0 : [...safe].length - kept }
}

const folder = mkdtempSync(join(tmpdir(), 'etongban-bench-'))
const server = await serve({ port: 0, dir: join(folder, 'data'), demo: false, log: console.error })
const { cold, warm, offline, cache } = await measure(server.url)
const html = await fetch(`${server.url}/letter`).then((answer) => answer.arrayBuffer())

const kills = Number(values.kills)
const random = chance(Number(values.seed))
let lostStrokes = 0
let typedStrokes = 0
for (let nth = 0; nth < kills; nth += 1) {
  const profile = join(folder, `profile-${nth}`)
  const { typed, lost } = await killOnce(server.url, profile, random)
  typedStrokes += typed
  lostStrokes += lost
  console.error(
    `kill ${nth + 1} of ${kills}: ${typed} strokes typed, ${lost} of those older than ${safeAfterMs} ms lost`,
  )
  rmSync(profile, { recursive: true, force: true })
}
await server.stop()
rmSync(folder, { recursive: true, force: true })

console.log(
  JSON.stringify({
    letterHtml: brotliCompressSync(new Uint8Array(html)).length,
    letterRoute: median(cold.map(({ bytes }) => bytes)),
    offlineCache: cache,
    typableMs: median(cold.map(({ marks }) => marks.typable)),
    interactiveMs: median(cold.map(({ marks }) => marks.interactive)),
    warmMs: median(warm.map(({ marks }) => marks.typable)),
    warmOfflineMs: median(offline.map(({ marks }) => marks.typable)),
    requests: median(cold.map(({ requests }) => requests)),
    ...(kills > 0 && { kills, seed: Number(values.seed), typedStrokes, lostStrokes }),
  }),
)
