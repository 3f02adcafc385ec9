// A list on its way from a file into the house: read here, compared by the server, and taken once somebody has looked
// at what it would change. It outlives the page, so that a look elsewhere loses neither a plan nor the PINs.
import type { Id } from '#db/id.ts'
import type { Leaving } from '#db/matter.ts'
import { keepPin, newPin, type PinKept } from '#db/pin.ts'
import type { Refusal } from '#db/refusal.ts'
import { readTable, stepsAtOnce, type Plan, type RawRow } from '#db/roster.ts'
import type { Step } from '#db/rosterSteps.ts'
import { administration, type Outcome } from '../house.svelte.ts'
import { readSheet, type Sheet } from './sheet.ts'

type Unread =
  Extract<Sheet, { unread: string }>['unread'] | Extract<ReturnType<typeof readTable>, { unread: string }>['unread']
type Admission = Extract<Step, { step: 'admit' }>

/** The strip of paper for somebody new. */
export interface PinSlip {
  readonly number: string
  readonly name: string
  readonly cell: string
  readonly pin: string
}

/** PINs that a browser hashes at the same time: it has some threads for it. */
const hands = 4

class Importing {
  whole = $state(false)
  file = $state.raw<string>()
  busy = $state.raw<'reading' | 'checking'>()
  unread = $state.raw<Unread>()
  ignored = $state.raw<readonly string[]>([])
  plan = $state.raw<Plan>()
  /** why each of those who are missing in the list has left; none for who is still inside */
  because = $state<Record<Id, Leaving | ''>>({})
  /** no answer of ours came, or a refusal, while the plan was made */
  trouble = $state.raw<'silent' | Refusal['code']>()
  /** the house was another one than what had been looked at */
  moved = $state.raw(false)
  /** steps taken, of how many */
  taken = $state.raw<{ readonly done: number; readonly all: number; readonly over: boolean }>()
  /** no answer came to the last part */
  broken = $state.raw(false)
  /** PINs made, of how many */
  made = $state.raw<{ readonly done: number; readonly all: number }>()
  slips = $state.raw<readonly PinSlip[]>([])

  /** whose, and of which house, all of this is */
  #of: string | undefined
  #rows: readonly RawRow[] = []
  /** what has not been heard of since it was sent, and what comes behind it */
  #left: readonly Step[] = []
  #pins = new Map<string, { readonly pin: string; readonly kept: Promise<PinKept> }>()

  /** Begins anew where somebody else is at work, or in another house. */
  begin(of: string): void {
    if (of === this.#of) return
    this.#of = of
    this.#forget()
    this.slips = []
    this.#pins.clear()
  }

  /** Whether a part was sent and its answer never came: then only going on tells what became of it. */
  get halfway(): boolean {
    return this.taken !== undefined && !this.taken.over
  }

  async read(file: File): Promise<void> {
    this.#forget()
    this.file = file.name
    this.busy = 'reading'
    const sheet = await readSheet(file)
    this.busy = undefined
    const table = 'cells' in sheet ? readTable(sheet.cells) : sheet
    if ('unread' in table) return void (this.unread = table.unread)
    this.#rows = table.rows
    this.ignored = table.ignored
    await this.ask()
  }

  /** Asks the server what the list would change now. */
  async ask(): Promise<void> {
    if (this.#rows.length === 0) return
    this.busy = 'checking'
    this.trouble = undefined
    const outcome = await administration.ask<Plan>('/roster/plan', { rows: this.#rows, whole: this.whole })
    this.busy = undefined
    if (!('said' in outcome)) return void (this.trouble = 'silent' in outcome ? 'silent' : outcome.refused.code)
    this.plan = outcome.said
    this.taken = undefined
    this.#left = []
    void this.#makePins(outcome.said.add.map(({ number }) => number))
  }

  /** Takes the plan; after a break it goes on with what nobody has answered. */
  async take(): Promise<Outcome<unknown>> {
    this.moved = this.broken = false
    if (this.#left.length === 0) this.#left = await this.#steps()
    const all = this.taken && !this.taken.over ? this.taken.all : this.#left.length
    const progress = (over: boolean) => (this.taken = { done: all - this.#left.length, all, over })
    progress(false)
    while (this.#left.length > 0) {
      const steps = this.#left.slice(0, stepsAtOnce)
      const outcome = await administration.step('/roster', { steps })
      if (!('said' in outcome)) {
        if ('silent' in outcome) {
          this.broken = true
          return outcome
        }
        this.#left = []
        this.taken = undefined
        if (outcome.refused.code !== 'stale') return outcome
        await this.ask()
        this.moved = true
        return { said: {} }
      }
      this.#left = this.#left.slice(steps.length)
      progress(false)
      this.slips = [...this.slips, ...steps.filter((step) => step.step === 'admit').flatMap((step) => this.#slip(step))]
    }
    progress(true)
    this.plan = undefined
    this.file = undefined
    return { said: {} }
  }

  async #steps(): Promise<Step[]> {
    const { add = [], change = [], leave = [], missing = [] } = this.plan ?? {}
    return [
      ...(await Promise.all(
        add.map(async ({ row: _row, ...person }): Promise<Step> => {
          const { salt, hash } = await this.#pin(person.number).kept
          return { step: 'admit', ...person, pin: { salt, hash } }
        }),
      )),
      ...change.map(({ person, was, now }): Step => ({ step: 'change', person, was, now })),
      ...leave.map(({ person, was, because }): Step => ({ step: 'leave', person, was, because })),
      ...missing.flatMap(({ person, was }): Step[] => {
        const because = this.because[person]
        return because ? [{ step: 'leave', person, was, because }] : []
      }),
    ]
  }

  #slip({ number, name, cell }: Admission): PinSlip[] {
    const made = this.#pins.get(number)
    return made ? [{ number, name, cell, pin: made.pin }] : []
  }

  #pin(number: string) {
    const made = this.#pins.get(number)
    if (made) return made
    const pin = newPin()
    const fresh = { pin, kept: keepPin(pin) }
    this.#pins.set(number, fresh)
    return fresh
  }

  /** While somebody looks at the plan: each costs some hundredths of a second. */
  async #makePins(numbers: readonly string[]): Promise<void> {
    const wanted = numbers.filter((number) => !this.#pins.has(number))
    let next = 0
    const tell = (done: number) => (this.made = { done, all: wanted.length })
    let done = 0
    tell(0)
    const work = async () => {
      for (let number = wanted[next]; number !== undefined; number = wanted[next]) {
        next += 1
        await this.#pin(number).kept
        tell((done += 1))
      }
    }
    await Promise.all(Array.from({ length: hands }, work))
    this.made = undefined
  }

  #forget(): void {
    this.file = this.unread = this.plan = this.trouble = this.taken = this.made = undefined
    this.ignored = this.#rows = this.#left = []
    this.because = {}
    this.moved = this.broken = false
  }
}

export const importing = new Importing()
