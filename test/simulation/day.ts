// One simulated day of a province: people write, decide and read on devices that die, over networks that cut, against
// databases that fail.
import { chance } from '#test/chance.ts'
import { worksByItself } from './alone.ts'
import { openHouse, relativeOf } from './cast.ts'
import type { Sometimes } from './chances.ts'
import { Device } from './device.ts'
import * as doings from './doings.ts'
import { isEvicted } from './eviction.ts'
import { heals } from './healing.ts'
import { nextTurn, travelsOver } from './machine.ts'
import { minuteOf, thaws, tieEnds } from './houses.ts'
import * as mishaps from './mishaps.ts'
import { Ledger } from './ledger.ts'
import { looksAway, Rivals } from './officers.ts'
import type { Happening, What } from './plan.ts'
import { secondDevice } from './secondDevice.ts'
import type { Province } from './province.ts'
import { Stage } from './stage.ts'
import { appMovesOn, housesMoveOn } from './versions.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** The binding of the database with the ledger of this house. */
const nameOf = (nth: number) => (nth === 0 ? 'DB' : `LEDGER${nth}`)

/** What happens while something else is on its way. */
const besides = [
  ...(['exchanges', 'exchanges', 'exchanges', 'decides', 'decides', 'reads', 'reads', 'writes', 'writes'] as const),
  ...(['sessionEnds', 'sessionEnds', 'minutePasses', 'minutePasses', 'tieEnds'] as const),
]

export class Day {
  readonly #stage: Stage
  readonly #rivals: Rivals
  /** one thing happens beside another at most once */
  #besides = false
  /** on some days what hung is written at the worst time: the chances of it */
  #wakes: (() => number) | undefined
  /** what others do, and has not ended */
  readonly #going = new Set<Promise<void>>()

  constructor(seed: number, sometimes: Sometimes, province: Province) {
    this.#stage = new Stage(seed, sometimes, province)
    this.#stage.meanwhile = () => this.#goesOn(this.#somethingBesides())
    this.#rivals = new Rivals(this.#stage)
  }

  /** @throws Broken */
  async plays(plan: readonly Happening[]): Promise<void> {
    travelsOver('http/1.1')
    await this.#begins(plan.find(({ what }) => what === 'oneDatabase'))
    for (const { what, seed } of plan) {
      this.#stage.chances.begins(seed)
      await this.#does[what]()
      await this.#allEnds()
      await this.#stage.holds()
    }
    await heals(this.#stage)
  }

  isOver(): void {
    for (const device of this.#stage.devices) device.isOver()
  }

  /** Everybody has signed in once, on a day on which everything worked. */
  async #begins(oneDatabase: Happening | undefined): Promise<void> {
    const { chances, clock, houses, devices, province, wire } = this.#stage
    const count = chances.one([1, 1, 1, 2, 2, 3])
    // so many houses are in the first one's database
    const together = oneDatabase ? 2 + (oneDatabase.seed % 2) : 1
    if (together > 1 && count > 1) chances.met('oneDatabase')
    for (let nth = 0; nth < count; nth += 1) {
      const neighbour = nth < together ? houses[0]?.ledger : undefined
      const status = chances.hits(0.7) ? 'serving' : 'untried'
      houses.push(
        await openHouse(clock.now, nth, status, neighbour ?? new Ledger(await province.disk(nth), nameOf(nth))),
      )
    }
    const people = [
      await relativeOf(houses, clock.now),
      await relativeOf(houses.slice(0, 1), clock.now),
      ...houses.flatMap((house) => [...house.officers, house.kiosk]),
    ]
    for (const { me, actors } of people) {
      const device = new Device(me, actors, wire.fetcher)
      devices.push(device)
      await this.#exchanges(device)
    }
    for (const { ledger } of houses) {
      ledger.befalls = () =>
        !this.#stage.healed && chances.hits(0.06)
          ? chances.met(chances.one(['deadBefore', 'deadAfter', 'stalls'] as const))
          : undefined
      ledger.meanwhile = () => {
        const besides = () => this.#goesOn(this.#rivals.actOr(() => this.#somethingBesides()))
        return this.#wakes ? this.#wakesInTheMidst(ledger, this.#wakes).then(besides) : besides()
      }
      ledger.patience = () => clock.passDeadlines()
    }
    this.#stage.healed = false
  }

  readonly #does: Record<What, () => Promise<unknown>> = {
    writes: () => this.#by('relative', doings.writes),
    mends: () => this.#by('relative', doings.mends),
    appeals: () => this.#by('relative', doings.appeals),
    takesBack: () => this.#by('relative', doings.takesBack),
    decides: () => this.#by('officer', (device, around) => doings.moves(device, around, doings.decisions, true)),
    undoes: () => this.#by('officer', doings.undoes),
    reads: () => this.#by('kiosk', (device, around) => doings.moves(device, around, doings.readings, false)),
    exchanges: () => this.#stage.by('anybody', (device) => device.exchanges(this.#stage.now(device))),
    races: () => this.#rivals.races(),
    looksAway: () => looksAway(this.#stage),

    isKilled: () => this.#befalls('anybody', (stage, device) => mishaps.fails(stage, device, 'killed', 30)),
    losesPower: () => this.#befalls('anybody', (stage, device) => mishaps.fails(stage, device, 'powerCut', 30)),
    diskIsFull: () => this.#befalls('anybody', (stage, device) => mishaps.fails(stage, device, 'quota', 8)),
    worksByItself: () => worksByItself(this.#stage),
    storageCloses: () => this.#befalls('anybody', mishaps.storageCloses),
    secondTab: () => this.#befalls('anybody', mishaps.secondTab),
    // An officer's tablet reads its queue anew, another way than by the feed: what it holds beside it is history.
    cursorIsLost: () => this.#befalls(this.#stage.chances.one(['relative', 'kiosk'] as const), mishaps.cursorIsLost),
    secondDevice: () => secondDevice(this.#stage),
    oneDatabase: () => Promise.resolve(), // so it was from the beginning
    sharesConnections: () => Promise.resolve(travelsOver('h2')),
    isEvicted: () => this.#befalls(this.#stage.chances.one(['relative', 'relative', 'kiosk'] as const), isEvicted),
    housesMoveOn: () => Promise.resolve(housesMoveOn(this.#stage)),
    appMovesOn: () => this.#befalls('anybody', appMovesOn),
    clockIsSet: () => this.#befalls('anybody', mishaps.clockIsSet),
    getsKey: () => this.#befalls('anybody', mishaps.getsKey),
    sessionEnds: () => this.#sessionEnds(),
    signsIn: async () => {
      for (const device of this.#stage.devices) device.session = device.me
    },

    timePasses: async () => {
      const { chances, clock } = this.#stage
      clock.now += chances.below(chances.hits(0.1) ? 40 * DAY_MS : 30 * MINUTE_MS)
    },
    minutePasses: () => minuteOf(this.#stage, this.#oneHouse()).catch(() => this.#stage.chances.met('minuteFailed')),
    tieEnds: () => tieEnds(this.#stage, this.#besides),
    ledgerFails: async () => {
      const { ledger } = this.#oneHouse()
      ledger.down = !ledger.down
    },
    ledgerThaws: () => thaws(this.#stage, this.#oneHouse()),
    wakesInTheMidst: async () => {
      this.#wakes = chance(this.#stage.chances.below(2 ** 31))
    },
    lateArrives: async () => {
      if (await this.#stage.wire.late.shift()?.()) this.#stage.chances.met('lateArrived')
    },
  }

  /** Between what a request reads and what it writes, there is suddenly what hung before. */
  async #wakesInTheMidst(ledger: Ledger, chances: () => number): Promise<void> {
    if (ledger.stalled.length === 0 || this.#stage.healed || chances() > 0.3) return
    this.#stage.chances.met('wokeInTheMidst')
    await thaws(this.#stage, { ledger })
  }

  readonly #oneHouse = () => this.#stage.chances.one(this.#stage.houses)

  readonly #exchanges = (device: Device) => this.#stage.on(device, () => device.exchanges(this.#stage.now(device)))

  /** What somebody of this kind does. */
  readonly #by = (kind: Device['kind'], does: (device: Device, around: doings.Around) => Promise<unknown>) =>
    this.#stage.by(kind, (device) => does(device, this.#stage.around(device)))

  /** What befalls a device of this kind. */
  readonly #befalls = (kind: Device['kind'] | 'anybody', befalls: (stage: Stage, device: Device) => Promise<unknown>) =>
    this.#stage.by(kind, (device) => befalls(this.#stage, device))

  async #sessionEnds(): Promise<void> {
    const { chances, devices, acting } = this.#stage
    const device = this.#besides && acting ? acting : chances.one(devices)
    const other = chances.hits(0.5) ? undefined : chances.one(devices).me
    device.session = other
    if (this.#besides && other && other !== device.me) chances.met('accountSwitchedInSync')
  }

  #goesOn(task: Promise<void>): Promise<void> {
    this.#going.add(task)
    return task.finally(() => this.#going.delete(task))
  }

  /** A house that has lost patience with its ledger answers before all has ended that others do meanwhile. */
  async #allEnds(): Promise<void> {
    if (this.#going.size === 0) return
    while (this.#going.size > 0) await Promise.all(this.#going).then(nextTurn)
    this.#stage.acts(undefined)
  }

  /** While a request or a trip is on its way something else may happen; never more than one thing deep. */
  async #somethingBesides(): Promise<void> {
    const { chances, witness, living, healed } = this.#stage
    if (this.#besides || living || this.#rivals.racing || healed || !chances.hits(0.15)) return
    this.#besides = true
    await chances
      .besides(() => this.#does[chances.met(chances.one(besides))]())
      .catch((fault: unknown) => witness.notes(fault))
    this.#besides = false
  }
}
