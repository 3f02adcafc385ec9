// One reviewer's marks on one edition of one letter, on the screen and on disk at once.
import type { Mark, Reason } from '#db/matters/letter.ts'
import type { Id } from '#db/id.ts'
import { sentencesOf, wholeCharacters, type Passage } from '#web/parts/passages.ts'
import { getMeta, type Store } from '#web/outbox/store.ts'
import { marksKey } from './decide.ts'
import { addMark, changeMark, lackingAdvice, maxMarks, removeMark } from './marks.ts'

export class Marking {
  marks = $state.raw<readonly Mark[]>([])
  /** the passage that the next reason is for */
  chosen = $state.raw<Passage>()
  /** the browser still shows its own selection: ours would be drawn over it */
  selecting = $state.raw(false)
  /** the mark being edited, by its place in the list */
  editing = $state.raw<number>()
  readonly lacking: readonly number[] = $derived(lackingAdvice(this.marks))
  readonly full: boolean = $derived(this.marks.length >= maxMarks)

  readonly #store: Store
  readonly #key: string
  readonly #body: string
  readonly #readyAdvice: (reason: Reason) => string

  constructor(store: Store, matter: Id, edition: number, body: string, readyAdvice: (reason: Reason) => string) {
    this.#store = store
    this.#key = marksKey(matter, edition)
    this.#body = body
    this.#readyAdvice = readyAdvice
    void getMeta<readonly Mark[]>(store, this.#key).then((kept) => {
      if (kept && this.marks.length === 0) this.marks = kept
    })
  }

  get chosenText(): string {
    return this.chosen ? this.#body.slice(this.chosen.from, this.chosen.to) : ''
  }

  choose(passage: Passage): void {
    this.chosen = wholeCharacters(this.#body, passage)
  }

  /** Grows what is chosen to whole sentences. */
  chooseSentences(): void {
    const { chosen } = this
    if (!chosen) return
    const touched = sentencesOf(this.#body).filter(({ from, to }) => from < chosen.to && to > chosen.from)
    const first = touched[0]
    const last = touched.at(-1)
    if (first && last) this.chosen = { from: first.from, to: last.to }
  }

  /**
   * By keyboard: the next or the one before, or, extending, the end of what is chosen moved by one sentence.
   *
   * @param by 1 or -1
   */
  step(by: 1 | -1, extend: boolean): void {
    const sentences = sentencesOf(this.#body)
    const { chosen } = this
    const at = chosen ? sentences.findIndex(({ to }) => to >= chosen.to) : -1
    const next = sentences[Math.min(sentences.length - 1, Math.max(0, chosen ? at + by : 0))]
    if (!next) return
    this.selecting = false
    this.chosen = extend && chosen && next.to > chosen.from ? { from: chosen.from, to: next.to } : next
  }

  drop(): void {
    this.chosen = undefined
    this.selecting = false
  }

  /** Marks what is chosen. */
  add(reason: Reason): void {
    if (!this.chosen) return
    const { marks, at } = addMark(this.marks, this.#body, this.chosen, reason, this.#readyAdvice(reason))
    if (at === undefined) return
    this.#put(marks)
    this.editing = at
    this.drop()
  }

  change(at: number, change: Partial<Pick<Mark, 'reason' | 'advice'>>): void {
    this.#put(changeMark(this.marks, at, change, this.#readyAdvice))
  }

  remove(at: number): void {
    this.editing = undefined
    this.#put(removeMark(this.marks, at))
  }

  /** The decision is made: what was kept for it is no longer needed. */
  async done(): Promise<void> {
    await this.#store.meta.delete(this.#key)
  }

  #put(marks: readonly Mark[]): void {
    this.marks = marks
    void this.#store.meta.put({ key: this.#key, value: marks })
  }
}
