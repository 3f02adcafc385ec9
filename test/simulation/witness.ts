// Sees what is on the wire and what screens say, and finds where that breaks a promise (DESIGN §9).
import type { SyncAnswer, SyncRequest } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { listDrafts } from '#web/outbox/draft.ts'
import { Broken, ledgerHolds } from './invariants.ts'
import type { House } from './cast.ts'
import type { Chances } from './chances.ts'
import type { Device } from './device.ts'
import type { Work } from './ledger.ts'
import { fatesIn } from './wire.ts'

export class Witness {
  readonly #chances: Chances
  /** what somebody was told is saved, and by which device, until it is in the record */
  readonly #saved = new Map<string, Device>()
  readonly #onWire = new Map<Id, string>()
  /** commands in the order in which they first left a device */
  readonly #left: Id[] = []
  readonly #fates = new Map<Id, string>()
  #breach: unknown

  constructor(chances: Chances) {
    this.#chances = chances
  }

  /** A device has said of this text that it is saved. */
  hears(text: string, device: Device): void {
    this.#saved.set(text, device)
  }

  /** What went wrong where a program would swallow it: under a request, that is "no network". */
  notes(breach: unknown): void {
    this.#breach ??= breach
  }

  /** A request that left, or an answer, heard or not. */
  sees(device: Device, request: SyncRequest, answer: SyncAnswer | undefined): void {
    for (const command of request.commands as { id: Id }[]) {
      const text = JSON.stringify(command)
      const before = this.#onWire.get(command.id)
      if (before === undefined) this.#left.push(command.id)
      else if (before !== text) this.notes(new Broken('OutboxFrozen', `${before} and then ${text}`))
      this.#onWire.set(command.id, text)
    }
    if (!answer) return
    for (const [id, fate] of fatesIn(request, answer)) {
      const text = JSON.stringify(fate)
      const before = this.#fates.get(id) ?? text
      if (before !== text) this.notes(new Broken('SameAnswer', `${before} and then ${text}`))
      this.#fates.set(id, text)
      if ('refused' in fate) this.#chances.met(`refused:${fate.refused.code}`)
    }
    for (const change of answer.changes) {
      const foreign = 'matter' in change && device.kind === 'relative' && change.matter.account !== device.me.account
      if (foreign) this.notes(new Broken('OnlyMine', JSON.stringify(change)))
    }
  }

  /** What one request may cost at one ledger: 20 statements for each two trips, and four trips at most. */
  counts({ trips, statements }: Work): void {
    if (trips > 4 || statements > 20 * Math.ceil(trips / 2))
      this.notes(new Broken('BoundedWork', `${statements} statements in ${trips} trips`))
    if (trips > 2) this.#chances.met('contention')
  }

  /** @throws whatever was broken */
  async holds(houses: readonly House[]): Promise<void> {
    if (this.#breach !== undefined) throw this.#breach as Error
    for (const { ledger } of houses) ledgerHolds(ledger.rows, this.#left)
    for (const [text, device] of this.#saved) {
      const inRecord = `SELECT 1 FROM content WHERE instr(body, '${text}') > 0`
      if (houses.some(({ ledger }) => ledger.rows(inRecord).length > 0)) this.#saved.delete(text)
      else if (!(await keeps(device, text))) throw new Broken('NothingLost', text.slice(0, 20))
    }
  }
}

/** What was called saved and has not reached the record is on its device: a draft, on its way, or on the shelf. */
async function keeps(device: Device, text: string): Promise<boolean> {
  device.takesTheStage()
  const { outbox, shelf } = device.store
  const kept = [
    ...(await listDrafts(device.me.account)).map(({ body }) => body),
    ...(await outbox.toArray()).map(({ command }) => command.input?.['body']),
    ...(await shelf.toArray()).map(({ command }) => command.input?.['body']),
  ]
  return kept.includes(text)
}
