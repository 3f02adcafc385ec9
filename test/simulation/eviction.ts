// A browser that has run out of room throws away all that a phone keeps, and says nothing of it. Its mark does.
import { lookForLoss } from '#web/outbox/canary.ts'
import { getMeta } from '#web/outbox/store.ts'
import { leaves } from './alone.ts'
import type { Device } from './device.ts'
import * as doings from './doings.ts'
import { Broken } from './invariants.ts'
import type { Stage } from './stage.ts'

/** SaidOnce: where the mark is left, it is said how much is lost that no house has, and said until it was read. */
export async function isEvicted(stage: Stage, device: Device): Promise<void> {
  const { chances, witness } = stage
  // The app is opened, and stays open for so long that it has noted how much lies here.
  await lookForLoss(device.store)
  if (device.kind === 'relative') await doings.writes(device, stage.around(device))
  await leaves(stage, { devices: [device], minutes: chances.below(3), untilSent: false, frozen: undefined })
  const waited = await device.store.outbox.count()
  await stage.holds()

  const markToo = chances.hits(0.2)
  device.isCleared(markToo)
  witness.isCleared(device)
  stage.acts(device)
  chances.met('evicted')
  if (waited > 0) chances.met('evictedWithWaiting')
  const said = await whatIsSaid(device)
  if (said !== (markToo ? undefined : waited))
    throw new Broken('SaidOnce', `${waited} commands were thrown away, and it is said that there were ${said}`)
  await device.exchanges(stage.now(device))

  await stage.restarts(device)
  if ((await whatIsSaid(device)) !== said)
    throw new Broken('SaidOnce', 'nobody has read it, and it is not said any more')
  await device.store.meta.delete('lost')
  await stage.restarts(device)
  if ((await whatIsSaid(device)) !== undefined) throw new Broken('SaidOnce', 'it has been read, and is said again')
}

/** What somebody is told who opens the app now. */
async function whatIsSaid({ store }: Device): Promise<number | undefined> {
  await lookForLoss(store)
  return getMeta<number>(store, 'lost')
}
