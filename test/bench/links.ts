// `npm run bench:links`: what a phone has to say, over six links, beside PouchDB and RxDB. Options narrow it down, each
// a list with commas: `-- --client etongban --link c,d --transport tcp --work mixed --runs 1`. The last line is one
// JSON object; a whole bench writes its table and its plot into `test/bench/results/`.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { serve } from '#worker/start/serve.ts'
import { inItsOwnProcess, startPeers } from './child.ts'
import { clients, transports, type Outcome, type Run } from './links/client.ts'
import { plot, table } from './links/report.ts'
import { rowOf, type Combination } from './links/rows.ts'
import { linkNames, links } from './links/shapes.ts'
import { works } from './links/work.ts'

const { values } = parseArgs({
  options: {
    client: { type: 'string', default: clients.join() },
    link: { type: 'string', default: linkNames.join() },
    transport: { type: 'string', default: transports.join() },
    work: { type: 'string', default: works.join() },
    runs: { type: 'string', default: '3' },
  },
})
const giveUpMs = 120_000
/** A client that was given up so often at one combination is not tried again. */
const mostGivenUp = 2
/** On the slow links clients wait for the link and not for the processor: these run side by side. */
const sideBySide = 8
const order = ['c', 'f', 'd', 'e', 'b']
const isFast = ({ link }: Combination) => link === 'a'

const among = <Name extends string>(all: readonly Name[], wanted: string): Name[] =>
  all.filter((name) => wanted.split(',').includes(name))

const combinations: Combination[] = among(linkNames, values.link).flatMap((link) =>
  among(transports, values.transport).flatMap((transport) =>
    among(works, values.work).flatMap((work) =>
      among(clients, values.client).map((client) => ({ client, link, transport, work })),
    ),
  ),
)

let nth = 0
type Measured = Outcome & { readonly offsetMs: number }

/** The runs of one combination, one after the other. */
async function measure(combination: Combination): Promise<Measured[]> {
  const measured: Measured[] = []
  const server = combination.client === 'etongban' ? house.url : peers.url
  const { offsetsMs } = links[combination.link]
  for (let turn = 0; turn < Number(values.runs); turn += 1) {
    const offsetMs = offsetsMs[turn % offsetsMs.length] ?? 0
    measured.push({
      offsetMs,
      ...(await carriedOut({ ...combination, offsetMs, server, nth: (nth += 1), giveUpMs })),
    })
    if (measured.filter(({ complete }) => !complete).length >= mostGivenUp) break
  }
  const { client, link, transport, work } = combination
  console.error(
    `${client} ${link} ${transport} ${work}: ${measured.map(({ seconds }) => seconds.toFixed(2)).join(' ')} s`,
  )
  return measured
}

/** A client that falls over has not done its work, and the others are measured all the same. */
function carriedOut(run: Run): Promise<Outcome> {
  return inItsOwnProcess<Outcome>('links/run.ts', run).catch((fault: unknown) => {
    console.error(String(fault))
    const nothing = { bytesUp: 0, bytesDown: 0, requests: 0, duplicates: 0, resent: 0 }
    return { seconds: giveUpMs / 1000, ...nothing, complete: false }
  })
}

const folder = mkdtempSync(join(tmpdir(), 'etongban-bench-'))
const house = await serve({ port: 0, dir: folder, demo: true, log: console.error })
const peers = await startPeers()
const began = performance.now()
const rows = new Map<Combination, Measured[]>()
const waiting = [...combinations]
const worker = async (queue: Combination[]) => {
  for (let next = queue.shift(); next; next = queue.shift()) rows.set(next, await measure(next))
}
await worker(waiting.filter(isFast))
// What takes longest first, so that nothing is waited for in the end.
const slow = waiting
  .filter((combination) => !isFast(combination))
  .sort((one, other) => order.indexOf(one.link) - order.indexOf(other.link))
await Promise.all(Array.from({ length: sideBySide }, () => worker(slow)))
await house.stop()
peers.stop()
rmSync(folder, { recursive: true, force: true })

const said = combinations.map((combination) => rowOf(combination, rows.get(combination) ?? []))
console.error(`${((performance.now() - began) / 60_000).toFixed(1)} minutes`)
if (combinations.length === clients.length * linkNames.length * transports.length * works.length) {
  const results = join(import.meta.dirname, 'results')
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, 'links.md'), table(said))
  writeFileSync(join(results, 'links.svg'), plot(said))
} else console.log(table(said))
console.log(JSON.stringify({ rows: said }))
