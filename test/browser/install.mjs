// The browsers of the tests and a Chinese font: used where they are, installed where the machine lets us. CHROMIUM and
// FIREFOX name another binary.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export const chromium = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
export const firefox = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr'
const multiarch = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch]
export const miniBrowser = `/usr/lib/${multiarch}/webkit2gtk-4.1/MiniBrowser`

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

/** Chromium, for `npm test`. */
export function install() {
  if (!existsSync(chromium) || !drawsChinese()) add('chromium', 'fonts-noto-cjk', 'fontconfig')
}

/** Firefox and WebKit, for `npm run test:browsers`. */
export function installOthers() {
  const there = [firefox, miniBrowser, '/usr/bin/WebKitWebDriver', '/usr/bin/Xvfb'].every(existsSync)
  if (!there || !drawsChinese()) add('firefox-esr', 'webkit2gtk-driver', 'xvfb', 'fonts-noto-cjk', 'fontconfig')
}

function add(...packages) {
  if (process.getuid?.() !== 0) throw new Error(`The browser tests need: apt-get install ${packages.join(' ')}`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args) => execFileSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages)
}
