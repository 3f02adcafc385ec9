// A browser that can die as a phone does: all of it at once, and nothing of it is closed before.
import { spawn, type ChildProcess } from 'node:child_process'
import { chromium, type BrowserContext, type Page } from '@playwright/test'
import { chromium as binary, flags } from './install.mjs'

export interface Profile {
  readonly context: BrowserContext
  page(): Promise<Page>
  /** @returns when it died, by `performance.now()`; a loaded machine reports the end of a process long after it */
  kill(): number
  ended(): Promise<unknown>
}

/** @param folder where it keeps what outlives it */
export async function openProfile(folder: string): Promise<Profile> {
  const child: ChildProcess = spawn(
    binary,
    [...flags, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'],
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'] }, // a process group of its own: a kill takes all of it
  )
  const dies = () => process.kill(-(child.pid ?? NaN), 'SIGKILL')
  process.once('exit', dies) // a test that fails early leaves no browser behind
  child.once('exit', () => process.off('exit', dies))
  const over = new Promise<unknown>((ended) => child.on('exit', ended))
  const address = await new Promise<string>((found, fail) => {
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += String(chunk)
      const [, at] = /DevTools listening on (\S+)/.exec(said) ?? []
      if (at) found(at)
    })
    child.on('exit', () => fail(new Error(`the browser did not start:\n${said}`)))
  })
  const browser = await chromium.connectOverCDP(address)
  const context = browser.contexts()[0]
  if (!context) throw new Error('a browser without a window')
  return {
    context,
    page: () => context.newPage(),
    kill: () => {
      const at = performance.now()
      dies()
      return at
    },
    ended: () => over,
  }
}

/** Strokes that were older than this when the power went must be there. */
export const safeAfterMs = 300

/**
 * Types into an open letter until the browser is killed in the middle of it.
 *
 * @param killAfterMs milliseconds from the first stroke
 * @param random says which strokes, and how fast
 * @returns how many strokes were typed, and the text as it stood `safeAfterMs` before the end
 */
export async function writesUntilKilled(
  phone: Profile,
  page: Page,
  killAfterMs: number,
  random: () => number,
): Promise<{ typed: number; safe: string }> {
  await keeperIsReady(page)
  await page.focus('textarea')
  const strokes: { text: string; at: number }[] = []
  let text = ''
  let alive = true
  const death = new Promise<number>((died) =>
    setTimeout(() => {
      alive = false
      died(phone.kill())
    }, killAfterMs),
  )
  while (alive) {
    const stroke = '天地玄黄宇宙洪荒日月盈昃'[Math.floor(random() * 12)] ?? '天'
    try {
      await page.keyboard.insertText(stroke)
    } catch {
      break
    }
    strokes.push({ text: (text += stroke), at: performance.now() })
    await new Promise((next) => setTimeout(next, random() * 60))
  }
  const safeUntil = (await death) - safeAfterMs
  await phone.ended()
  return { typed: strokes.length, safe: strokes.findLast(({ at }) => at <= safeUntil)?.text ?? '' }
}

/** Once it is known what was written here before, every stroke is kept. */
export const keeperIsReady = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => (window as { keeper?: { ready: boolean } }).keeper?.ready)
