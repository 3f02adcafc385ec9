// A province whose server runs in workerd, on D1 as it is on this machine: the same days, with the same devices.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { build, type Plugin } from 'esbuild'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, Response as Answer } from 'miniflare'
import { envOf, ledgersOf, type House } from '../cast.ts'
import { schema, type Answers, type Disk, type Statement, type Work } from '../ledger.ts'
import type { Province } from '../province.ts'
import { inNextVersion, isAnotherIn, mark } from '../version.ts'
import type { Simulated } from './worker.ts'

const names = ['DB', 'LEDGER1', 'LEDGER2']

interface Said {
  readonly body: unknown
  readonly status: number
}

interface Asked {
  readonly houses: readonly House[]
  readonly works: readonly Work[]
}

/** What the timers of this machine are, whatever a simulated day makes of them. */
const { setTimeout: later } = globalThis

/** @returns a new, empty province for each day, and how to end it all */
export async function openReal(): Promise<{ province: () => Province; stop: () => Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'etongban-sim-'))
  const asked = new Map<number, Asked>()
  /** what the house answered to a request whose connection was cut */
  const unheard = new Map<number, (said: Said) => void>()
  /** per ledger, who waits until their trip has been written late */
  const written = new Map<string, (() => void)[]>()

  async function hears(request: { readonly url: string; text(): Promise<string> }): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/answered') {
      const [id, status] = [Number(searchParams.get('request')), Number(searchParams.get('status'))]
      unheard.get(id)?.({ body: JSON.parse(await request.text()) as unknown, status })
      return new Answer('')
    }
    const name = searchParams.get('ledger') ?? ''
    const { houses, works } = asked.get(Number(searchParams.get('request'))) ?? { houses: [], works: [] }
    const ledgers = ledgersOf(houses)
    const ledger = ledgers.find((one) => one.name === name)
    const work = ledger && works[ledgers.indexOf(ledger)]
    if (!ledger || !work) return new Answer('deadBefore')
    if (pathname === '/written') {
      ledger.writes += 1
      written.get(name)?.shift()?.()
      return new Answer('')
    }
    if (pathname === '/stalled') {
      await new Promise<void>((thaws) => ledger.stalled.push(() => thawed(name, thaws)))
      return new Answer('')
    }
    work.trips += 1
    work.statements += Number(searchParams.get('statements'))
    ledger.writes += 1
    return new Answer((await ledger.sets()) ?? '')
  }

  /** Lets a trip go on, and waits until it has been written, or has failed. */
  function thawed(name: string, thaws: () => void): Promise<void> {
    const done = new Promise<void>((written_) => {
      written.set(name, [...(written.get(name) ?? []), written_])
      later(written_, 2000) // workerd may have given it up long ago
    })
    thaws()
    return done
  }

  const bundled = await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    external: ['node:*', 'cloudflare:*'],
    conditions: ['workerd', 'worker', 'browser'],
    plugins: [nextVersion],
  })
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      name: 'simulated',
      port: 0,
      cf: false,
      log: new Log(LogLevel.WARN),
      modules: [{ type: 'ESModule', path: 'worker.js', contents: bundled.outputFiles[0]?.text ?? '' }],
      compatibilityDate: '2026-10-23',
      compatibilityFlags: ['nodejs_compat'],
      d1Databases: Object.fromEntries(names.map((name) => [name, name])),
      serviceBindings: { SIM: hears },
    }),
    resourcePersistencePath: dir,
  })
  const url = (await miniflare.ready).href
  const disks: Real[] = []
  for (const name of names) disks.push(await Real.of(dir, await miniflare.getD1Database(name)))

  async function whole(headers: Headers, body: Uint8Array<ArrayBuffer>): Promise<Said> {
    const answer = await fetch(url, { method: 'POST', headers, body })
    return { body: await answer.json(), status: answer.status }
  }

  /**
   * The connection breaks in the middle of the body, after all that came of it is on its way.
   *
   * @throws where the server did nothing with it
   */
  async function cutsOff(id: number, headers: Headers, came: Uint8Array): Promise<Said> {
    const { promise, resolve, reject } = Promise.withResolvers<Said>()
    unheard.set(id, resolve)
    const { hostname, port } = new URL(url)
    const promised = [...headers, ['host', hostname], ['content-length', String(came.byteLength + 1)]]
    const head = promised.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const socket = connect(Number(port), hostname, () => {
      socket.write(`POST / HTTP/1.1\r\n${head}\r\n`)
      socket.write(came, () => socket.destroy())
    })
    socket.on('error', reject)
    later(() => reject(new TypeError('nothing came of it')), 3000)
    try {
      return await promise
    } finally {
      unheard.delete(id)
    }
  }

  let requests = 0
  const province = (): Province => ({
    async disk(nth) {
      const disk = disks[nth]
      if (!disk) throw new Error('three houses at most')
      await disk.empties()
      return disk
    },
    async answers({ request, me, houses, works, now, movedOn }) {
      const id = (requests += 1)
      asked.set(id, { houses, works })
      const { SHARDS, RECORD_KEY, RECORD_ORIGIN } = envOf(houses) as unknown as Record<string, string>
      const env = { SHARDS, RECORD_KEY, RECORD_ORIGIN } as Simulated['env']
      const headers = new Headers(request.headers)
      const { came, cut } = await asFarAsItComes(request)
      headers.set('x-simulated', JSON.stringify({ id, cut, me, now, movedOn, env } satisfies Simulated))
      const said = cut ? await cutsOff(id, headers, came) : await whole(headers, came)
      for (const { ledger } of houses) ledger.writes += 1
      return said
    },
  })
  const stop = async () => {
    await miniflare.dispose()
    rmSync(dir, { recursive: true, force: true })
  }
  return { province, stop }
}

/** What the server of the next version leans on is that of the next version, as Node has it in ../next.ts. */
const nextVersion: Plugin = {
  name: 'next',
  setup: (build) => {
    build.onResolve({ filter: /^[#.]/ }, async ({ path, importer, resolveDir, kind, namespace, pluginData }) => {
      if (pluginData === mark || !(namespace === mark || importer === nextServer)) return undefined
      const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: mark })
      return isAnotherIn(found.path) ? { ...found, namespace: mark } : found
    })
    build.onLoad({ filter: /./, namespace: mark }, ({ path }) => ({
      contents: inNextVersion(path, readFileSync(path, 'utf8')),
      loader: 'ts',
      resolveDir: dirname(path),
    }))
  },
}
const nextServer = join(import.meta.dirname, 'next.ts')

/** What comes of a request's body, and whether it breaks off. */
async function asFarAsItComes({ body }: Request): Promise<{ came: Uint8Array<ArrayBuffer>; cut: boolean }> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let cut = false
  try {
    for await (const part of body ?? []) parts.push(part)
  } catch {
    cut = true
  }
  return { came: new Uint8Array(await new Blob(parts).arrayBuffer()), cut }
}

/** A D1 of workerd's, written through it and read in its file. */
class Real implements Disk {
  readonly #d1: D1Database
  readonly #file: DatabaseSync

  private constructor(d1: D1Database, file: DatabaseSync) {
    this.#d1 = d1
    this.#file = file
  }

  static async of(dir: string, d1: D1Database): Promise<Real> {
    const mark = `m${crypto.randomUUID().replaceAll('-', '')}`
    await d1.prepare(`CREATE TABLE ${mark} (x)`).run()
    const path = readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.sqlite'))
      .map((name) => join(dir, name))
      .find((path) => {
        const file = new DatabaseSync(path, { readOnly: true })
        const [found] = file.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').all(mark)
        file.close()
        return found
      })
    if (path === undefined) throw new Error('no file of this D1')
    return new Real(d1, new DatabaseSync(path, { readOnly: true }))
  }

  /** Everything of the day before is gone, what was made last first: it may refer to what was made before it. */
  async empties(): Promise<void> {
    const names = this.rows<{ type: string; name: string }>(
      "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY rowid DESC",
    )
    const drops = names.map(({ type, name }) => this.#d1.prepare(`DROP ${type} ${name}`))
    const makes = schema.split('--> statement-breakpoint').map((sql) => this.#d1.prepare(sql))
    await this.#d1.batch([this.#d1.prepare('PRAGMA defer_foreign_keys = on'), ...drops, ...makes])
  }

  rows<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#file.prepare(sql).all(...values) as Row[]
  }

  async batch(statements: readonly Statement[]): Promise<Answers> {
    return this.#d1.batch(statements.map(({ sql, values }) => this.#d1.prepare(sql).bind(...values)))
  }
}
