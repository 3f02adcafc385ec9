// A house for tests of the phone: it keeps the protocol's promises with the product's own `decide`, in memory.
import type { Actor } from '#db/actor.ts'
import { reached, type Command, type Result, type SyncAnswer, type SyncRequest } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import { decide } from '#db/decide.ts'
import { newId, type Id } from '#db/id.ts'
import type { Change, Content, Matter, Step, Tie } from '#db/matter.ts'
import { defaults } from '#db/settings.ts'

interface Filed {
  matter: Matter
  steps: (Step & { position: number })[]
  contents: Content[]
}

export class House {
  readonly facility = newId()
  readonly reviewer: Actor = { account: newId(), facility: this.facility, roles: ['reviewer'] }
  /** the server's clock: it stands still inside a request */
  now = 1_790_000_000_000
  readonly matters = new Map<Id, Filed>()
  /** how often each command took effect */
  readonly events = new Map<Id, number>()
  readonly #answers = new Map<Id, Result>()
  readonly #ties = new Map<Id, Tie>()
  readonly #gone = new Map<Id, number>()
  #position = 0
  /** while it is true every command is answered `retry` */
  busy = false

  tieFor(): Tie {
    const tie: Tie = {
      id: newId(),
      house: { id: this.facility, name: '青山看守所', telephone: '0571-0000', hours: '8:30–17:00' },
      detainee: newId(),
      name: '李某',
      kin: 'parent',
      access: { letter: 'open' },
      consented: { letter: false },
      ended: false,
    }
    this.#ties.set(tie.id, tie)
    return tie
  }

  endTie(tie: Tie) {
    this.#ties.set(tie.id, { ...tie, ended: true })
  }

  /** A decision made on the house's own machine. */
  decides(matter: Id, move: string, input?: Record<string, unknown>) {
    const { edition } = this.#filed(matter).matter
    const command = this.command(matter, move, edition, input)
    const result = this.#carryOut(command, this.reviewer)
    if (!('done' in result)) throw new Error(`the house refused ${move}: ${JSON.stringify(result)}`)
  }

  hides(matter: Id) {
    this.#position += 1
    this.#gone.set(matter, this.#position)
  }

  letters(): { state: string; body: unknown }[] {
    return [...this.matters.values()].map(({ matter, contents }) => ({
      state: matter.state,
      body: contents.find(({ seq }) => seq === matter.edition)?.input['body'],
    }))
  }

  sync(request: SyncRequest, who: Actor): SyncAnswer {
    const [since] = reached(request.cursor[this.facility] ?? 0)
    const asked = request.ask.map(({ id }): Result => this.#answers.get(id) ?? { unknown: true })
    const changes = this.#newsFor(who, since)
    const stopped = new Set<Id>()
    const results = (request.commands as Command[]).map((command): Result => {
      if (this.busy || stopped.has(command.matter)) {
        stopped.add(command.matter)
        return { retry: { afterMs: 1000 } }
      }
      return this.#answers.get(command.id) ?? this.#lacks(command) ?? this.#carryOut(command, who)
    })
    const gone = [...this.#gone].filter(([, position]) => position > since).map(([id]) => id)
    // The cursor steps over what this request itself wrote: the phone knows it from the results.
    const cursor = { [this.facility]: this.#position }
    return { v: protocol, asked, results, changes, gone, cursor, more: false }
  }

  #lacks({ id, needs = [] }: Command): Result | undefined {
    const fates = needs.map((need) => this.#answers.get(need))
    if (fates.some((fate) => fate && 'refused' in fate)) return this.#answer(id, { refused: { code: 'needs_failed' } })
    const on = needs.find((_, nth) => fates[nth] === undefined)
    return on && { wait: { on } }
  }

  /** Read before the commands of the same request are carried out, as the server does. */
  #newsFor(who: Actor, since: number): Change[] {
    const changes: Change[] = []
    for (const { matter, steps, contents } of this.matters.values()) {
      const news = steps.filter(({ position }) => position > since)
      if (this.#gone.has(matter.id) || news.length === 0) continue
      const seqs = new Set(news.map(({ seq }) => seq))
      changes.push({
        matter: who.roles.includes('relative') ? { ...matter, decider: null } : matter,
        steps: news.map(({ position: _position, ...step }) => step),
        contents: contents.filter(({ seq }) => seqs.has(seq)),
      })
    }
    if (since === 0) for (const tie of this.#ties.values()) changes.push({ tie })
    return changes
  }

  command(matter: Id, move: string, base: number, input?: Record<string, unknown>): Command {
    const command = { id: newId(), facility: this.facility, matter, kind: 'letter', move, base, at: this.now }
    return input ? { ...command, input } : command
  }

  #carryOut(command: Command, who: Actor): Result {
    const filed = this.matters.get(command.matter)
    const ties = [...this.#ties.values()]
    const decision = decide(filed?.matter, command, who, { now: this.now, ties, settings: defaults.detention })
    if ('refused' in decision) return this.#answer(command.id, decision)

    const { matter, facts, content } = decision.done
    this.#position += 1
    this.events.set(command.id, (this.events.get(command.id) ?? 0) + 1)
    const step = {
      ...{ seq: matter.version, at: this.now, move: command.move, state: matter.state, facts },
      ...{ role: who.roles[0] ?? 'system', position: this.#position },
    } as const
    this.matters.set(command.matter, {
      matter,
      steps: [...(filed?.steps ?? []), step],
      contents: [...(filed?.contents ?? []), ...(content ? [{ seq: matter.version, input: content }] : [])],
    })
    const { version, state, due } = matter
    return this.#answer(command.id, { done: { version, state, at: this.now, due, hash: `hash of ${command.id}` } })
  }

  #answer(id: Id, result: Result): Result {
    this.#answers.set(id, result)
    return result
  }

  #filed(id: Id): Filed {
    const filed = this.matters.get(id)
    if (!filed) throw new Error('the house has no such matter')
    return filed
  }
}
