// One simulated day of a province: people write, decide and read on devices that die, over networks that cut, against
// databases that fail.
import { Dexie } from 'dexie'
import { newId } from '#db/id.ts'
import { longestPauseMs } from '#web/outbox/live.ts'
import { chance } from '#test/chance.ts'
import type { Me } from '#worker/env.ts'
import { minute } from '#worker/minute.ts'
import { putMeta, type Held } from '#web/outbox/store.ts'
import { audited, endsTie, envOf, openHouse, relativeOf, type House } from './cast.ts'
import { Chances, type Sometimes } from './chances.ts'
import { Clock } from './clock.ts'
import { Dead, Device, type Mishap } from './device.ts'
import * as doings from './doings.ts'
import { Broken, contentsOf, converges, lyingOn, ordered } from './invariants.ts'
import { Browsers, type Left } from './living.ts'
import type { Work } from './ledger.ts'
import type { Province } from './province.ts'
import type { Happening, What } from './plan.ts'
import { openWire, weathers } from './wire.ts'
import { Witness } from './witness.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** What happens while something else is on its way. */
const besides = [
  ...(['exchanges', 'exchanges', 'exchanges', 'decides', 'decides', 'reads', 'reads', 'writes', 'writes'] as const),
  ...(['sessionEnds', 'sessionEnds', 'minutePasses', 'minutePasses', 'tieEnds'] as const),
]

export class Day {
  readonly #province: Province
  readonly #clock: Clock
  readonly #chances: Chances
  readonly #witness: Witness
  readonly #houses: House[] = []
  readonly #devices: Device[] = []
  #acting: Device | undefined
  /** who did something since what must hold was last looked at */
  readonly #acted = new Set<Device>()
  /** one thing happens beside another at most once */
  #besides = false
  /** what is done each time between the load and the save of a request that is to lose its race */
  #rivals: (() => Promise<void>)[] = []
  #trips = 0
  #healed = true
  /** devices are left to themselves, and time goes on by itself */
  #living = false
  readonly #browsers: Browsers
  /** on some days everybody has much to say */
  readonly #long: number
  /** on some days every network is slow, and stays so when nothing else is wrong any more: how long an exchange takes */
  readonly #slowMs: (() => number) | undefined
  readonly #wire = openWire({
    answers: (request, me) => this.#answers(request, me),
    weather: () => (!this.#healed && this.#chances.hits(0.3) ? this.#chances.one(weathers) : undefined),
    slowMs: () => this.#slow(),
    // Most answers have little to say: one that has much is cut more often than weather alone would cut it.
    cutsAt: (weather, lines) =>
      weather === 'answerCut' || (!this.#healed && lines > 2 && this.#chances.hits(0.3))
        ? this.#chances.below(1000) / 1000
        : 1,
    timeGoesOn: () => this.#living,
    met: (name) => this.#chances.met(name),
    meanwhile: () => this.#somethingBesides(),
    comes: (request) => this.#witness.comes(request),
    sees: (device, request, answer) => this.#witness.sees(device, request, answer),
  })

  constructor(seed: number, sometimes: Sometimes, province: Province) {
    this.#province = province
    this.#chances = new Chances(seed, sometimes)
    this.#long = this.#chances.hits(0.08) ? 0.5 : 0.005
    // a chance of its own, so that the days known by name stay as they were
    const ofNetworks = chance(seed + 17)
    if (ofNetworks() < 0.2) this.#slowMs = () => Math.floor(300 + 3000 * ofNetworks())
    this.#clock = new Clock(seed)
    this.#witness = new Witness(this.#chances, this.#houses)
    this.#browsers = new Browsers(this.#clock, () => this.#wire.busy())
  }

  /** @throws Broken */
  async plays(plan: readonly Happening[]): Promise<void> {
    await this.#begins()
    for (const { what, seed } of plan) {
      this.#chances.begins(seed)
      await this.#does[what]()
      await this.#holds()
    }
    await this.#heals()
  }

  async #holds(): Promise<void> {
    await this.#witness.holds(this.#acted)
    this.#acted.clear()
  }

  /** Everybody has signed in once, on a day on which everything worked. */
  async #begins(): Promise<void> {
    const count = this.#chances.one([1, 1, 1, 2, 2, 3])
    for (let nth = 0; nth < count; nth += 1)
      this.#houses.push(
        await openHouse(
          this.#clock.now,
          nth,
          this.#chances.hits(0.7) ? 'serving' : 'untried',
          await this.#province.disk(nth),
        ),
      )
    const people = [
      await relativeOf(this.#houses, this.#clock.now),
      await relativeOf(this.#houses.slice(0, 1), this.#clock.now),
      ...this.#houses.flatMap((house) => [...house.officers, house.kiosk]),
    ]
    for (const { me, actors } of people) {
      const device = new Device(me, actors, this.#wire.fetcher)
      this.#devices.push(device)
      await this.#on(device, () => device.exchanges(this.#now(device)))
    }
    for (const { ledger } of this.#houses) {
      ledger.befalls = () =>
        !this.#healed && this.#chances.hits(0.06)
          ? this.#chances.met(this.#chances.one(['deadBefore', 'deadAfter', 'stalls'] as const))
          : undefined
      ledger.meanwhile = () => this.#rivalOr(() => this.#somethingBesides())
      ledger.patience = () => this.#clock.passDeadlines()
    }
    this.#healed = false
  }

  readonly #does: Record<What, () => Promise<unknown>> = {
    writes: () => this.#by('relative', (device) => doings.writes(device, this.#around(device))),
    mends: () => this.#by('relative', (device) => doings.mends(device, this.#around(device))),
    appeals: () => this.#by('relative', (device) => doings.appeals(device, this.#around(device))),
    takesBack: () => this.#by('relative', (device) => doings.takesBack(device, this.#around(device))),
    decides: () => this.#by('officer', (device) => doings.moves(device, this.#around(device), doings.decisions, true)),
    undoes: () => this.#by('officer', (device) => doings.undoes(device, this.#around(device))),
    reads: () => this.#by('kiosk', (device) => doings.moves(device, this.#around(device), doings.readings, false)),
    exchanges: () => this.#by('anybody', (device) => device.exchanges(this.#now(device))),
    races: () => this.#races(),
    looksAway: () => this.#looksAway(),

    isKilled: () => this.#by('anybody', (device) => this.#fails(device, 'killed', 30)),
    losesPower: () => this.#by('anybody', (device) => this.#fails(device, 'powerCut', 30)),
    diskIsFull: () => this.#by('anybody', (device) => this.#fails(device, 'quota', 8)),
    worksByItself: () => this.#worksByItself(),
    storageCloses: () =>
      this.#by('anybody', async (device) => {
        const going = device.exchanges(this.#now(device))
        device.store.close()
        await going.catch(() => this.#chances.met('storageClosed'))
        await device.restarts()
      }),
    secondTab: () =>
      this.#by('anybody', async (device) => {
        const tab = device.tab()
        await Promise.allSettled([device.exchanges(this.#now(device)), device.exchanges(this.#now(device), tab)])
        tab.close()
        this.#chances.met('secondTab')
      }),
    // An officer's tablet reads its queue anew, another way than by the feed: what it holds beside it is history.
    cursorIsLost: () =>
      this.#by(this.#chances.one(['relative', 'kiosk'] as const), async (device) => {
        const far = Object.fromEntries(device.me.facilities.map((facility) => [facility, this.#chances.below(1e6)]))
        await putMeta(device.store, 'cursor', this.#chances.hits(0.5) ? {} : far)
        device.placeLost = true
        this.#chances.met('cursorLost')
      }),
    clockIsSet: () =>
      this.#by('anybody', async (device) => {
        const most = this.#chances.hits(0.3) ? 3650 * DAY_MS : DAY_MS
        const back = device.kind === 'relative' && this.#chances.hits(0.4)
        if (back) await doings.writes(device, this.#around(device))
        if (back) await device.exchanges(this.#now(device))
        device.skew = back ? -this.#chances.below(most) : this.#chances.below(2 * most) - most
        this.#acts(device)
        if (back) await doings.takesBack(device, this.#around(device))
      }),
    sessionEnds: async () => {
      const device = this.#besides && this.#acting ? this.#acting : this.#chances.one(this.#devices)
      const other = this.#chances.hits(0.5) ? undefined : this.#chances.one(this.#devices).me
      device.session = other
      if (this.#besides && other && other !== device.me) this.#chances.met('accountSwitchedInSync')
    },
    signsIn: async () => {
      for (const device of this.#devices) device.session = device.me
    },

    getsKey: () => this.#by('anybody', (device) => this.#getsKey(device)),

    timePasses: async () => {
      this.#clock.now += this.#chances.below(this.#chances.hits(0.1) ? 40 * DAY_MS : 30 * MINUTE_MS)
    },
    minutePasses: () => this.#minute(this.#chances.one(this.#houses)).catch(() => this.#chances.met('minuteFailed')),
    tieEnds: async () => {
      if (this.#besides && !this.#chances.hits(0.1)) return
      const relative = this.#chances.one(this.#devices.filter(({ kind }) => kind === 'relative'))
      await endsTie(this.#chances.one(this.#houses), relative.me.account, this.#clock.now)
        .then(() => this.#chances.met(this.#besides ? 'tieEndedInSync' : 'tieEnded'))
        .catch(() => undefined) // its ledger failed: nothing of it was written
    },
    ledgerFails: async () => {
      const { ledger } = this.#chances.one(this.#houses)
      ledger.down = !ledger.down
    },
    ledgerThaws: async () => this.#thaws(this.#chances.one(this.#houses)),
    lateArrives: async () => {
      if (await this.#wire.late.shift()?.()) this.#chances.met('lateArrived')
    },
  }

  /** Something done on one of these devices; a dead one is charged and started again. */
  async #by(kind: Device['kind'] | 'anybody', task: (device: Device) => Promise<unknown>): Promise<void> {
    const device = this.#chances.one(this.#devices.filter((one) => kind === 'anybody' || one.kind === kind))
    await this.#on(device, async () => {
      try {
        await task(device)
      } catch (fault) {
        const met = misfortune(fault)
        if (!met) throw fault
        this.#chances.met(met)
        await this.#restarts(device)
      }
    })
  }

  /** One device acts at a time: its clock is the clock, its files are the browser's. */
  async #on(device: Device, task: () => Promise<unknown>): Promise<void> {
    const before = this.#acting
    this.#acts(device)
    await task()
    this.#acts(before)
  }

  #acts(device: Device | undefined): void {
    this.#acting = device
    if (device) this.#acted.add(device)
    this.#clock.skew = device?.skew ?? 0
    device?.takesTheStage()
  }

  #around = (device: Device): doings.Around => ({
    chances: this.#chances,
    witness: this.#witness,
    long: this.#long,
    now: this.#now(device),
  })

  #now = (device: Device): number => this.#clock.now + device.skew

  /** Two officers decide about one letter, and the second's decision arrives between the first's load and its save. */
  async #races(): Promise<void> {
    const { facility } = this.#chances.one(this.#houses)
    const [one, other] = this.#devices.filter(({ kind, me }) => kind === 'officer' && me.facilities.includes(facility))
    if (!one || !other) return
    for (const device of [one, other]) await this.#on(device, () => device.exchanges(this.#now(device)))
    const held = await doings.heldIn(one, this.#around(one), ['submitted'])
    const same = held && (await other.store.matters.get(held.id))
    if (!same) return
    await this.#on(one, () => doings.decides(one, this.#around(one), held, 'approve', doings.decisions, false))
    const way = this.#chances.one(['once', 'twice', 'letter'] as const)
    const twice = way === 'twice'
    const writer = this.#devices.find(({ kind, me }) => kind === 'relative' && me.facilities.includes(facility))
    if (way === 'once')
      await this.#on(other, () => doings.decides(other, this.#around(other), same, 'withhold', doings.decisions, false))
    // what the second fold meets is lost once more, where the other decides and takes it back each time
    const acts = async () => {
      if (twice) await this.#on(other, () => this.#decidesAndRecalls(other, same))
      if (way === 'letter' && writer)
        return this.#on(writer, async () => {
          await doings.writes(writer, this.#around(writer))
          await writer.exchanges(this.#now(writer))
        })
      await this.#on(other, () => other.exchanges(this.#now(other)))
    }
    this.#trips = 0
    this.#rivals = twice ? [acts, acts] : [acts]
    await this.#on(one, () => one.exchanges(this.#now(one)))
    this.#rivals = []
  }

  async #decidesAndRecalls(device: Device, held: Held): Promise<void> {
    for (const move of ['approve', 'recall'])
      await doings.decides(device, this.#around(device), held, move, doings.decisions, false)
  }

  /** An officer decides about a letter that has been returned and mended since they looked at it. */
  async #looksAway(): Promise<void> {
    const { facility } = this.#chances.one(this.#houses)
    const [one, other] = this.#devices.filter(({ kind, me }) => kind === 'officer' && me.facilities.includes(facility))
    if (!one || !other) return
    for (const device of [one, other]) await this.#on(device, () => device.exchanges(this.#now(device)))
    const held = await doings.heldIn(one, this.#around(one), ['submitted'])
    const writer = this.#devices.find(({ me }) => me.account === held?.matter.account)
    if (!held || !writer) return
    await this.#on(other, async () => {
      await doings.decides(other, this.#around(other), held, 'return', doings.decisions, false)
      await other.exchanges(this.#now(other))
    })
    await this.#on(writer, async () => {
      await writer.exchanges(this.#now(writer))
      await doings.mends(writer, this.#around(writer), held.id)
      await writer.exchanges(this.#now(writer))
    })
    await this.#on(one, async () => {
      await doings.decides(one, this.#around(one), held, 'approve', doings.decisions, false)
      await one.exchanges(this.#now(one))
    })
  }

  /** @param most how many steps at most still succeed */
  async #fails(device: Device, what: Mishap, most: number): Promise<void> {
    device.fails(what, this.#chances.below(most))
    if (device.kind === 'relative') {
      const does = this.#chances.one([doings.writes, doings.begins, doings.mends])
      await does(device, this.#around(device))
    }
    await device.exchanges(this.#now(device))
    await this.#restarts(device)
  }

  /** MigrationKeeps: what lay here before there was a key lies here after it, though the page was killed meanwhile. */
  async #getsKey(device: Device): Promise<void> {
    const before = await contentsOf(device)
    const killed = this.#chances.hits(0.7)
    if (killed) device.fails('killed', this.#chances.below(60))
    const sealed = await device.getsKey().catch((fault: unknown) => {
      if (!misfortune(fault)) throw fault
      this.#chances.met('killedInMigration')
      return true
    })
    await this.#restarts(device)
    if (sealed) this.#chances.met('sealed')
    const after = await contentsOf(device)
    if (ordered(after) !== ordered(before))
      throw new Broken('MigrationKeeps', `${JSON.stringify(before)} has become ${JSON.stringify(after)}`)
  }

  async #restarts(device: Device): Promise<void> {
    if (await device.restarts()) this.#chances.met('relaxedWriteLost')
  }

  async #rivalOr(otherwise: () => Promise<void>): Promise<void> {
    if (this.#rivals.length === 0) return otherwise()
    this.#trips += 1
    if (this.#trips % 2 !== 0) return
    const [acts, ...later] = this.#rivals
    this.#rivals = []
    await acts?.().catch((fault: unknown) => this.#witness.notes(fault))
    this.#rivals = later
  }

  /** While a request or a trip is on its way something else may happen; never more than one thing deep. */
  async #somethingBesides(): Promise<void> {
    if (this.#besides || this.#living || this.#rivals.length > 0 || this.#healed || !this.#chances.hits(0.15)) return
    this.#besides = true
    await this.#chances
      .besides(() => this.#does[this.#chances.met(this.#chances.one(besides))]())
      .catch((fault: unknown) => this.#witness.notes(fault))
    this.#besides = false
  }

  async #answers(request: Request, me: Me): Promise<{ body: unknown; status: number }> {
    const works = this.#houses.map((): Work => ({ trips: 0, statements: 0 }))
    const answer = await this.#province.answers({ request, me, houses: this.#houses, works, now: this.#clock.now })
    for (const work of works) this.#witness.counts(work)
    return answer
  }

  #slow(): number {
    const ms = this.#slowMs?.() ?? 0
    if (ms > 0) this.#chances.met('slow')
    if (!this.#living) this.#clock.now += ms
    return ms
  }

  #minute = (house: House) => minute(envOf([house]), house.facility, this.#clock.now)

  /** What hung is written after all, long after everybody has gone. */
  async #thaws({ ledger }: House): Promise<void> {
    const [write] = ledger.stalled.splice(this.#chances.below(ledger.stalled.length), 1)
    if (!write) return
    try {
      await write()
      this.#chances.met('stalledWroteLate')
    } catch {
      this.#chances.met('stalledLostLate') // its chain had moved on
    }
  }

  /** Some are left to themselves for a while, on the same bad day; a tab among them may have frozen in its turn. */
  async #worksByItself(): Promise<void> {
    const devices = [...new Set([this.#chances.one(this.#devices), this.#chances.one(this.#devices)])]
    const frozen = this.#chances.hits(0.3) ? devices[0] : undefined
    for (const device of devices)
      if (device.kind === 'relative') await this.#on(device, () => doings.writes(device, this.#around(device)))
    this.#chances.met('workedByItself')
    await this.#leaves({ devices, minutes: 5 + this.#chances.below(15), untilSent: false, frozen })
  }

  async #leaves(left: Omit<Left, 'random'>): Promise<void> {
    const locks = left.frozen !== undefined || this.#chances.hits(0.6)
    if (left.frozen) this.#chances.met('turnNeverReleased')
    if (!locks) this.#chances.met('withoutWebLocks')
    // and the tab that had the lease has died with it
    const [first] = left.devices
    if (!locks && first && this.#chances.hits(0.5))
      await putMeta(first.store, 'lease', { by: newId(), until: this.#now(first) + 5000 })
    const random = chance(this.#chances.below(2 ** 31))
    for (const device of left.devices) this.#acted.add(device)
    this.#living = true
    await this.#browsers.leaves({ ...left, random }, locks)
    this.#living = false
  }

  /** The weather clears, everything works, everybody signs in: then everything that waits must come to rest. */
  async #heals(): Promise<void> {
    const [down, ...others] = this.#houses
    if (down && others.length > 0 && this.#chances.hits(0.5)) await this.#othersGoOn(down)
    for (const house of this.#houses) {
      house.ledger.down = false
      while (house.ledger.stalled.length > 0) await this.#thaws(house)
    }
    this.#clears()
    for (const arrives of this.#wire.late.splice(0)) await arrives()
    this.#clock.now += 5 * MINUTE_MS
    const byItself = this.#chances.hits(0.1)
    for (let round = 0; round < 2; round += 1) {
      for (const house of this.#houses) await this.#minute(house)
      if (byItself) await this.#drainsByItself(round)
      else for (const device of this.#devices) await this.#on(device, () => this.#drains(device))
    }
    for (const device of this.#devices) this.#acted.add(device)
    await this.#holds()
    for (const device of this.#devices) await converges(device, this.#houses)
    for (const house of this.#houses) await audited(house, this.#clock.now)
  }

  #clears(): void {
    this.#healed = true
    for (const device of this.#devices) {
      device.session = device.me
      device.skew = 0
    }
  }

  /** NoCrossBlock: everything works but one house's ledger, and everybody gets through to the others. */
  async #othersGoOn(down: House): Promise<void> {
    this.#clears()
    for (const { ledger } of this.#houses) ledger.down = ledger === down.ledger
    for (const device of this.#devices) {
      if (device.kind !== 'relative') continue
      await this.#on(device, () => this.#drains(device, down))
    }
    this.#chances.met(this.#houses.length === 3 ? 'oneOfThreeDown' : 'oneOfTwoDown')
    await this.#holds()
  }

  /** Drains, Unlock and Converges by the product's own pacing: nobody touches anything. */
  async #drainsByItself(round: number): Promise<void> {
    const frozen = round === 0 && this.#chances.hits(0.3) ? this.#chances.one(this.#devices) : undefined
    const devices = this.#devices
    await this.#leaves({ devices, minutes: (2 * longestPauseMs) / MINUTE_MS, untilSent: round === 0, frozen })
    for (const device of devices) {
      const [waits] = (await lyingOn(device)).outbox
      if (waits) throw new Broken('Drains', `after twice the longest pause there waits ${JSON.stringify(waits)}`)
    }
    this.#chances.met('drainedByItself')
  }

  /** @param but a house that can't be reached */
  async #drains(device: Device, but?: House): Promise<void> {
    const waits = async () => (await lyingOn(device)).outbox.find(({ command }) => command.facility !== but?.facility)
    for (let exchanges = 0; exchanges < 60; exchanges += 1) {
      const { goOn, afterMs, heldUntil } = await device.exchanges(this.#now(device))
      if (!goOn && !(await waits())) return
      this.#clock.now += Math.max(afterMs, heldUntil === null ? 0 : 10_000)
    }
    throw new Broken(but ? 'NoCrossBlock' : 'Drains', JSON.stringify(await waits()))
  }
}

/** What befalls a device is no fault of the program, as long as nothing is lost by it. */
function misfortune(fault: unknown): string | undefined {
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
