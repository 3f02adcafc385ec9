// A whole server on this machine: pages, API, database and the house's clock in one workerd, at one address.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import type { Id } from '#db/id.ts'
import type { Env } from '../env.ts'
import { erasures } from '../erasure/erase.ts'
import { erasedAgain, erasedSince } from './backup.ts'
import { build, deployedBundle, localBundle, pages } from './build.ts'
import { migrate } from './migrate.ts'
import { plant, type Planted } from './plant.ts'
import { serveRegistry } from './licences.ts'
import { secretsIn } from './secrets.ts'

export interface ServeOptions {
  /** 0 for any that is free */
  readonly port: number
  readonly host?: string
  /** where secrets and data are kept */
  readonly dir: string
  /** begins anew: removes that folder first */
  readonly fresh?: boolean
  /** whether the demo house is planted into new data */
  readonly demo: boolean
  /** runs the bundle as it is deployed, with these settings, and none of what only a local server has */
  readonly deployed?: Readonly<Record<string, string>>
  /** one under dist/ instead: the local server with something measured in it */
  readonly bundle?: string
  /** what an operator would set beside the secrets */
  readonly settings?: Readonly<Record<string, string>>
  /** what is built, and what the server says that is no fault */
  readonly log: (line: string) => void
}

export interface Served {
  /** without a slash at its end */
  readonly url: string
  readonly db: D1Database
  /** who can sign in where; empty without the demo house */
  readonly links: readonly { readonly who: string; readonly url: string }[]
  readonly pins: Planted['pins']
  readonly stop: () => Promise<void>
}

/** @throws Error where a build fails, the port is taken, or the data is of another making */
export async function serve({
  port,
  host = '127.0.0.1',
  dir,
  fresh = false,
  demo,
  deployed,
  settings,
  bundle = deployed ? deployedBundle : localBundle,
  log,
}: ServeOptions): Promise<Served> {
  const data = resolve(dir)
  const planted = join(data, 'demo.json')
  build(deployed ? 'deployed' : 'local', log)
  // What was left half planted is begun anew: it holds nothing of anybody yet.
  const half = demo && existsSync(join(data, 'state')) && !existsSync(planted)
  if (fresh) rmSync(data, { recursive: true, force: true })
  else if (half) rmSync(join(data, 'state'), { recursive: true, force: true })
  mkdirSync(data, { recursive: true, mode: 0o700 })

  if (erasedSince(data).length > 0) await eraseAgain(optionsOf('127.0.0.1', 0, data, bundle, undefined, deployed), data)
  const registry = deployed ? undefined : await startRegistry(data)
  const miniflare = new Miniflare(optionsOf(host, port, data, bundle, registry?.url, deployed, settings, log))
  const stop = async () => {
    await miniflare.dispose()
    await registry?.stop()
  }
  try {
    const url = named((await miniflare.ready).origin)
    const db = await miniflare.getD1Database('DB')
    await migrate(db)
    if (demo && !existsSync(planted)) {
      log('Planting the demo houses …')
      writeFileSync(planted, JSON.stringify(await plant(url, secretsIn(data).FOUNDING_CODE)), { mode: 0o600 })
    }
    const pins = demo ? (JSON.parse(readFileSync(planted, 'utf8')) as Planted).pins : []
    return { url, db, pins, links: demo ? linksAt(url) : [], stop }
  } catch (fault) {
    await stop()
    throw fault
  }
}

/** What was put back from a backup forgets those who were erased since, before it answers anybody. */
async function eraseAgain(options: ReturnType<typeof optionsOf>, data: string): Promise<void> {
  const miniflare = new Miniflare(options)
  try {
    const [DB, FILES] = [await miniflare.getD1Database('DB'), await miniflare.getR2Bucket('FILES')]
    await migrate(DB)
    for (const { scope, entry, subject } of erasedSince(data)) await FILES.put(`erased/${scope}/${entry}`, subject)
    const { results } = await DB.prepare('SELECT id FROM house').all<{ id: Id }>()
    for (const { id } of results) while (await erasures({ DB, FILES } as unknown as Env, id, Date.now()));
    erasedAgain(data)
  } finally {
    await miniflare.dispose()
  }
}

/** A server on this machine has a registry of its own, with holders whom whoever tries it may change. */
async function startRegistry(data: string): ReturnType<typeof serveRegistry> {
  const file = join(data, registryFile)
  if (!existsSync(file)) copyFileSync(join(import.meta.dirname, 'licences.json'), file)
  // Whoever sets this server's clock forward, to see what a night brings, is still answered.
  return serveRegistry(file, secretsIn(data).REGISTRY_SECRET, Infinity)
}

/** In the folder of a local server: who has which licence, and how it stands. */
const registryFile = 'licences.json'

/** The same as wrangler.toml says, with the local server's own paths before the pages. */
const optionsOf = (
  host: string,
  port: number,
  data: string,
  bundle: string,
  registry: string | undefined,
  deployed: ServeOptions['deployed'],
  settings: ServeOptions['settings'] = {},
  say: ServeOptions['log'] = () => undefined,
) => ({
  ...convertV4MiniflareOptions({
    name: 'etongban',
    host,
    port,
    cf: false,
    log: new Log(LogLevel.WARN),
    handleStructuredLogs: ({ level, message }) =>
      level === 'error' || level === 'warn' ? console.error(message) : say(message),
    modules: [{ type: 'ESModule', path: bundle }],
    modulesRoot: join(localBundle, '../..'),
    compatibilityDate: '2026-10-23',
    compatibilityFlags: ['nodejs_compat'],
    d1Databases: { DB: 'etongban' },
    r2Buckets: { FILES: 'etongban-files' },
    durableObjects: { DESK: { className: 'Desk', useSQLite: true } },
    bindings: {
      ...secretsIn(data),
      RECORD_ORIGIN: 'etongban.local',
      ...(registry && { REGISTRY_URL: registry }),
      ...settings,
      ...deployed,
    },
    assets: {
      directory: pages,
      binding: 'ASSETS',
      run_worker_first: deployed ? ['/api/*'] : ['/api/*', '/local/*'],
      routerConfig: { has_user_worker: true },
      assetConfig: { html_handling: 'drop-trailing-slash', not_found_handling: '404-page' },
    },
  }),
  resourcePersistencePath: join(data, 'state'),
})

/** No browser makes a passkey for a bare address, so this machine goes by its name. */
const named = (origin: string): string => origin.replace('//127.0.0.1:', '//localhost:')

const linksAt = (url: string): Served['links'] => [
  { who: '家属 relative (mother)', url: `${url}/local/sign-in?as=mother` },
  { who: '家属 relative (wife, untried)', url: `${url}/local/sign-in?as=wife` },
  { who: '家属 relative (sister, no consent)', url: `${url}/local/sign-in?as=sister` },
  { who: '家属 relative (aunt, in both houses)', url: `${url}/local/sign-in?as=aunt` },
  {
    who: '律师 lawyer (沈明远)',
    url: `${url}/local/sign-in?as=lawyer&to=${encodeURIComponent('/invite#lawyer')}`,
  },
  { who: '审核 reviewer', url: `${url}/local/officer?as=reviewer` },
  { who: '审核 second reviewer', url: `${url}/local/officer?as=reviewer2` },
  { who: '会见窗口 desk', url: `${url}/local/officer?as=desk` },
  { who: '监仓一体机 kiosk 3-02', url: `${url}/local/kiosk?name=kiosk` },
  { who: '管理 admin', url: `${url}/local/officer?as=admin` },
  { who: '临溪拘留所 审核 reviewer', url: `${url}/local/officer?as=linxi.reviewer` },
  { who: '临溪拘留所 监仓一体机 kiosk 1-01', url: `${url}/local/kiosk?name=linxi.kiosk` },
  { who: '临溪拘留所 管理 admin', url: `${url}/local/officer?as=linxi.admin` },
  { who: '开设监所 another house', url: `${url}/local/found` },
  { who: '验证码 one-time codes', url: `${url}/local/codes` },
]
