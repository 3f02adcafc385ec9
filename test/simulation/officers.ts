// Two officers and one letter: they decide about it at the same moment, or about what is no longer there.
import type { Held } from '#web/outbox/store.ts'
import type { Device } from './device.ts'
import * as doings from './doings.ts'
import type { Stage } from './stage.ts'

/** What others do between the load and the save of a request, so that it loses its race. */
export class Rivals {
  readonly #stage: Stage
  #waiting: (() => Promise<void>)[] = []
  #trips = 0

  constructor(stage: Stage) {
    this.#stage = stage
  }

  /** whether a race is on */
  get racing(): boolean {
    return this.#waiting.length > 0
  }

  /** A trip to a ledger is on its way: every second one of a race is a save. */
  async actOr(otherwise: () => Promise<void>): Promise<void> {
    if (!this.racing) return otherwise()
    this.#trips += 1
    if (this.#trips % 2 !== 0) return
    const [acts, ...later] = this.#waiting
    this.#waiting = []
    await acts?.().catch((fault: unknown) => this.#stage.witness.notes(fault))
    this.#waiting = later
  }

  /** Two officers decide about one letter, and the second's decision arrives between the first's load and its save. */
  async races(): Promise<void> {
    const stage = this.#stage
    const facing = await twoFacing(stage)
    if (!facing) return
    const { one, other, held, facility } = facing
    const same = held && (await other.store.matters.get(held.id))
    if (!same) return
    await decides(stage, one, held, 'approve')
    const way = stage.chances.one(['once', 'twice', 'letter'] as const)
    const twice = way === 'twice'
    const writer = stage.devices.find(({ kind, me }) => kind === 'relative' && me.facilities.includes(facility))
    if (way === 'once') await decides(stage, other, same, 'withhold')
    // what the second fold meets is lost once more, where the other decides and takes it back each time
    const acts = async () => {
      if (twice) for (const move of ['approve', 'recall']) await decides(stage, other, same, move)
      if (way === 'letter' && writer)
        return stage.on(writer, async () => {
          await doings.writes(writer, stage.around(writer))
          await writer.exchanges(stage.now(writer))
        })
      await exchanges(stage, other)
    }
    this.#trips = 0
    this.#waiting = twice ? [acts, acts] : [acts]
    await exchanges(stage, one)
    this.#waiting = []
  }
}

/** An officer decides about a letter that has been returned and mended since they looked at it. */
export async function looksAway(stage: Stage): Promise<void> {
  const { one, other, held } = (await twoFacing(stage)) ?? {}
  const writer = stage.devices.find(({ me }) => me.account === held?.matter.account)
  if (!one || !other || !held || !writer) return
  await decides(stage, other, held, 'return')
  await exchanges(stage, other)
  await stage.on(writer, async () => {
    await writer.exchanges(stage.now(writer))
    await doings.mends(writer, stage.around(writer), held.id)
    await writer.exchanges(stage.now(writer))
  })
  await decides(stage, one, held, 'approve')
  await exchanges(stage, one)
}

/** Two officers of one house who have just heard its news, and a letter that the first of them may decide about. */
async function twoFacing(stage: Stage) {
  const { facility } = stage.chances.one(stage.houses)
  const [one, other] = stage.devices.filter(({ kind, me }) => kind === 'officer' && me.facilities.includes(facility))
  if (!one || !other) return undefined
  for (const device of [one, other]) await exchanges(stage, device)
  return { facility, one, other, held: await doings.heldIn(one, stage.around(one), ['submitted']) }
}

const exchanges = (stage: Stage, device: Device) => stage.on(device, () => device.exchanges(stage.now(device)))

const decides = (stage: Stage, device: Device, held: Held, move: string) =>
  stage.on(device, () => doings.decides(device, stage.around(device), held, move, doings.decisions, false))
