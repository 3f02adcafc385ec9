// Why one reviewer would withhold one edition of one letter, half written: on the screen and on disk at once, so that a
// tablet that locks or falls asleep loses none of it.
import type { Reason } from '#db/matters/letter.ts'
import type { Id } from '#db/id.ts'
import { getMeta, type Store } from '#web/outbox/store.ts'

interface Written {
  readonly open: boolean
  readonly why: readonly Reason[]
  readonly note: string
}

export class Withholding {
  #written = $state.raw<Written>({ open: false, why: [], note: '' })
  #touched = false
  readonly #store: Store
  readonly #key: string

  constructor(store: Store, matter: Id, edition: number) {
    this.#store = store
    this.#key = `withholding/${matter}/${edition}`
    void getMeta<Written>(store, this.#key).then((kept) => {
      if (kept && !this.#touched) this.#written = kept
    })
  }

  /** whether the form is open */
  get open(): boolean {
    return this.#written.open
  }
  set open(open: boolean) {
    this.#put({ open })
  }

  /** the reasons chosen so far */
  get why(): Reason[] {
    return [...this.#written.why]
  }
  set why(why: Reason[]) {
    this.#put({ why: [...why] })
  }

  get note(): string {
    return this.#written.note
  }
  set note(note: string) {
    this.#put({ note })
  }

  /** The decision is made: what was kept for it is no longer needed. */
  async done(): Promise<void> {
    await this.#store.meta.delete(this.#key)
  }

  #put(change: Partial<Written>): void {
    this.#touched = true
    this.#written = { ...this.#written, ...change }
    void this.#store.meta.put({ key: this.#key, value: this.#written })
  }
}
