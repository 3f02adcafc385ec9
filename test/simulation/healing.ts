// How a simulated day ends: the weather clears, everything works, everybody signs in, and all that waits comes to rest.
import { longestPauseMs } from '#web/outbox/live.ts'
import { leaves } from './alone.ts'
import { audited, ledgersOf } from './cast.ts'
import type { Device } from './device.ts'
import { minuteOf, thaws } from './houses.ts'
import { Broken, converges, lyingOn } from './invariants.ts'
import type { Ledger } from './ledger.ts'
import type { Stage } from './stage.ts'
import { housesCatchUp } from './versions.ts'

const MINUTE_MS = 60_000

/** @throws Broken Drains, NoCrossBlock, Converges, Tamper, and all that holds at any time */
export async function heals(stage: Stage): Promise<void> {
  const { houses, devices, chances, clock, wire } = stage
  housesCatchUp(stage)
  const [down] = houses
  if (down && houses.some(({ ledger }) => ledger !== down.ledger) && chances.hits(0.5))
    await othersGoOn(stage, down.ledger)
  for (const house of houses) {
    house.ledger.down = false
    while (house.ledger.stalled.length > 0) await thaws(stage, house)
  }
  clears(stage)
  for (const arrives of wire.late.splice(0)) await arrives()
  clock.now += 5 * MINUTE_MS
  const byItself = chances.hits(0.1)
  for (let round = 0; round < 2; round += 1) {
    for (const house of houses) await minuteOf(stage, house)
    if (byItself) await drainsByItself(stage, round)
    else for (const device of devices) await stage.on(device, () => drains(stage, device))
  }
  for (const device of devices) stage.acted.add(device)
  await stage.holds()
  for (const device of devices) await converges(device, houses)
  for (const house of houses) await audited(house, clock.now)
  looksBack(stage)
}

/** What of the day shows only at its end. */
function looksBack({ houses, devices, chances }: Stage): void {
  for (const { rows } of ledgersOf(houses))
    if (rows('SELECT 1 FROM matter GROUP BY account HAVING count(DISTINCT facility) > 1').length > 0)
      chances.met('wroteToTwoHousesOfOneDatabase')
  if (devices.some(({ cleared }) => cleared)) chances.met('cameBackAfterEviction')
}

function clears(stage: Stage): void {
  stage.healed = true
  for (const device of stage.devices) {
    device.session = device.me
    device.skew = 0
  }
}

/** NoCrossBlock: everything works but one ledger, and everybody gets through to the others. */
async function othersGoOn(stage: Stage, down: Ledger): Promise<void> {
  const { houses, devices, chances } = stage
  clears(stage)
  for (const { ledger } of houses) ledger.down = ledger === down
  for (const device of devices) {
    if (device.kind !== 'relative') continue
    await stage.on(device, () => drains(stage, device, down))
  }
  chances.met(houses.length === 3 ? 'oneOfThreeDown' : 'oneOfTwoDown')
  await stage.holds()
}

/** Drains, Unlock and Converges by the product's own pacing: nobody touches anything. */
async function drainsByItself(stage: Stage, round: number): Promise<void> {
  const { devices, chances } = stage
  const frozen = round === 0 && chances.hits(0.3) ? chances.one(devices) : undefined
  await leaves(stage, { devices, minutes: (2 * longestPauseMs) / MINUTE_MS, untilSent: round === 0, frozen })
  for (const device of devices) {
    const [waits] = (await lyingOn(device)).outbox
    if (waits) throw new Broken('Drains', `after twice the longest pause there waits ${JSON.stringify(waits)}`)
  }
  chances.met('drainedByItself')
}

/** @param but a ledger that can't be reached */
async function drains(stage: Stage, device: Device, but?: Ledger): Promise<void> {
  const beyond = stage.houses.filter(({ ledger }) => ledger === but).map(({ facility }) => facility)
  const waits = async () => (await lyingOn(device)).outbox.find(({ command }) => !beyond.includes(command.facility))
  // An attempt after which a house has more of a heavy letter than before is none in vain.
  const before = device.brought.size
  for (let exchanges = 0; exchanges < 60 + device.brought.size - before; exchanges += 1) {
    const { goOn, afterMs, heldUntil } = await device.exchanges(stage.now(device))
    if (!goOn && !(await waits())) return
    stage.clock.now += Math.max(afterMs, heldUntil === null ? 0 : 10_000)
  }
  throw new Broken(but ? 'NoCrossBlock' : 'Drains', JSON.stringify(await waits()))
}
