// `npm run bench:server`: what a sync costs the server. What it asks of D1, by D1's own count; the processor time of
// workerd; and how many one workerd carries for five hundred phones, beside PouchDB's server on the same work.
// `-- --phones 50 --seconds 5` is a quick look. The last line is one JSON object.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { serve } from '#worker/start/serve.ts'
import { inItsOwnProcess, startPeers } from './child.ts'
import { childCalled } from './processor.ts'
import { serveCounted } from './serveCounted.ts'
import { costs, type Cost } from './server/cost.ts'
import type { Load, Outcome } from './server/load.ts'
import { processorCosts } from './server/processorCost.ts'
import type { Spent } from './spent.ts'

const { values } = parseArgs({
  options: { phones: { type: 'string', default: '500' }, seconds: { type: 'string', default: '60' } },
})
const load = { phones: Number(values.phones), seconds: Number(values.seconds) }
const inLoad = (on: Pick<Load, 'client' | 'server' | 'pid'>) =>
  inItsOwnProcess<Outcome>('server/load.ts', { ...load, ...on } satisfies Load)

async function atTheDatabase(): Promise<Cost[]> {
  return inNewFolder(async (dir) => {
    const server = await serveCounted(dir, false)
    return costs(server).finally(server.stop)
  })
}

async function inWorkerd(): Promise<{ cpuMs: Record<number, number>; etongban: Outcome }> {
  return inNewFolder(async (dir) => {
    const server = await serve({ port: 0, dir, demo: false, log: console.error })
    const pid = childCalled('workerd')
    try {
      const cpuMs = await processorCosts(server.url, pid)
      return { cpuMs, etongban: await inLoad({ client: 'etongban', server: server.url, pid }) }
    } finally {
      await server.stop()
    }
  })
}

async function inPouchdb(): Promise<Outcome> {
  const peers = await startPeers()
  return inLoad({ client: 'pouchdb', server: peers.url, pid: peers.pid }).finally(peers.stop)
}

async function inNewFolder<Result>(work: (dir: string) => Promise<Result>): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'etongban-bench-'))
  return work(dir).finally(() => rmSync(dir, { recursive: true, force: true }))
}

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): void =>
  console.log(
    ['', head, head.map(() => '---:'), ...rows].map((row) => (row ? `| ${[row].flat().join(' | ')} |` : '')).join('\n'),
  )

const began = performance.now()
const spent = await atTheDatabase()
table(
  ['houses', 'letters there', 'commands', 'trips', 'statements', 'rows read', 'rows written'],
  spent.map((row) => [row.houses, row.letters, row.commands, row.trips, row.statements, row.rowsRead, row.rowsWritten]),
)

const { cpuMs, etongban } = await inWorkerd()
console.log('\nProcessor time of workerd, API, database and desk together (/proc/PID/stat):')
table(['commands', 'ms a sync'], Object.entries(cpuMs))

const pouchdb = await inPouchdb()
console.log(`\n${load.phones} phones, each every 10 s (calm), then again as soon as it has its answer (busy):`)
const measured = Object.entries({ etongban, pouchdb }).flatMap(([name, { calm, busy }]) => [
  { name, pace: 'calm', ...calm },
  { name, pace: 'busy', ...busy },
])
table(
  ['server', 'pace', 'syncs/s', 'letters/s', 'p50 ms', 'p99 ms', 'errors', 'server busy', 'phones busy'],
  measured.map((row) => [
    row.name,
    row.pace,
    row.syncsPerSecond,
    row.lettersPerSecond,
    row.p50Ms,
    row.p99Ms,
    row.errors,
    row.serverBusy,
    row.phonesBusy,
  ]),
)
const mostBusy = Math.max(...measured.map(({ phonesBusy }) => phonesBusy))
console.log(
  `\nThe process that plays the phones had ${mostBusy} of a processor busy at most: ${mostBusy > 0.8 ? 'it may be what was measured' : 'it held nothing up'}.`,
)
for (const { name, pace, said } of measured) for (const line of said) console.log(`${name}, ${pace}: ${line}`)

const by = (figure: keyof Spent) =>
  Object.fromEntries(
    [1, 3].map((houses) => [
      houses,
      Object.fromEntries(
        spent.filter((row) => row.houses === houses && row.letters === 0).map((row) => [row.commands, row[figure]]),
      ),
    ]),
  )
console.error(`${((performance.now() - began) / 60_000).toFixed(1)} minutes`)
console.log(
  JSON.stringify({
    trips: by('trips'),
    statements: by('statements'),
    rowsRead: by('rowsRead'),
    rowsWritten: by('rowsWritten'),
    cpuMs,
    etongban: { ...etongban.busy, calm: etongban.calm },
    pouchdb: { ...pouchdb.busy, calm: pouchdb.calm },
  }),
)
