// `npm run test:browsers`: what must hold in every browser, in Firefox and in WebKit. It installs them where the machine
// lets it; its last lines say what each of them passed.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { installOthers } from './install.mjs'

installOthers()
const run = ['playwright', 'test', '--config', 'test/browser/others.config.ts', ...process.argv.slice(2)]
const { status } = spawnSync('npx', run, { stdio: 'inherit' })

const tests = ({ suites = [], specs = [] }) => [...specs.flatMap(({ tests }) => tests), ...suites.flatMap(tests)]
const told = Map.groupBy(
  tests(JSON.parse(readFileSync('test-results/others.json', 'utf8'))),
  ({ projectName }) => projectName,
)
console.log()
for (const [browser, stories] of told) {
  const passed = stories.filter(({ status }) => status === 'expected').length
  console.log(`${browser}: ${passed} passed, ${stories.length - passed} failed`)
}
process.exitCode = status ?? 1
