// Builds the pages and the local server, each only where its sources changed since.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const root = join(import.meta.dirname, '../..')
const dist = join(root, 'dist')

/** What wrangler makes of worker/start/local.ts, and of worker/index.ts as it is deployed. */
export const localBundle = join(dist, 'local/local.js')
export const deployedBundle = join(dist, 'deployed/index.js')
export const pages = join(root, 'web/build')

interface Part {
  readonly name: string
  readonly sources: readonly string[]
  readonly product: string
  readonly command: readonly string[]
  readonly cwd: string
}

const pagesPart: Part = {
  name: 'pages',
  sources: ['web', 'db', 'package-lock.json'],
  product: join(pages, 'index.html'),
  command: ['vite', 'build'],
  cwd: join(root, 'web'),
}

const serverPart = (name: string, entry: string, product: string): Part => ({
  name,
  sources: ['worker', 'db', 'wrangler.toml', 'package-lock.json'],
  product,
  command: ['wrangler', 'deploy', entry, '--dry-run', '--outdir', dirname(product)],
  cwd: root,
})
const local = serverPart('server', 'worker/start/local.ts', localBundle)
const deployed = serverPart('deployed', 'worker/index.ts', deployedBundle)

/** @throws Error with all that the tool said, where a build fails */
export function build(which: 'local' | 'deployed', log: (line: string) => void): void {
  mkdirSync(dist, { recursive: true })
  alone(() => [pagesPart, which === 'local' ? local : deployed].forEach((part) => buildPart(part, log)))
}

function buildPart(part: Part, log: (line: string) => void): void {
  const stamp = join(dist, `${part.name}.sources`)
  const sources = hashOf(part.sources)
  if (existsSync(part.product) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return

  log(`Building the ${part.name} …`)
  const [tool = '', ...options] = part.command
  const bin = join(root, 'node_modules/.bin')
  const made = spawnSync(join(bin, tool), options, {
    cwd: part.cwd,
    encoding: 'utf8',
    // A test runner's NODE_ENV would build the framework with its checks for developers.
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      WRANGLER_SEND_METRICS: 'false',
    },
  })
  if (made.status !== 0) throw new Error(`${part.command.join(' ')} failed:\n${made.stdout}\n${made.stderr}`)
  writeFileSync(stamp, sources)
}

/** Several files of tests start at once: one of them builds, the others wait. */
function alone(work: () => void): void {
  const lock = join(dist, 'building')
  while (!claimed(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  try {
    work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function claimed(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (!runs(lock)) rmSync(lock, { force: true })
    return false
  }
}

/** Whether whoever holds the lock is still there: a build that was killed holds nobody up. */
function runs(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
    return true
  } catch {
    return false
  }
}

const MADE = new Set(['build', '.svelte-kit', 'node_modules', '.svelte-check'])

function hashOf(sources: readonly string[]): string {
  const hash = createHash('sha256')
  const read = (path: string): void => {
    if (statSync(join(root, path)).isDirectory())
      for (const name of readdirSync(join(root, path)).sort()) {
        if (!MADE.has(name)) read(join(path, name))
      }
    else hash.update(`${path}\0`).update(readFileSync(join(root, path)))
  }
  sources.forEach(read)
  return hash.digest('hex')
}

// `npm run build`
if (import.meta.main) for (const which of ['local', 'deployed'] as const) build(which, console.log)
