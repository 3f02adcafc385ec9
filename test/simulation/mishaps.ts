// What befalls a device: it dies between any two of its steps, its disk is full, its storage closes, its clock is set.
import { Dexie } from 'dexie'
import { putMeta } from '#web/outbox/store.ts'
import { Dead, type Device, type Mishap } from './device.ts'
import * as doings from './doings.ts'
import { Broken, contentsOf, ordered } from './invariants.ts'
import { todaysApp } from './next.ts'
import type { Stage } from './stage.ts'

const DAY_MS = 86_400_000

/** @param most how many steps at most still succeed */
export async function fails(stage: Stage, device: Device, what: Mishap, most: number): Promise<void> {
  device.fails(what, stage.chances.below(most))
  if (device.kind === 'relative') {
    const does = stage.chances.one([doings.writes, doings.begins, doings.mends])
    await does(device, stage.around(device))
  }
  await device.exchanges(stage.now(device))
  await stage.restarts(device)
}

export async function storageCloses(stage: Stage, device: Device): Promise<void> {
  const going = device.exchanges(stage.now(device))
  device.store.close()
  await going.catch(() => stage.chances.met('storageClosed'))
  await device.restarts()
}

export async function secondTab(stage: Stage, device: Device): Promise<void> {
  const tab = device.tab()
  const now = stage.now(device)
  // one that was open when the app moved on goes on with the older one
  const older = device.app !== todaysApp && stage.chances.hits(0.8)
  if (older) stage.chances.met('olderTab')
  const app = older ? todaysApp : device.app
  await Promise.allSettled([device.exchanges(now), device.exchanges(now, tab, app)])
  tab.close()
  stage.chances.met('secondTab')
}

export async function cursorIsLost(stage: Stage, device: Device): Promise<void> {
  const far = Object.fromEntries(device.me.facilities.map((facility) => [facility, stage.chances.below(1e6)]))
  await putMeta(device.store, 'cursor', stage.chances.hits(0.5) ? {} : far)
  device.placeLost = true
  stage.chances.met('cursorLost')
}

export async function clockIsSet(stage: Stage, device: Device): Promise<void> {
  const { chances } = stage
  const most = chances.hits(0.3) ? 3650 * DAY_MS : DAY_MS
  const back = device.kind === 'relative' && chances.hits(0.4)
  if (back) await doings.writes(device, stage.around(device))
  if (back) await device.exchanges(stage.now(device))
  device.skew = back ? -chances.below(most) : chances.below(2 * most) - most
  stage.acts(device)
  if (back) await doings.takesBack(device, stage.around(device))
}

/** MigrationKeeps: what lay here before there was a key lies here after it, though the page was killed meanwhile. */
export async function getsKey(stage: Stage, device: Device): Promise<void> {
  const { chances } = stage
  const before = await contentsOf(device)
  const killed = chances.hits(0.7)
  if (killed) device.fails('killed', chances.below(60))
  const sealed = await device.getsKey().catch((fault: unknown) => {
    if (!misfortune(fault)) throw fault
    chances.met('killedInMigration')
    return true
  })
  await stage.restarts(device)
  if (sealed) chances.met('sealed')
  const after = await contentsOf(device)
  if (ordered(after) !== ordered(before))
    throw new Broken('MigrationKeeps', `${JSON.stringify(before)} has become ${JSON.stringify(after)}`)
}

/** What befalls a device is no fault of the program, as long as nothing is lost by it. */
export function misfortune(fault: unknown): string | undefined {
  if (fault instanceof Broken) return undefined
  const inner = fault instanceof Dexie.DexieError ? (fault.inner as Error | undefined) : undefined
  for (const one of [fault, inner]) {
    if (one instanceof Dead) return 'batteryDied'
    if (one instanceof Error && one.name === 'QuotaExceededError') return 'diskWasFull'
    if (one instanceof Error && /DatabaseClosed|InvalidState|Abort|TransactionInactive/.test(one.name))
      return 'storageClosed'
  }
  return undefined
}
