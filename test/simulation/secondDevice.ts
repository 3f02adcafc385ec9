// Somebody takes up another phone, and goes on with both.
import { Device } from './device.ts'
import * as doings from './doings.ts'
import type { Stage } from './stage.ts'

export async function secondDevice(stage: Stage): Promise<void> {
  const { chances, devices, wire } = stage
  const first = chances.one(devices.filter(({ kind }) => kind === 'relative'))
  const { me, actors } = first
  const second = new Device(me, [...actors.values()], wire.fetcher, devices.filter((one) => one.me === me).length)
  devices.push(second)
  chances.met('secondDevice')
  if (chances.hits(0.5)) await stage.on(first, () => doings.writes(first, stage.around(first)))
  for (const device of [first, second, second]) await stage.on(device, () => device.exchanges(stage.now(device)))
  if (chances.hits(0.3)) return
  await stage.on(second, async () => {
    await doings.takesBack(second, stage.around(second))
    await second.exchanges(stage.now(second))
  })
}
