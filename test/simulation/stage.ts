// Where a simulated day takes place: its houses and devices, its clock, chances and network, and who of them all acts.
import { chance } from '#test/chance.ts'
import type { Me } from '#worker/env.ts'
import { ledgersOf, type House } from './cast.ts'
import { Chances, type Sometimes } from './chances.ts'
import { Clock } from './clock.ts'
import type { Device } from './device.ts'
import type { Around } from './doings.ts'
import { Browsers } from './living.ts'
import type { Work } from './ledger.ts'
import { misfortune } from './mishaps.ts'
import type { Province } from './province.ts'
import { openWire, weathers, type Weather } from './wire.ts'
import { Witness } from './witness.ts'

export class Stage {
  readonly province: Province
  readonly clock: Clock
  readonly chances: Chances
  readonly witness: Witness
  readonly houses: House[] = []
  readonly devices: Device[] = []
  /** whose hands are at work */
  acting: Device | undefined
  /** who did something since what must hold was last looked at */
  readonly acted = new Set<Device>()
  /** nothing goes wrong: before the day has begun, and when all is over */
  healed = true
  /** devices are left to themselves, and time goes on by itself */
  living = false
  /** the server is that of the next version */
  movedOn = false
  readonly browsers: Browsers
  /** what others do while a request is on its way, and again while its answer is */
  meanwhile: () => Promise<void> = () => Promise.resolve()
  /** on some days everybody has much to say */
  readonly #long: number
  /** on some days every network is slow, and stays so when nothing else is wrong any more: how long an exchange takes */
  readonly #slowMs: (() => number) | undefined
  readonly #ofPieces: () => number
  readonly wire = openWire({
    answers: (request, me) => this.#answers(request, me),
    weather: (_device, piece) => this.#weather(piece),
    slowMs: () => this.#slow(),
    // Most answers have little to say: one that has much is cut more often than weather alone would cut it.
    cutsAt: (weather, news) =>
      weather === 'answerCut' || (!this.healed && news > 1 && this.chances.hits(0.3))
        ? this.chances.below(1000) / 1000
        : 1,
    timeGoesOn: () => this.living,
    met: (name) => this.chances.met(name),
    meanwhile: () => this.meanwhile(),
    comes: (request) => this.witness.comes(request, this.movedOn),
    sees: (device, request, answer) => this.witness.sees(device, request, answer),
  })

  constructor(seed: number, sometimes: Sometimes, province: Province) {
    this.province = province
    this.chances = new Chances(seed, sometimes)
    this.#long = this.chances.hits(0.08) ? 0.5 : 0.005
    // chances of their own, so that the days known by name stay as they were
    const ofNetworks = chance(seed + 17)
    this.#ofPieces = chance(seed + 31)
    if (ofNetworks() < 0.2) this.#slowMs = () => Math.floor(300 + 3000 * ofNetworks())
    this.clock = new Clock(seed)
    this.witness = new Witness(this.chances, this.houses)
    this.browsers = new Browsers(this.clock, () => this.wire.busy())
  }

  /** @throws Broken */
  async holds(): Promise<void> {
    await this.witness.holds(this.acted)
    this.acted.clear()
  }

  /** Something done on one of these devices; a dead one is charged and started again. */
  async by(kind: Device['kind'] | 'anybody', task: (device: Device) => Promise<unknown>): Promise<void> {
    const device = this.chances.one(this.devices.filter((one) => kind === 'anybody' || one.kind === kind))
    await this.on(device, async () => {
      try {
        await task(device)
      } catch (fault) {
        const met = misfortune(fault)
        if (!met) throw fault
        this.chances.met(met)
        await this.restarts(device)
      }
    })
  }

  /** One device acts at a time: its clock is the clock, its files are the browser's. */
  async on(device: Device, task: () => Promise<unknown>): Promise<void> {
    const before = this.acting
    this.acts(device)
    await task()
    this.acts(before)
  }

  acts(device: Device | undefined): void {
    this.acting = device
    if (device) this.acted.add(device)
    this.clock.skew = device?.skew ?? 0
    device?.takesTheStage()
  }

  async restarts(device: Device): Promise<void> {
    if (await device.restarts()) this.chances.met('relaxedWriteLost')
  }

  readonly around = (device: Device): Around => ({
    chances: this.chances,
    witness: this.witness,
    long: this.#long,
    now: this.now(device),
  })

  /** UTC milliseconds, by this device's clock */
  readonly now = (device: Device): number => this.clock.now + device.skew

  async #answers(request: Request, me: Me): Promise<{ body: unknown; status: number }> {
    const ledgers = ledgersOf(this.houses)
    const works = ledgers.map((): Work => ({ trips: 0, statements: 0 }))
    const { houses, movedOn, clock } = this
    const answer = await this.province.answers({ request, me, houses, works, now: clock.now, movedOn })
    for (const [nth, work] of works.entries())
      this.witness.counts(work, this.houses.filter(({ ledger }) => ledger === ledgers[nth]).length)
    return answer
  }

  #weather(piece: boolean): Weather | undefined {
    if (this.healed) return undefined
    if (this.chances.hits(0.3)) return this.chances.one(weathers)
    // Few requests are so heavy that they come in pieces: these are cut more often than weather alone would cut them.
    return piece && this.#ofPieces() < 0.25 ? 'requestCut' : undefined
  }

  #slow(): number {
    const ms = this.#slowMs?.() ?? 0
    if (ms > 0) this.chances.met('slow')
    if (!this.living) this.clock.now += ms
    return ms
  }
}
