// A house's record, read line by line and held against what was signed. Nothing in it is believed: not its columns,
// not its order, not that it is whole.
import { isoDay } from '#db/calendar.ts'
import type { Id } from '#db/id.ts'
import type { Matter } from '#db/matter.ts'
import { kinds } from '#db/matters/index.ts'
import { canonical, contentHash, eventHash, type EventBody } from '#db/record.ts'
import { prove, type Key, type Proven, type SignedHead } from './heads.ts'
import { folded } from './legal.ts'
import { format, type DailyLine, type EventLine, type Head, type Line, type MatterLine } from './lines.ts'
import { Places, type Finding } from './places.ts'

export interface Report {
  readonly house: string
  readonly events: number
  readonly chains: number
  /** how many events the newest good head covers */
  readonly covered: number
  /** the newest good head, for whoever wants to keep it */
  readonly head: string | undefined
  readonly texts: { readonly there: number; readonly erased: number }
  /** the first bad event first, last what is about no one event */
  readonly findings: readonly Finding[]
}

/**
 * @param lines of an export, in order
 * @param since a head that somebody else kept
 * @throws Error where this is no export, or one that was cut off
 */
export async function audit(
  lines: AsyncIterable<Line> | Iterable<Line>,
  key: Key,
  since: SignedHead | undefined,
): Promise<Report> {
  const heads: Head[] = []
  let opening: { readonly house: Id; readonly code: string } | undefined
  let reading: Reading | undefined
  let count = 0
  let whole = false
  for await (const line of lines) {
    if (whole) throw new Error('something follows the end of this export')
    if ('record' in line && count === 0 && line.record === format) opening = line
    else if (!opening) throw new Error('this is no export of a record')
    else if ('head' in line && !reading) heads.push(line.head)
    else if ('end' in line) whole = line.end === count
    else (reading ??= new Reading(opening.house, prove(heads, key), since)).read(line)
    count += 1
  }
  if (!opening || !whole) throw new Error('this export was cut off: its last line is missing')
  const proven = reading?.proven ?? prove(heads, key)
  reading ??= new Reading(opening.house, proven, since)
  const covered = proven.heads.at(-1)?.size ?? 0
  return { house: opening.code, covered, head: heads.find(({ size }) => size === covered)?.note, ...reading.ended() }
}

/** A subject's events so far. */
interface Chain {
  readonly seq: number
  readonly hash: string
  /** undefined for subjects that are no matter, and once a step was not legal: all that follows would look wrong too */
  readonly matter: Matter | undefined
}

class Reading {
  readonly proven: Proven
  readonly #facility: Id
  readonly #places: Places
  readonly #chains = new Map<Id, Chain>()
  readonly #commands = new Set<string>()
  readonly #counters = new Map<string, number>()
  readonly #rows = new Set<Id>()
  readonly #texts = { there: 0, erased: 0 }

  constructor(facility: Id, proven: Proven, since: SignedHead | undefined) {
    this.proven = proven
    this.#facility = facility
    this.#places = new Places(proven, since)
  }

  read(line: Line): void {
    if ('event' in line) this.#event(line.event)
    else if ('matter' in line) this.#row(line.matter)
    else if ('daily' in line) this.#daily(line.daily)
    else if ('stray' in line) this.#places.find({ ...line.stray, what: 'a text stands here that no event speaks of' })
    else throw new Error('a line that has no place here')
  }

  ended(): Pick<Report, 'events' | 'chains' | 'texts' | 'findings'> {
    for (const [matter, chain] of this.#chains)
      if (chain.matter && !this.#rows.has(matter))
        this.#places.find({ matter, seq: chain.seq, what: 'its matter is gone' })
    for (const [counter, off] of this.#counters)
      if (off !== 0) this.#places.find({ what: `the day's counter "${counter}" is off by ${-off}` })
    return { ...this.#places.ended(), chains: this.#chains.size, texts: this.#texts }
  }

  #event({ matter, seq, position, body: text, hash, said }: EventLine): void {
    const find = (what: string) => this.#places.find({ position, matter, seq, what })
    this.#places.take(position, hash, find)

    const before = this.#chains.get(matter)
    if (seq !== (before?.seq ?? 0) + 1) {
      find('the step before it is missing, or its steps are out of order')
      this.#places.follows(text, hash, { matter, seq })
    } else if (eventHash(before?.hash ?? '', text) !== hash) {
      find('its hash does not fit what it says and what came before it')
    }

    const body = bodyOf(text)
    if (!body) find('what it says is not in the one form in which it is hashed')
    else if (body.matter !== matter || body.seq !== seq) find('it is filed under another subject or step than it says')
    else {
      this.#once(body, find)
      this.#said(body, said, find)
    }
    this.#chains.set(matter, { seq, hash, matter: body && this.#folded(before, body, find) })
  }

  /** OnceOnly: a command has at most one event. */
  #once({ actor, command }: EventBody, find: (what: string) => void): void {
    if (command === null) return
    if (this.#commands.has(`${actor} ${command}`)) find('its command had taken effect before')
    this.#commands.add(`${actor} ${command}`)
  }

  #said({ content }: EventBody, said: EventLine['said'], find: (what: string) => void): void {
    if (said === null) this.#texts.erased += content === null ? 0 : 1
    else if (content === null || contentHash(said.salt, said.body) !== content)
      find('the text kept with it is not the one that was written')
    else this.#texts.there += 1
  }

  #folded(before: Chain | undefined, body: EventBody, find: (what: string) => void): Matter | undefined {
    if (before ? !before.matter : !body.opens) return undefined
    const result = folded(before?.matter, body, this.#facility)
    if ('wrong' in result) {
      find(result.wrong)
      return undefined
    }
    this.#count(`${isoDay(body.at)} ${result.matter.kind} ${body.move}`, 1)
    return result.matter
  }

  /** LegalOnly: folding the events gives the row. */
  #row({ awaits, ...row }: MatterLine): void {
    this.#rows.add(row.id)
    const chain = this.#chains.get(row.id)
    if (!chain) return this.#places.find({ matter: row.id, what: 'a matter stands here without any event' })
    if (!chain.matter) return // said at its event
    const owed = kinds.get(row.kind)?.awaits.get(row.state) ?? null
    const given = Object.entries({ agent: null, ...chain.matter, awaits: owed })
    const wrong = given.filter(([name, value]) => value !== new Map(Object.entries({ ...row, awaits })).get(name))
    if (wrong.length > 0)
      this.#places.find({
        matter: row.id,
        seq: chain.seq,
        what: `its matter says something else than its events: ${wrong.map(([name]) => name).join(', ')}`,
      })
  }

  #daily({ day, kind, move, count }: DailyLine): void {
    this.#count(`${day} ${kind} ${move}`, -count)
  }

  #count(counter: string, more: number): void {
    this.#counters.set(counter, (this.#counters.get(counter) ?? 0) + more)
  }
}

/** Only what RFC 8785 itself would have written is a body. */
function bodyOf(text: string): EventBody | undefined {
  try {
    const body = JSON.parse(text) as EventBody
    return canonical(body) === text ? body : undefined
  } catch {
    return undefined
  }
}
