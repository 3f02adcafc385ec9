// What a sync costs at the databases, by the commands that it brings and the houses that its phone has to do with.
import { chance } from '#test/chance.ts'
import { letterOf } from '../letters.ts'
import { newDoor } from '../relatives.ts'
import type { Counted } from '../serveCounted.ts'
import type { Spent } from '../spent.ts'
import { etongbanPhone } from './etongban.ts'
import { characters, type Phone } from './phone.ts'

export interface Cost extends Spent {
  readonly houses: number
  readonly commands: number
  /** letters in these houses before */
  readonly letters: number
}

export const commandCounts = [0, 1, 10, 50] as const
const houseCodes = ['songling', 'qinghe', 'baishan'] as const
/** The house's minute reads and writes too: of several syncs the one in the middle had none beside it. */
const turns = 5
/** Letters that the phone has sent before it is measured again. */
const grown = 5000
const atOnce = 100

/** @param server without a house */
export async function costs(server: Counted): Promise<Cost[]> {
  const random = chance(20261124)
  const letters = (count: number) => Array.from({ length: count }, () => letterOf(characters, random))
  const doors = []
  for (const code of houseCodes) doors.push(await newDoor(server.url, code))
  const one = await etongbanPhone(server.url, doors.slice(0, 1), 1)
  const three = await etongbanPhone(server.url, doors, 2)

  async function measure(phone: Phone, houses: number, before: number): Promise<Cost[]> {
    const rows: Cost[] = []
    for (const commands of commandCounts) {
      const spent: Spent[] = []
      for (let turn = 0; turn < turns; turn += 1) {
        const bodies = letters(commands)
        await server.spent()
        await phone.syncs(bodies)
        spent.push(await server.spent())
      }
      rows.push({ houses, commands, letters: before, ...middle(spent) })
    }
    return rows
  }

  for (const phone of [one, three]) await phone.syncs([])
  const young = [...(await measure(one, 1, 0)), ...(await measure(three, 3, 0))]
  const bodies = letters(atOnce)
  for (let sent = 0; sent < grown; sent += atOnce) await one.syncs(bodies)
  const old = await measure(one, 1, grown)
  for (const phone of [one, three]) phone.stop()
  return [...young, ...old]
}

function middle(spent: readonly Spent[]): Spent {
  const of = (figure: (one: Spent) => number) =>
    spent.map(figure).sort((one, other) => one - other)[Math.floor(spent.length / 2)] as number
  return {
    trips: of(({ trips }) => trips),
    statements: of(({ statements }) => statements),
    rowsRead: of(({ rowsRead }) => rowsRead),
    rowsWritten: of(({ rowsWritten }) => rowsWritten),
  }
}
