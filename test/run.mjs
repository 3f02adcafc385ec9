// `npm test`: all that is promised, on a fresh clone too. It runs on Node 20 and without packages until it has
// installed them; its last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { install } from './browser/install.mjs'

const results = 'test-results'
let passed = 0
let failed = 0

/** @returns whether the command ended well; what it prints is for whoever reads the log */
function run(command, ...args) {
  console.log(`\n$ ${command} ${args.join(' ')}`)
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0
}

/** A step that is one promise: it holds or it does not. */
function promise(command, ...args) {
  const held = run(command, ...args)
  if (held) passed += 1
  else failed += 1
  return held
}

/** A step that keeps count itself. One that ends badly without a failed test has broken down, and that counts. */
function suite(file, count, command, ...args) {
  const held = run(command, ...args)
  let counted = { passed: 0, failed: 0 }
  try {
    counted = count(JSON.parse(readFileSync(`${results}/${file}`, 'utf8')))
  } catch (fault) {
    console.error(`no count of ${file}: ${fault.message}`)
  }
  passed += counted.passed
  failed += counted.failed || (held ? 0 : 1)
}

function everything() {
  rmSync(results, { recursive: true, force: true })
  if (!promise('npm', 'ci', '--no-audit', '--no-fund')) return
  install()
  promise('npm', 'run', '-s', 'check')
  if (!promise('npm', 'run', '-s', 'build')) return
  suite(
    'vitest.json',
    (report) => ({ passed: report.numPassedTests, failed: report.numFailedTests }),
    ...['npx', 'vitest', 'run', '--config', 'test/vitest.config.ts'],
    ...['--reporter', 'default', '--reporter', 'json', '--outputFile.json', `${results}/vitest.json`],
  )
  suite(
    'browser.json',
    ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected + stats.skipped }),
    ...['npx', 'playwright', 'test', '--config', 'test/browser/playwright.config.ts'],
  )
}

try {
  everything()
} catch (fault) {
  console.error(fault.message)
  failed += 1
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
