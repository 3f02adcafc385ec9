// Devices that nobody touches for a while, in the middle of a bad day or at its end.
import { newId } from '#db/id.ts'
import { chance } from '#test/chance.ts'
import { putMeta } from '#web/outbox/store.ts'
import * as doings from './doings.ts'
import type { Left } from './living.ts'
import type { Stage } from './stage.ts'

/** Some are left to themselves for a while, on the same bad day; a tab among them may have frozen in its turn. */
export async function worksByItself(stage: Stage): Promise<void> {
  const { chances } = stage
  const devices = [...new Set([chances.one(stage.devices), chances.one(stage.devices)])]
  const frozen = chances.hits(0.3) ? devices[0] : undefined
  for (const device of devices)
    if (device.kind === 'relative') await stage.on(device, () => doings.writes(device, stage.around(device)))
  chances.met('workedByItself')
  await leaves(stage, { devices, minutes: 5 + chances.below(15), untilSent: false, frozen })
}

export async function leaves(stage: Stage, left: Omit<Left, 'random'>): Promise<void> {
  const { chances } = stage
  const locks = left.frozen !== undefined || chances.hits(0.6)
  if (left.frozen) chances.met('turnNeverReleased')
  if (!locks) chances.met('withoutWebLocks')
  // and the tab that had the lease has died with it
  const [first] = left.devices
  if (!locks && first && chances.hits(0.5))
    await putMeta(first.store, 'lease', { by: newId(), until: stage.now(first) + 5000 })
  const random = chance(chances.below(2 ** 31))
  for (const device of left.devices) stage.acted.add(device)
  stage.living = true
  await stage.browsers.leaves({ ...left, random }, locks)
  stage.living = false
}
