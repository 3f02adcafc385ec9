// Chromium and a Chinese font for the browser tests: used where they are, installed where the machine lets us.
// CHROMIUM names another binary.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export const chromium = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Nothing that phones home, nothing that needs a screen. */
export const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Without such a font every Chinese page is a page of empty boxes, and a picture of it proves nothing. */
const drawsChinese = () => Boolean(spawnSync('fc-list', [':lang=zh-cn'], { encoding: 'utf8' }).stdout?.trim())

export function install() {
  if (existsSync(chromium) && drawsChinese()) return
  if (process.getuid?.() !== 0)
    throw new Error('The browser tests need: apt-get install chromium fonts-noto-cjk fontconfig')
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args) => execFileSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk', 'fontconfig')
}
