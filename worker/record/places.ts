// The house's one order of events, place by place, held against the signed heads: what stands where something else
// was signed, and where nothing stands.
import type { Id } from '#db/id.ts'
import { base64, emptyTree, eventHash, grow, rootOf, unbase64, type Frontier } from '#db/record.ts'
import type { Proven, SignedHead } from './heads.ts'

export interface Finding {
  /** the event's place in the house's order; absent for what is about no one event */
  readonly position?: number
  readonly matter?: Id
  readonly seq?: number
  readonly what: string
}

/** No more are kept: the first one is what matters. */
const mostFindings = 10_000
/** How many lost events are looked for among what came after them. */
const mostLost = 1000

export class Places {
  readonly #signed: Proven['leaves']
  /** what the first so many events must come to */
  readonly #roots = new Map<number, { readonly root: string; readonly whose: string }[]>()
  readonly #findings: Finding[] = []
  /** by signed hash: where it was signed, if something else or nothing stands there */
  readonly #lost = new Map<string, number>()
  #lastLost = -1
  /** by signed hash: where it was signed; made when first needed */
  #placeOf: ReadonlyMap<string, number> | undefined
  /** undefined once a place is empty: from there on no root can come out right */
  #tree: Frontier | undefined = emptyTree
  /** how many events agree with a head for certain */
  #agreed = 0
  #next = 0
  #events = 0

  constructor({ leaves, heads, wrong }: Proven, since: SignedHead | undefined) {
    this.#signed = leaves
    const must = ({ size, root }: SignedHead, whose: string) =>
      this.#roots.set(size, [...(this.#roots.get(size) ?? []), { root, whose: `${whose} of ${size} events` }])
    for (const head of heads) must(head, 'the signed head')
    if (since) must(since, 'the head that you hold,')
    for (const what of wrong) this.find({ what })
  }

  find(finding: Finding): void {
    if (this.#findings.length < mostFindings) this.#findings.push(finding)
  }

  /** The next event stands in `position`. */
  take(position: number, hash: string, find: (what: string) => void): void {
    this.#events += 1
    if (position < this.#next) return find('another event stands in the same place')
    this.#passTo(position)
    this.#next = position + 1
    const signed = this.#signed.get(position)
    if (signed !== undefined && signed !== hash) {
      this.#lose(signed, position)
      this.#placeOf ??= new Map([...this.#signed].map(([place, leaf]) => [leaf, place]))
      const place = this.#placeOf.get(hash)
      find(place === undefined ? CHANGED : `it was signed for place ${place}, and another one for this place`)
    }
    this.#grow(hash)
  }

  /** An event whose step before is missing: its own hash tells which of the lost ones that was. */
  follows(text: string, hash: string, { matter, seq }: { matter: Id; seq: number }): void {
    for (const [lost, position] of this.#lost)
      if (eventHash(lost, text) === hash) {
        // said before what stands there now
        this.#findings.unshift({
          position,
          matter,
          seq: seq - 1,
          what: 'the event that was signed for this place is gone',
        })
        return
      }
  }

  ended(): { events: number; findings: readonly Finding[] } {
    this.#passTo(Math.max(this.#next, ...this.#roots.keys()))
    // A named event says more than an empty place, and a place more than nothing.
    const order = ({ position = Infinity, matter }: Finding) => [position, matter ? 0 : 1] as const
    const findings = this.#findings.sort((a, b) => {
      const [[place, named], [otherPlace, otherNamed]] = [order(a), order(b)]
      return place === otherPlace ? named - otherNamed : place - otherPlace
    })
    return { events: this.#events, findings }
  }

  #passTo(position: number): void {
    for (; this.#next < position; this.#next += 1) {
      const signed = this.#signed.get(this.#next)
      if (signed !== undefined) this.#lose(signed, this.#next)
      this.find({ position: this.#next, what: 'nothing stands in this place' })
      this.#tree = undefined
    }
  }

  #lose(signed: string, position: number): void {
    this.#lastLost = position
    if (this.#lost.size < mostLost) this.#lost.set(signed, position)
  }

  #grow(hash: string): void {
    if (!this.#tree) return
    this.#tree = grow(this.#tree, [unbase64(hash)])
    const { size } = this.#tree
    for (const { root, whose } of this.#roots.get(size) ?? [])
      if (base64(rootOf(this.#tree)) === root) this.#agreed = size
      else if (this.#lastLost < this.#agreed)
        // no list of leaves could say which
        this.find({
          position: this.#agreed,
          what: `an event in places ${this.#agreed} to ${size - 1} is not the one in ${whose}`,
        })
  }
}

const CHANGED = 'what stands here is not what was signed: it was changed, or put in its place'
