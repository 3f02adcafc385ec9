// Processor time of a whole workerd for one sync: the API, its database and the house's desk are all in that process.
import { chance } from '#test/chance.ts'
import { letterOf } from '../letters.ts'
import { processorMs } from '../processor.ts'
import { newDoor } from '../relatives.ts'
import { commandCounts } from './cost.ts'
import { etongbanPhone } from './etongban.ts'
import { characters } from './phone.ts'

/** The kernel counts in steps of 10 ms: so long that one of them says nothing. */
const measuredMs = 4000
const warmMs = 2000

/**
 * @param pid of the workerd behind `server`
 * @returns milliseconds for a sync, by the commands that it brings
 */
export async function processorCosts(server: string, pid: number): Promise<Record<number, number>> {
  const phone = await etongbanPhone(server, [await newDoor(server, 'qinghe')], 100_000)
  const random = chance(20261124)
  const figures: Record<number, number> = {}
  for (const commands of commandCounts) {
    const bodies = Array.from({ length: commands }, () => letterOf(characters, random))
    const syncFor = async (ms: number): Promise<number> => {
      const ends = performance.now() + ms
      let syncs = 0
      for (; performance.now() < ends; syncs += 1) await phone.syncs(bodies)
      return syncs
    }
    await syncFor(warmMs)
    const before = processorMs(pid)
    const syncs = await syncFor(measuredMs)
    figures[commands] = Number(((processorMs(pid) - before) / syncs).toFixed(2))
  }
  phone.stop()
  return figures
}
