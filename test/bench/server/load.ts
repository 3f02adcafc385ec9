// Many phones at one server, in a process of their own: `node load.ts '<JSON of a Load>'` says what came of it on its
// last line. First they come as phones do, now and then; then each syncs again as soon as it has its answer, so that the
// server always has as many syncs before it as there are phones.
import { chance } from '#test/chance.ts'
import { letterOf } from '../letters.ts'
import { sleep } from '../links/client.ts'
import { processorMs } from '../processor.ts'
import { newDoor } from '../relatives.ts'
import { etongbanPhone } from './etongban.ts'
import { characters, type Phone } from './phone.ts'
import { pouchdbPhone } from './pouchdb.ts'

export interface Load {
  readonly client: 'etongban' | 'pouchdb'
  readonly server: string
  /** the server's process */
  readonly pid: number
  readonly phones: number
  readonly seconds: number
}

export interface Outcome {
  /** each phone now and then */
  readonly calm: Measured
  /** each phone again at once */
  readonly busy: Measured
}

export interface Measured {
  readonly syncsPerSecond: number
  /** of those, how many brought a letter */
  readonly lettersPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
  /** some of what went wrong, in its own words */
  readonly said: readonly string[]
  /** processors that the server had busy, 1 for one of them */
  readonly serverBusy: number
  /** the same of the process that plays the phones: near 1 the figures are its own and not the server's */
  readonly phonesBusy: number
}

const seed = 20261124
/** One sync in so many brings a letter, the others only ask. */
const oneIn = 4
/** How many phones are set up at a time. */
const atOnce = 10
/** A phone that was told of an error waits before it tries again. */
const errorPauseMs = 200
/** Now and then: so long on average between two syncs of a phone. The app itself waits up to five minutes. */
const calmPauseMs = 10_000
const calmSeconds = 20

async function carryOut({ client, server, pid, phones: count, seconds }: Load): Promise<Outcome> {
  const phones = await setUp(client, server, count)
  await Promise.all(phones.map((phone) => phone.syncs([])))
  const calm = await measure(phones, pid, Math.min(seconds, calmSeconds), calmPauseMs)
  const busy = await measure(phones, pid, seconds, 0)
  for (const phone of phones) phone.stop()
  return { calm, busy }
}

const random = chance(seed)
const letters = Array.from({ length: 200 }, () => letterOf(characters, random))

/** @param pauseMs between two syncs of a phone, on average */
async function measure(phones: readonly Phone[], pid: number, seconds: number, pauseMs: number): Promise<Measured> {
  const took: number[] = []
  const said: string[] = []
  let [brought, errors] = [0, 0]
  const before = { server: processorMs(pid), own: process.cpuUsage() }
  const began = performance.now()
  const ends = began + seconds * 1000

  async function live(phone: Phone, nth: number): Promise<void> {
    const mine = chance(seed + nth)
    for (;;) {
      await sleep(mine() * 2 * pauseMs)
      const bodies = mine() < 1 / oneIn ? [letters[Math.floor(mine() * letters.length)] as string] : []
      const asked = performance.now()
      if (asked > ends) return
      try {
        await phone.syncs(bodies)
        // what comes after the end is of another minute
        if (performance.now() > ends) return
        took.push(performance.now() - asked)
        brought += bodies.length
      } catch (fault) {
        errors += 1
        if (said.length < 3) said.push(String(fault))
        await sleep(errorPauseMs)
      }
    }
  }
  const lives = Promise.all(phones.map(live))
  await sleep(seconds * 1000)
  const elapsed = performance.now() - began
  const own = process.cpuUsage(before.own)
  const serverBusy = (processorMs(pid) - before.server) / elapsed
  await lives

  took.sort((one, other) => one - other)
  const at = (share: number) => Number((took[Math.floor(took.length * share)] ?? 0).toFixed(1))
  return {
    syncsPerSecond: Number((took.length / seconds).toFixed(1)),
    lettersPerSecond: Number((brought / seconds).toFixed(1)),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    errors,
    said,
    serverBusy: Number(serverBusy.toFixed(2)),
    phonesBusy: Number(((own.user + own.system) / 1000 / elapsed).toFixed(2)),
  }
}

async function setUp(client: Load['client'], server: string, count: number): Promise<Phone[]> {
  const door = client === 'etongban' ? await newDoor(server, 'songling') : undefined
  const newPhone = (nth: number) => (door ? etongbanPhone(server, [door], nth) : pouchdbPhone(server, nth))
  const phones: Phone[] = []
  for (let nth = 0; nth < count; nth += atOnce) {
    const more = Array.from({ length: Math.min(atOnce, count - nth) }, (_, at) => newPhone(nth + at))
    phones.push(...(await Promise.all(more)))
  }
  return phones
}

console.log(JSON.stringify(await carryOut(JSON.parse(process.argv[2] ?? '{}') as Load)))
process.exit(0)
