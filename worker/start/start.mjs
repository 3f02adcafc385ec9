// `npm start` on a machine that has only Node 20 and npm: installs what the lock file says, where it is not there
// yet, and goes on with the project's own Node. Needs no packages itself.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const json = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))

/** Whether node_modules holds every package of the lock file, as npm itself wrote down when it installed them. */
function installed() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false
  const there = json('node_modules/.package-lock.json').packages
  return Object.entries(json('package-lock.json').packages).every(
    ([path, { version, integrity, optional, devOptional }]) =>
      path === '' ||
      (there[path] === undefined
        ? optional || devOptional
        : there[path].version === version && there[path].integrity === integrity),
  )
}

if (!installed()) {
  console.log('Installing what package-lock.json says (about half a minute) …')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) {
    console.error(npm.stdout, npm.stderr)
    process.exit(npm.status ?? 1)
  }
}

const server = spawn(
  join(root, 'node_modules/.bin/node'),
  [join(root, 'worker/start/main.ts'), ...process.argv.slice(2)],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
)
// The terminal sends Ctrl-C to both; this one only waits, so that npm ends after the server and not before.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => server.kill('SIGTERM'))
server.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
