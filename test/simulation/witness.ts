// Sees what is on the wire and what screens say, and finds where that breaks a promise (DESIGN §9).
import { verify } from 'node:crypto'
import type { Command, Result, SyncAnswer, SyncRequest } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import type { Change } from '#db/matter.ts'
import { receiptText, unbase64 } from '#db/record.ts'
import { protocol } from '#db/upcast.ts'
import { listDrafts } from '#web/outbox/draft.ts'
import type { Books } from './books.ts'
import { Broken, deviceHolds, lyingOn, type Contents } from './invariants.ts'
import { recordPublicKey, type House } from './cast.ts'
import type { Chances } from './chances.ts'
import type { Device } from './device.ts'
import type { Work } from './ledger.ts'
import { fatesIn } from './wire.ts'

export class Witness {
  readonly #chances: Chances
  readonly #houses: readonly House[]
  /** what somebody was told is saved, and by which device, until it is in the record */
  readonly #saved = new Map<string, Device>()
  /** commands in the order in which they were made, and the memory of which device made them */
  readonly #made = new Map<Id, { readonly nth: number; readonly memory: number }>()
  /** commands as they first left a device */
  readonly #left = new Map<Id, { readonly text: string; readonly command: Command }>()
  /** by matter: which device last wrote it */
  readonly #writers = new Map<Id, Device>()
  /** by a device's memory and matter: what has left */
  readonly #ofMatter = new Map<string, Set<Id>>()
  readonly #undone = new Set<Id>()
  readonly #unknown = new Set<Id>()
  readonly #fates = new Map<Id, string>()
  /** commands of a newer app that came while the houses did not have its version yet */
  readonly #early = new Set<Id>()
  #breach: unknown

  constructor(chances: Chances, houses: readonly House[]) {
    this.#chances = chances
    this.#houses = houses
  }

  /** A device has said of this text that it is saved. */
  hears(text: string, device: Device): void {
    this.#saved.set(text.normalize('NFC'), device)
  }

  /** Its writer has made something else of it. */
  forgets(text: string): void {
    this.#saved.delete(text.normalize('NFC'))
  }

  /** Somebody was told that this has been done, and waits here to be sent. */
  made(command: Id, { memory }: Device): void {
    if (!this.#made.has(command)) this.#made.set(command, { nth: this.#made.size, memory })
  }

  /** All that lay on this device is gone, and nobody could help it: what it was told is saved, too. */
  isCleared(device: Device): void {
    for (const [text, by] of this.#saved) if (by === device) this.#saved.delete(text)
  }

  /** Somebody was told that this was taken back before it left, as if it had never been done. */
  undone(command: Id): void {
    this.#undone.add(command)
  }

  readonly #knownBefore = new WeakMap<SyncRequest, ReadonlySet<Id>>()

  /** What went wrong where a program would swallow it: under a request, that is "no network". */
  notes(breach: unknown): void {
    this.#breach ??= breach
  }

  readonly nth = (command: Id): number | undefined => this.#made.get(command)?.nth
  readonly memory = (command: Id): number | undefined => this.#made.get(command)?.memory
  readonly base = (command: Id): number | undefined => this.#left.get(command)?.command.base
  readonly onWire = (command: Id): string | undefined => this.#left.get(command)?.text
  readonly unknown = (command: Id): boolean => this.#unknown.has(command)

  /**
   * A request that the house is about to look at. Of two that it looks at side by side, the answer that was read first
   * may be seen last: only what was known before binds it.
   *
   * @param movedOn whether the house has the next version
   */
  comes(request: SyncRequest, movedOn: boolean): void {
    if (request.v > protocol && !movedOn) for (const { id } of request.commands as Command[]) this.#early.add(id)
    this.#knownBefore.set(request, new Set(request.ask.map(({ id }) => id).filter((id) => this.#fates.has(id))))
  }

  /** A request that left, or an answer, heard or not. */
  sees(device: Device, request: SyncRequest, answer: SyncAnswer | undefined): void {
    if (!answer) this.#keepsOrder(device, request.commands as Command[])
    for (const command of request.commands as Command[]) {
      const text = JSON.stringify(command)
      const before = this.#left.get(command.id)
      this.made(command.id, device)
      if (!before) this.#left.set(command.id, { text, command })
      else if (before.text !== text) this.notes(new Broken('OutboxFrozen', `${before.text} and then ${text}`))
    }
    if (answer) this.#hears(device, request, answer)
  }

  /** OrderInMatter: a command leaves only when it is known what became of the one before it, or together with it. */
  #keepsOrder({ memory }: Device, commands: readonly Command[]): void {
    for (const [nth, { id, matter }] of commands.entries()) {
      const whose = `${memory} ${matter}`
      const open = [...(this.#ofMatter.get(whose) ?? [])].find(
        (before) =>
          (this.nth(before) ?? 0) < (this.nth(id) ?? Infinity) &&
          !this.#fates.has(before) &&
          !commands.slice(0, nth).some((one) => one.id === before),
      )
      if (open) this.notes(new Broken('OrderInMatter', `${id} leaves, and nobody knows what became of ${open}`))
      this.#ofMatter.set(whose, (this.#ofMatter.get(whose) ?? new Set()).add(id))
    }
  }

  #hears(device: Device, request: SyncRequest, answer: SyncAnswer): void {
    request.ask.forEach(({ id }, nth) => {
      const fate = answer.asked[nth]
      if (!fate || !('unknown' in fate)) return
      this.#unknown.add(id)
      if (this.#knownBefore.get(request)?.has(id))
        this.notes(new Broken('SameAnswer', `${this.#fates.get(id)} and then nobody knows of it`))
    })
    for (const [id, fate] of fatesIn(request, answer)) {
      const text = JSON.stringify(fate)
      const before = this.#fates.get(id) ?? text
      if (before !== text) this.notes(new Broken('SameAnswer', `${before} and then ${text}`))
      this.#fates.set(id, text)
      if ('refused' in fate) this.#chances.met(`refused:${fate.refused.code}`)
      if ('done' in fate) this.#acknowledges(device, id, fate.done)
    }
    this.#understands(request, answer)
    const hashes = answer.results.flatMap((result) => ('done' in result ? [result.done.hash] : []))
    const signed = new TextEncoder().encode(receiptText(hashes))
    if (hashes.length > 0 && !verify(null, signed, recordPublicKey, unbase64(answer.receipt ?? '')))
      this.notes(new Broken('NoFalseReceipt', 'the receipt is not signed by the house'))
    for (const change of answer.changes)
      if ('matter' in change && isForeign(device, change)) this.notes(new Broken('OnlyMine', JSON.stringify(change)))
    this.#sharesFate(request, answer)
  }

  /** Understood: what an app has made well is well made for every house that has its version, or a later one. */
  #understands(request: SyncRequest, answer: SyncAnswer): void {
    if (request.v > answer.v)
      this.notes(new Broken('Understood', `version ${request.v} was taken for version ${answer.v}`))
    for (const [id, fate] of fatesIn(request, answer)) {
      if ('refused' in fate && ['check_input', 'id_reused'].includes(fate.refused.code))
        this.notes(new Broken('Understood', `${this.onWire(id)} of version ${request.v}: ${JSON.stringify(fate)}`))
      if ('done' in fate && this.#early.delete(id)) this.#chances.met('newerAppWaited')
    }
    if (request.v < answer.v && answer.results.some((result) => 'done' in result))
      this.#chances.met('olderAppOnNewerHouse')
  }

  /** OrderInMatter: what follows a refused command of the same matter means nothing without it. */
  #sharesFate(request: SyncRequest, answer: SyncAnswer): void {
    const refused = new Set<Id>()
    for (const [nth, { matter, id }] of (request.commands as Command[]).entries()) {
      const result = answer.results[nth]
      if (result && 'refused' in result) refused.add(matter)
      else if (refused.has(matter)) this.notes(new Broken('OrderInMatter', `${id} came through behind a refused one`))
    }
  }

  /** NoFalseReceipt: what the house calls done is in its record, as it says. */
  #acknowledges(device: Device, command: Id, said: Extract<Result, { done: unknown }>['done']): void {
    const found = this.#houses.some(({ books }) => {
      books.reads(this)
      const event = books.done.get(`${device.me.account} ${command}`)
      return event?.hash === said.hash && event.seq === said.version && event.state === said.state
    })
    if (found) this.#writtenBy(device, command)
    else this.notes(new Broken('NoFalseReceipt', `${command} is called done: ${JSON.stringify(said)}`))
  }

  /** Of an account's devices, the one that does something with what another one wrote. */
  #writtenBy(device: Device, command: Id): void {
    const { matter, move } = this.#left.get(command)?.command ?? {}
    if (!matter) return
    const writer = this.#writers.get(matter)
    if (move === 'withdraw' && writer && writer !== device) this.#chances.met('takenBackFromAnotherDevice')
    if (move !== 'submit') return
    this.#writers.set(matter, device)
    if (device.nth > 0) this.#chances.met('secondDeviceWrote')
  }

  /**
   * What one request may cost at one ledger: 20 statements for each two trips, and four trips at most, for each house.
   *
   * @param houses that are in it
   */
  counts({ trips, statements }: Work, houses: number): void {
    if (trips > 4 * houses || statements > 20 * Math.max(Math.ceil(trips / 2), Math.min(trips, houses)))
      this.notes(new Broken('BoundedWork', `${statements} statements in ${trips} trips`))
    if (trips > 2 * houses) this.#chances.met('contention')
  }

  readonly #booksOf = (facility: Id): Books => {
    const house = this.#houses.find((one) => one.facility === facility)
    if (!house) throw new Broken('OnlyMine', 'something of a house that is not there')
    return house.books
  }

  /**
   * @param acted who may have lost something since this was last looked at
   * @throws whatever was broken
   */
  async holds(acted: ReadonlySet<Device>): Promise<void> {
    if (this.#breach !== undefined) throw this.#breach as Error
    for (const { books } of this.#houses) books.reads(this)
    for (const command of this.#undone)
      if (this.#houses.some(({ books }) => books.commands.has(command)))
        throw new Broken('OutboxFrozen', `${command} was undone here, and is in the record`)
    for (const text of this.#saved.keys())
      if (this.#houses.some(({ books }) => books.texts.has(text))) this.#saved.delete(text)
    for (const device of acted) {
      const contents = await lyingOn(device)
      deviceHolds(device, contents, this.#booksOf, this)
      const saved = [...this.#saved].filter(([, by]) => by === device)
      if (saved.length === 0) continue
      const kept = await textsOn(device, contents)
      for (const [text] of saved) if (!kept.has(text)) throw new Broken('NothingLost', text.slice(0, 50))
    }
  }
}

/** Another one's letter; or, for people outside, who of the officers did what. */
function isForeign({ kind, me }: Device, { matter, steps }: Extract<Change, { matter: unknown }>): boolean {
  if (kind === 'officer') return false
  return (
    (kind === 'relative' && matter.account !== me.account) || matter.decider !== null || steps.some(({ name }) => name)
  )
}

/** What was called saved and has not reached the record is on its device: a draft, on its way, or on the shelf. */
async function textsOn(device: Device, { outbox, shelf }: Contents): Promise<Set<unknown>> {
  const drafts = await device.onStage(() => listDrafts(device.me.account))
  const inputs = [...outbox, ...shelf].map(({ command }) => command.input)
  return new Set<unknown>([...drafts.map(({ body }) => body), ...inputs.map((input) => input?.['body'])])
}
