// A house's ledger, read on from event to event and held against a copy of our own (DESIGN §9). What was read before
// can't change without a hash that no longer fits: that is the audit's to find, which reads all of it at the day's end.
import { isoDay } from '#db/calendar.ts'
import type { Id } from '#db/id.ts'
import type { Matter } from '#db/matter.ts'
import { kinds } from '#db/matters/index.ts'
import { contentHash, eventHash, type EventBody } from '#db/record.ts'
import { folded } from '#worker/record/legal.ts'
import { channels } from '#worker/sync/feed.ts'
import { Broken, none } from './invariants.ts'
import type { Ledger } from './ledger.ts'

/** What of the wire the books are held against. */
export interface Wired {
  /** the place of a command in the order in which commands were made; undefined for the minute's */
  nth(command: Id): number | undefined
  /** the edition that its maker had looked at */
  base(command: Id): number | undefined
  /** which memory made it: a device's, until its browser is cleared */
  memory(command: Id): number | undefined
}

/** A subject's events so far. */
export interface Chain {
  readonly hash: string
  /** the places of its events in the house's order */
  readonly positions: readonly number[]
  /** the state after each step, the first one at 1 */
  readonly states: readonly string[]
  /** as folding the events gives it; undefined for what is no matter */
  readonly matter: Matter | undefined
}

export class Books {
  readonly facility: Id
  readonly #ledger: Ledger
  readonly chains = new Map<Id, Chain>()
  /** every text that somebody sent, as the record's content keeps it */
  readonly texts = new Set<string>()
  /** how many events the house has */
  size = 0
  /** by actor and command: what became of it */
  readonly done = new Map<string, Pick<EventRow, 'seq' | 'hash'> & { readonly state: string }>()
  readonly commands = new Set<Id>()
  /** per matter and device, when its newest command was made */
  readonly #latest = new Map<string, number>()
  readonly #counters = new Map<string, number>()
  #said = 0
  #writes = -1

  constructor(facility: Id, ledger: Ledger) {
    this.facility = facility
    this.#ledger = ledger
  }

  /** @throws Broken */
  reads(wired: Wired): void {
    if (this.#ledger.writes === this.#writes) return
    this.#writes = this.#ledger.writes
    for (const event of this.#ledger.rows<EventRow>(eventsSql, this.size, this.facility)) this.#event(event, wired)
    this.#matters()
    this.#told()
    this.#counted()
    const [content] = this.#ledger.rows<{ texts: number; strays: number }>(contentSql, this.facility)
    if (content?.texts !== this.#said || content.strays > 0)
      throw new Broken('AllOrNone', 'a text stands there that no event speaks of')
  }

  hasEnded(tie: Id): boolean {
    return this.#ledger.rows('SELECT 1 FROM kinship WHERE id = ? AND ended_at IS NOT NULL', tie).length > 0
  }

  #event(row: EventRow, wired: Wired): void {
    const body = JSON.parse(row.body) as EventBody
    const before = this.chains.get(row.matter)
    const how = `${body.move} of ${row.matter}`
    if (row.position !== this.size) throw new Broken('GaplessSeq', `place ${this.size} of the house is empty`)
    if (row.seq !== (before?.states.length ?? 0) + 1) throw new Broken('GaplessSeq', `step ${row.seq}: ${how}`)
    if (eventHash(before?.hash ?? '', row.body) !== row.hash) throw new Broken('Tamper', `the hash of ${how}`)
    this.size += 1

    const command = `${body.actor} ${body.command}`
    if (this.done.has(command)) throw new Broken('OnceOnly', how)
    if (body.command !== null) this.commands.add(body.command)
    this.done.set(command, { seq: row.seq, hash: row.hash, state: body.state })

    if ((body.content === null) !== (row.said === null)) throw new Broken('AllOrNone', `the words of ${how}`)
    if (row.said !== null && row.salt !== null) {
      if (contentHash(row.salt, row.said) !== body.content) throw new Broken('Tamper', `the words of ${how}`)
      this.#said += 1
      this.texts.add((JSON.parse(row.said) as { body?: string }).body ?? '')
    }
    this.chains.set(row.matter, {
      hash: row.hash,
      positions: [...(before?.positions ?? []), row.position],
      states: [...(before?.states ?? []), body.state],
      matter: before?.matter || body.opens ? this.#folded(before?.matter, body, how, wired) : undefined,
    })
  }

  #folded(before: Matter | undefined, body: EventBody, how: string, wired: Wired): Matter {
    const result = folded(before, body, this.facility)
    if ('wrong' in result) throw new Broken('LegalOnly', `${how}: ${result.wrong}`)
    const { command } = body
    const nth = command === null ? undefined : wired.nth(command)
    if (command !== null && nth !== undefined) {
      const whose = `${body.matter} ${wired.memory(command)}`
      if (nth < (this.#latest.get(whose) ?? -1)) throw new Broken('OrderInMatter', `${how} overtook the one before it`)
      this.#latest.set(whose, nth)
      const move = kinds.get(result.matter.kind)?.moves.get(body.move)
      const base = wired.base(command)
      if (move?.needs === 'sees' && base !== before?.edition)
        throw new Broken('SeenText', `${how}: edition ${base} was on the screen, ${before?.edition} stood there`)
    }
    const counter = `${isoDay(body.at)} ${result.matter.kind} ${body.move}`
    this.#counters.set(counter, (this.#counters.get(counter) ?? 0) + 1)
    return result.matter
  }

  /** LegalOnly: folding the events gives the row. */
  #matters(): void {
    const rows = this.#ledger.rows<Matter & { awaits: string | null }>(
      'SELECT * FROM matter WHERE facility = ?',
      this.facility,
    )
    const folds = [...this.chains.values()].filter(({ matter }) => matter).length
    if (rows.length !== folds) throw new Broken('LegalOnly', `${rows.length} matters for ${folds} that have events`)
    for (const row of rows) {
      const matter = this.chains.get(row.id)?.matter
      const owed = kinds.get(row.kind)?.awaits.get(row.state) ?? null
      const right =
        matter &&
        row.awaits === owed &&
        Boolean(row.appealed) === matter.appealed &&
        same.every((column) => row[column] === matter[column]) &&
        (row.agent ?? null) === (matter.agent ?? null)
      if (!right) throw new Broken('LegalOnly', `${JSON.stringify(row)} where its events say ${JSON.stringify(matter)}`)
    }
  }

  /** AllOrNone: a step is in the feed of everybody whom it concerns, or it is not there. */
  #told(): void {
    const feed = new Map(
      this.#ledger
        .rows<FeedRow>("SELECT channel, subject, position FROM feed WHERE what IN ('matter', 'gone')")
        .map(({ channel, subject, position }) => [`${channel} ${subject}`, position]),
    )
    for (const [id, { matter, positions }] of this.chains) {
      const position = positions.at(-1)
      if (!matter || position === undefined) continue
      const shown = kinds.get(matter.kind)?.reads.get('kiosk')?.states ?? []
      const whom = [channels.account(this.facility, matter.account), channels.house(this.facility)]
      if (shown.includes(matter.state)) whom.push(channels.person(matter.detainee))
      for (const channel of whom)
        if ((feed.get(`${channel} ${id}`) ?? -1) < position)
          throw new Broken('AllOrNone', `${channel} has not been told of step ${matter.version} of ${id}`)
    }
  }

  #counted(): void {
    const rows = this.#ledger.rows<{ day: string; kind: string; move: string; count: number }>(
      'SELECT * FROM daily WHERE facility = ?',
      this.facility,
    )
    none(
      'Counters',
      rows.filter(({ day, kind, move, count }) => this.#counters.get(`${day} ${kind} ${move}`) !== count),
    )
    if (rows.length !== this.#counters.size) throw new Broken('Counters', 'a day has no counter')
  }
}

interface EventRow {
  readonly matter: Id
  readonly seq: number
  readonly position: number
  readonly body: string
  readonly hash: string
  readonly salt: string | null
  readonly said: string | null
}

interface FeedRow {
  readonly channel: string
  readonly subject: Id
  readonly position: number
}

const eventsSql = `
  SELECT e.matter, e.seq, e.position, e.body, e.hash, c.salt, c.body AS said
  FROM event e LEFT JOIN content c ON c.matter = e.matter AND c.seq = e.seq WHERE e.position >= ? AND e.facility = ? ORDER BY e.position`

const contentSql = `
  SELECT count(*) FILTER (WHERE e.facility = ?) AS texts, count(*) FILTER (WHERE e.facility IS NULL) AS strays
  FROM content c LEFT JOIN event e ON e.matter = c.matter AND e.seq = c.seq`

const same = [
  'facility',
  'kind',
  'tie',
  'detainee',
  'account',
  'state',
  'version',
  'edition',
  'since',
  'due',
  'decider',
] as const
