// The product moves on in the middle of a day: the houses get the server of the next version, or somebody has its app
// while the houses do not have it yet.
import type { Device } from './device.ts'
import * as doings from './doings.ts'
import { nextApp, todaysApp } from './next.ts'
import type { Stage } from './stage.ts'

/** One server is all houses': those who have not closed their app for long go on with the older one. */
export function housesMoveOn(stage: Stage): void {
  if (stage.movedOn) return
  stage.movedOn = true
  stage.chances.met('housesMovedOn')
}

/** What the older app made may still wait when the newer one opens. */
export async function appMovesOn(stage: Stage, device: Device): Promise<void> {
  if (device.app !== todaysApp) return
  const writes = async () => {
    if (device.kind === 'relative') await doings.writes(device, stage.around(device))
  }
  if (stage.chances.hits(0.5)) await writes()
  device.app = nextApp
  await stage.restarts(device)
  stage.chances.met(stage.movedOn ? 'appMovedOn' : 'appMovedOnFirst')
  await writes()
  await device.exchanges(stage.now(device))
}

/** No app is newer than its houses for ever. */
export function housesCatchUp(stage: Stage): void {
  if (stage.devices.some(({ app }) => app === nextApp)) housesMoveOn(stage)
}
