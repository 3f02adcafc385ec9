// One simulated day of a province: people write, decide and read on devices that die, over networks that cut, against
// databases that fail. What happens is a plan; how each thing happens is its own seed, so that a plan can be shortened.
import { Dexie } from 'dexie'
import type { SyncRequest } from '#db/command.ts'
import { newId, type Id } from '#db/id.ts'
import { kinds } from '#db/matters/index.ts'
import { listDrafts, saveDraft } from '#web/outbox/draft.ts'
import { make, sendDraft, takeBack, undo } from '#web/outbox/make.ts'
import { putMeta, type Held } from '#web/outbox/store.ts'
import { minute } from '#worker/minute.ts'
import type { Rows } from '#worker/record/rows.ts'
import { chance } from '#test/chance.ts'
import { endsTie, envOf, openHouse, relativeOf, type House } from './cast.ts'
import { Clock } from './clock.ts'
import { Dead, Device } from './device.ts'
import { Broken, converges, deviceHolds, ledgerHolds } from './invariants.ts'
import type { Work } from './ledger.ts'
import { fatesIn, openWire, weathers } from './wire.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** What can happen, and how often beside the others. */
const weights = {
  writes: 8,
  exchanges: 12,
  decides: 9,
  reads: 5,
  mends: 2,
  takesBack: 1.5,
  undoes: 1,
  races: 3,
  timePasses: 3,
  minutePasses: 2,
  dies: 3,
  diskIsFull: 1,
  storageCloses: 1,
  secondTab: 2,
  sessionEnds: 1,
  signsIn: 2,
  clockIsSet: 1,
  cursorIsLost: 0.5,
  tieEnds: 0.2,
  ledgerFails: 1,
  ledgerThaws: 1,
  lateArrives: 1,
} as const
export type What = keyof typeof weights

export interface Happening {
  readonly what: What
  readonly seed: number
}

/** @param seed of the day */
export function planOf(seed: number, length = 60): Happening[] {
  const random = chance(seed)
  const names = Object.keys(weights) as What[]
  const total = names.reduce((sum, name) => sum + weights[name], 0)
  return Array.from({ length }, () => {
    let at = random() * total
    const what = names.find((name) => (at -= weights[name]) < 0) ?? 'exchanges'
    return { what, seed: Math.floor(random() * 2 ** 31) }
  })
}

/** How often each thing that must happen sometimes did. */
export type Sometimes = Map<string, number>

export class Day {
  readonly #clock: Clock
  readonly #sometimes: Sometimes
  readonly #houses: House[] = []
  readonly #devices: Device[] = []
  /** what somebody was told is saved, and by which device, until it is in the record */
  readonly #saved = new Map<string, Device>()
  readonly #onWire = new Map<Id, string>()
  /** commands in the order in which they first left a device */
  readonly #left: Id[] = []
  readonly #fates = new Map<Id, string>()
  #random: () => number
  /** one thing happens inside another at most once */
  #inside = false
  #acting: Device | undefined
  #healed = false
  /** somebody whose request arrives after so many trips of another one's */
  #rival: { afterTrips: number; readonly acts: () => Promise<void> } | undefined
  #letters = 0
  readonly #wire = openWire({
    env: () => this.#envForOne(),
    now: () => this.#clock.now,
    weather: () => (this.#healed || this.#random() > 0.3 ? undefined : this.#met(this.#one(weathers))),
    meanwhile: (device) => this.#meanwhile(device),
    sees: (device, request, answer) =>
      this.#overhears(device, request, answer?.results ? fatesIn(request, answer) : undefined),
  })

  constructor(seed: number, sometimes: Sometimes) {
    this.#random = chance(seed)
    this.#clock = new Clock(seed)
    this.#sometimes = sometimes
  }

  /**
   * @param each told before each thing that happens
   * @throws Broken
   */
  async plays(plan: readonly Happening[], each: (happening: Happening) => void = () => undefined): Promise<void> {
    await this.#begins()
    for (const happening of plan) {
      each(happening)
      this.#random = chance(happening.seed)
      await this.#happens(happening.what)
      await this.#holds()
    }
    await this.#heals()
  }

  async #begins(): Promise<void> {
    const count = this.#one([1, 1, 1, 2, 2, 3])
    for (let nth = 0; nth < count; nth += 1)
      this.#houses.push(await openHouse(this.#clock.now, nth, this.#random() < 0.7 ? 'serving' : 'untried'))
    const people = [
      await relativeOf(this.#houses, this.#clock.now),
      await relativeOf(this.#houses.slice(0, 1), this.#clock.now),
      ...this.#houses.flatMap((house) => [...house.officers, house.kiosk]),
    ]
    for (const { me, actors } of people) {
      const device = new Device(me, actors, this.#wire.fetcher)
      this.#devices.push(device)
      // Everybody has signed in once, on a day with a good network.
      this.#healed = true
      await this.#on(device, () => device.exchanges(this.#nowOn(device)))
    }
    this.#healed = false
    for (const { ledger } of this.#houses) {
      ledger.befalls = () => {
        if (this.#healed || this.#random() > 0.06) return undefined
        return this.#met(this.#one(['deadBefore', 'deadAfter', 'stalls'] as const))
      }
      ledger.meanwhile = () => this.#meanwhile(undefined)
      ledger.patience = () => this.#clock.passDeadlines()
    }
  }

  // ---- what happens

  readonly #does: Record<What, () => Promise<unknown>> = {
    writes: () => this.#by('relative', (device) => this.#writes(device)),
    exchanges: () => this.#by(undefined, (device) => device.exchanges(this.#nowOn(device))),
    decides: () => this.#by('officer', (device) => this.#moves(device, decisions, true)),
    reads: () => this.#by('kiosk', (device) => this.#moves(device, readings, false)),
    mends: () => this.#by('relative', (device) => this.#mends(device)),
    takesBack: () => this.#by('relative', (device) => this.#takesBack(device)),
    undoes: () => this.#by('officer', (device) => this.#undoes(device)),
    races: () => this.#races(),
    timePasses: async () => {
      this.#clock.now += Math.floor(this.#random() * (this.#random() < 0.1 ? 40 * DAY_MS : 30 * MINUTE_MS))
    },
    minutePasses: async () => {
      const house = this.#one(this.#houses)
      await minute(envOf([house]), house.facility, this.#clock.now).catch(() => this.#met('minuteFailed'))
    },
    dies: () => this.#by(undefined, (device) => this.#fails(device, 'dies')),
    diskIsFull: () => this.#by(undefined, (device) => this.#fails(device, 'quota')),
    storageCloses: () =>
      this.#by(undefined, async (device) => {
        const going = device.exchanges(this.#nowOn(device))
        device.store.close()
        await going.catch(() => this.#met('storageClosed'))
        await device.restarts()
      }),
    secondTab: () =>
      this.#by(undefined, async (device) => {
        const tab = device.tab()
        const both = [device.exchanges(this.#nowOn(device)), device.exchanges(this.#nowOn(device), tab)]
        await Promise.allSettled(both)
        tab.close()
        this.#met('secondTab')
      }),
    sessionEnds: async () => {
      this.#one(this.#devices).session = this.#random() < 0.5 ? undefined : this.#one(this.#devices).me
    },
    signsIn: async () => {
      for (const device of this.#devices) device.session = device.me
    },
    clockIsSet: async () => {
      const off = this.#random() < 0.3 ? 3650 * DAY_MS : DAY_MS
      this.#one(this.#devices).skew = Math.floor((this.#random() - 0.5) * 2 * off)
    },
    // An officer's tablet reads its queue anew, another way than by the feed: what it holds beside it is history.
    cursorIsLost: () =>
      this.#by(this.#one(['relative', 'kiosk'] as const), async (device) => {
        const far = () => Math.floor(this.#random() * 1e6)
        const cursor = Object.fromEntries(device.me.facilities.map((facility) => [facility, far()]))
        await putMeta(device.store, 'cursor', this.#random() < 0.5 ? {} : cursor)
        this.#met('cursorLost')
      }),
    tieEnds: async () => {
      const house = this.#one(this.#houses)
      const relative = this.#one(this.#devices.filter(({ kind }) => kind === 'relative'))
      await endsTie(house, relative.me.account, this.#clock.now).then(
        () => this.#met('tieEnded'),
        () => undefined,
      )
    },
    ledgerFails: async () => {
      const { ledger } = this.#one(this.#houses)
      ledger.down = !ledger.down
    },
    ledgerThaws: async () => {
      const { stalled } = this.#one(this.#houses).ledger
      this.#thaws(stalled)
    },
    lateArrives: async () => {
      if (await this.#wire.late.shift()?.()) this.#met('lateArrived')
    },
  }

  async #happens(what: What): Promise<void> {
    await this.#does[what]()
  }

  /** Something done on one of these devices; a dead one is charged and started again. */
  async #by(kind: Device['kind'] | undefined, task: (device: Device) => Promise<unknown>): Promise<void> {
    const able = this.#devices.filter((device) => kind === undefined || device.kind === kind)
    const device = this.#one(able)
    await this.#on(device, async () => {
      try {
        await task(device)
      } catch (fault) {
        const met = misfortune(fault)
        if (!met) throw fault
        this.#met(met)
        await device.restarts()
      }
      await deviceHolds(device, this.#rowsOf)
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
    this.#clock.skew = device?.skew ?? 0
    device?.takesTheStage()
  }

  async #writes(device: Device): Promise<void> {
    const ties = (await device.store.ties.toArray()).filter(({ ended }) => !ended)
    if (ties.length === 0) return
    const tie = this.#one(ties)
    const body = `第${(this.#letters += 1)}封信。${'家里一切都好。'.repeat(this.#random() * 20)}`
    const draft = { id: newId(), kind: 'letter', to: tie.id, body, at: this.#nowOn(device) } as const
    await saveDraft(draft, 'strict', device.me.account)
    this.#saved.set(body, device)
    const actor = device.actors.get(tie.house.id)
    if (actor) await sendDraft(device.store, actor, draft, this.#nowOn(device))
  }

  async #mends(device: Device): Promise<void> {
    const held = await this.#heldIn(device, ['returned', 'withdrawn'])
    const actor = held && device.actors.get(held.matter.facility)
    if (!actor) return
    const body = `第${(this.#letters += 1)}封信，改过了。`
    const draft = {
      id: newId(),
      kind: 'letter',
      to: held.matter.tie,
      body,
      at: this.#nowOn(device),
      from: held.id,
    } as const
    await saveDraft(draft, 'strict', device.me.account)
    this.#saved.set(body, device)
    await sendDraft(device.store, actor, draft, this.#nowOn(device))
  }

  async #takesBack(device: Device): Promise<void> {
    const held = await this.#heldIn(device, ['submitted', 'awaitingConsent'])
    const actor = held && device.actors.get(held.matter.facility)
    const body = held?.contents.find(({ seq }) => seq === held.matter.edition)?.input['body']
    if (!actor || typeof body !== 'string') return
    const now = this.#nowOn(device)
    await takeBack(device.store, actor, held, { id: newId(), kind: 'letter', to: held.matter.tie, body, at: now }, now)
    this.#met('takenBack')
    if (this.#random() < 0.5) await device.exchanges(now)
  }

  /** A move on one of the letters that this device may make it on. */
  async #moves(device: Device, inputs: ReadonlyMap<string, object | undefined>, held10s: boolean): Promise<void> {
    if (this.#random() < 0.5) await device.exchanges(this.#nowOn(device))
    const moves = kinds.get('letter')?.moves
    const able = (await device.store.matters.toArray()).flatMap((held) =>
      [...inputs].flatMap(([move, input]) =>
        moves?.get(move)?.from.includes(held.matter.state) ? [{ held, move, input }] : [],
      ),
    )
    if (able.length === 0) return
    const { held, move, input } = this.#one(able)
    const actor = device.actors.get(held.matter.facility)
    if (!actor) return
    const { id, matter } = held
    const wish = {
      facility: matter.facility,
      matter: id,
      kind: matter.kind,
      move,
      ...(input && { input: { ...input } }),
    }
    const hold = held10s && this.#random() < 0.5 ? { holdMs: 10_000 } : undefined
    const outcome = await make(device.store, actor, wish, this.#nowOn(device), hold)
    if ('made' in outcome) this.#met(`made:${move}`)
    if (this.#random() < 0.5) await device.exchanges(this.#nowOn(device))
  }

  /** Two officers decide about one letter, and the second's decision arrives between the first's load and its save. */
  async #races(): Promise<void> {
    const { facility } = this.#one(this.#houses)
    const [one, other] = this.#devices.filter(({ kind, me }) => kind === 'officer' && me.facilities.includes(facility))
    if (!one || !other || this.#inside) return
    for (const device of [one, other]) await this.#on(device, () => device.exchanges(this.#nowOn(device)))
    const held = await this.#heldIn(one, ['submitted'])
    if (!held) return
    for (const device of [one, other]) {
      const actor = device.actors.get(facility)
      const wish = { facility, matter: held.id, kind: 'letter', move: device === one ? 'approve' : 'withhold' } as const
      const input = decisions.get(wish.move)
      if (actor && (await device.store.matters.get(held.id)))
        await make(device.store, actor, { ...wish, ...(input && { input: { ...input } }) }, this.#nowOn(device))
    }
    this.#rival = { afterTrips: 1, acts: () => this.#on(other, () => other.exchanges(this.#nowOn(other))) }
    await this.#on(one, () => one.exchanges(this.#nowOn(one)))
    this.#rival = undefined
  }

  async #undoes(device: Device): Promise<void> {
    const last = await device.store.outbox.orderBy('id').last()
    if (last && (await undo(device.store, last.id))) this.#met('undone')
  }

  async #fails(device: Device, what: 'dies' | 'quota'): Promise<void> {
    device.fails(what, Math.floor(this.#random() * 8))
    if (device.kind === 'relative' && this.#random() < 0.4) await this.#writes(device)
    await device.exchanges(this.#nowOn(device))
    await device.restarts()
  }

  /** While a request or a trip is on its way, something else may happen; never more than one thing deep. */
  async #meanwhile(device: Device | undefined): Promise<void> {
    if (this.#rival && !device && (this.#rival.afterTrips -= 1) < 0) {
      const { acts } = this.#rival
      this.#rival = undefined
      return acts()
    }
    if (this.#inside || this.#rival || this.#healed || this.#random() > 0.15) return
    this.#inside = true
    const random = this.#random
    this.#random = chance(Math.floor(random() * 2 ** 31))
    const what = this.#one(besides)
    this.#met('meanwhile')
    await this.#happens(what)
    this.#random = random
    this.#inside = false
  }

  // ---- what must hold

  async #holds(): Promise<void> {
    for (const { ledger } of this.#houses) ledgerHolds(ledger.rows, this.#left)
    for (const [text, device] of this.#saved) {
      const there = this.#houses.some(
        ({ ledger }) => ledger.rows(`SELECT 1 FROM content WHERE instr(body, '${text}') > 0`).length > 0,
      )
      if (there) this.#saved.delete(text)
      else await this.#findsHere(text, device)
    }
  }

  /** What was called saved and has not reached the record is on its device: a draft, on its way, or on the shelf. */
  async #findsHere(text: string, device: Device): Promise<void> {
    device.takesTheStage()
    const { outbox, shelf } = device.store
    const kept = [
      ...(await listDrafts(device.me.account)).map(({ body }) => body),
      ...(await outbox.toArray()).map(({ command }) => command.input?.['body']),
      ...(await shelf.toArray()).map(({ command }) => command.input?.['body']),
    ]
    if (!kept.includes(text)) throw new Broken('NothingLost', text.slice(0, 20))
  }

  #overhears(device: Device, request: SyncRequest, fates: ReturnType<typeof fatesIn> | undefined): void {
    for (const command of request.commands as { id: Id }[]) {
      const text = JSON.stringify(command)
      if ((this.#onWire.get(command.id) ?? text) !== text) throw new Broken('OutboxFrozen', text)
      if (!this.#onWire.has(command.id)) this.#left.push(command.id)
      this.#onWire.set(command.id, text)
    }
    for (const [id, fate] of fates ?? []) {
      const text = JSON.stringify(fate)
      if ((this.#fates.get(id) ?? text) !== text)
        throw new Broken('SameAnswer', `${this.#fates.get(id)} and then ${text}, to ${device.me.account}`)
      this.#fates.set(id, text)
      if ('refused' in fate) this.#met(`refused:${fate.refused.code}`)
    }
  }

  /** A request's own view of the bindings, and what it may cost: 20 statements for each two trips, of which four. */
  #envForOne() {
    const works = this.#houses.map((): Work => ({ trips: 0, statements: 0 }))
    return {
      env: envOf(this.#houses, works),
      over: () => {
        for (const { trips, statements } of works) {
          if (trips > 4 || statements > 20 * Math.ceil(trips / 2))
            throw new Broken('BoundedWork', `${statements} statements in ${trips} trips`)
          if (trips > 2) this.#met('contention')
        }
      },
    }
  }

  // ---- and in the end

  /** The weather clears, everything works, everybody signs in: then everything that waits must come to rest. */
  async #heals(): Promise<void> {
    for (const { ledger } of this.#houses) {
      ledger.down = false
      while (ledger.stalled.length > 0) this.#thaws(ledger.stalled)
    }
    for (const arrives of this.#wire.late.splice(0)) await arrives()
    this.#healed = true
    this.#clock.now += 5 * MINUTE_MS
    for (const device of this.#devices) {
      device.session = device.me
      device.skew = 0
    }
    for (let round = 0; round < 2; round += 1) {
      for (const house of this.#houses) await minute(envOf([house]), house.facility, this.#clock.now)
      for (const device of this.#devices) await this.#on(device, () => this.#drains(device))
    }
    await this.#holds()
    for (const device of this.#devices) await converges(device, this.#rowsOf)
  }

  async #drains(device: Device): Promise<void> {
    for (let exchanges = 0; exchanges < 60; exchanges += 1) {
      const { goOn, afterMs, heldUntil } = await device.exchanges(this.#nowOn(device))
      if (!goOn && (await device.store.outbox.count()) === 0) return
      this.#clock.now += Math.max(afterMs, heldUntil === null ? 0 : 10_000)
    }
    throw new Broken('Drains', JSON.stringify((await device.store.outbox.toArray())[0]))
  }

  // ---- chance

  #thaws(stalled: (() => void)[]): void {
    if (stalled.length === 0) return
    const [write] = stalled.splice(Math.floor(this.#random() * stalled.length), 1)
    try {
      write?.()
      this.#met('stalledWroteLate')
    } catch {
      this.#met('stalledLostLate') // its chain had moved on
    }
  }

  async #heldIn(device: Device, states: readonly string[]): Promise<Held | undefined> {
    const able = await device.store.matters.filter(({ matter }) => states.includes(matter.state)).toArray()
    return able.length === 0 ? undefined : this.#one(able)
  }

  readonly #rowsOf = (facility: Id): Rows => {
    const house = this.#houses.find((one) => one.facility === facility)
    if (!house) throw new Error('no such house')
    return house.ledger.rows
  }

  #nowOn = (device: Device): number => this.#clock.now + device.skew

  #one<Thing>(things: readonly Thing[]): Thing {
    return things[Math.floor(this.#random() * things.length)] as Thing
  }

  #met<Name extends string>(name: Name): Name {
    this.#sometimes.set(name, (this.#sometimes.get(name) ?? 0) + 1)
    return name
  }
}

/** What happens while something else is on its way. */
const besides = ['exchanges', 'exchanges', 'decides', 'reads', 'writes', 'sessionEnds', 'minutePasses'] as const

const mark = { from: 0, to: 1, reason: 'other', advice: '请改' }
const decisions = new Map<string, object | undefined>([
  ['approve', undefined],
  ['return', { marks: [mark] }],
  ['withhold', { reasons: ['other'], note: '' }],
  ['recall', undefined],
  ['consent', { document: '杭公〔2026〕1号', until: null }],
  ['deliver', undefined],
])
const readings = new Map<string, object | undefined>([
  ['deliver', undefined],
  ['read', undefined],
  ['refuse', undefined],
])

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
