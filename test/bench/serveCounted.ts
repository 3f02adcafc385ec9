// A whole local server that counts what it asks of its databases.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { build, root } from '#worker/start/build.ts'
import { serve, type Served } from '#worker/start/serve.ts'
import type { Spent } from './spent.ts'

export interface Counted extends Served {
  /** since it was asked last */
  readonly spent: () => Promise<Spent>
}

/**
 * @param dir where its secrets and data are kept
 * @param demo whether it begins with the demo house
 */
export async function serveCounted(dir: string, demo: boolean): Promise<Counted> {
  build('local', console.error) // the pages, which wrangler wants to see
  const bundle = join(root, 'dist/bench/counted.js')
  const options = ['deploy', 'test/bench/counted.ts', '--dry-run', '--outdir', dirname(bundle)]
  const made = spawnSync('npx', ['wrangler', ...options], { cwd: root, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(made.stderr)

  const served = await serve({ port: 0, dir, demo, bundle, log: console.error })
  return { ...served, spent: async () => (await fetch(`${served.url}/local/spent`)).json<Spent>() }
}
