// What comes of a command: pure, the same on the phone and on the server. All it needs comes in, all it says goes out.
import * as v from 'valibot'
import { own, type Actor } from './actor.ts'
import type { Command } from './command.ts'
import { dueAfter } from './due.ts'
import type { Id } from './id.ts'
import type { Lifecycle, Move } from './lifecycle.ts'
import type { Facts, Matter, Tie } from './matter.ts'
import { kinds } from './matters/index.ts'
import type { Refusal } from './refusal.ts'
import type { Settings } from './settings.ts'

/** What a decision must know of the house, beside the matter. */
export interface Circumstances {
  /** UTC milliseconds: the server's clock there, the phone's own on the phone, where the result is provisional */
  readonly now: number
  /** the actor's own ties and those under which they act for others, ended ones too */
  readonly ties: readonly Tie[]
  readonly settings: Settings
}

/** A step that took effect: the matter after it, and what the record and the content tables keep of it. */
export interface Done {
  readonly matter: Matter
  readonly facts: Facts
  /** what people wrote or said with it; undefined for a move without words */
  readonly content: Record<string, unknown> | undefined
}

export type Decision = { readonly done: Done } | { readonly refused: Refusal }

/**
 * @param before the matter as it stands, or undefined for one that does not exist yet: a draft in somebody's hand
 * @param command as it came: its move and its input are not trusted
 */
export function decide(before: Matter | undefined, command: Command, who: Actor, house: Circumstances): Decision {
  const lifecycle = kinds.get(command.kind)
  if (!lifecycle || (before && before.kind !== command.kind)) return refuse('not_allowed')

  const standing = before ?? draft(command, who)
  const move = movesOpenTo(who, standing).get(command.move)
  if (!move) return refuse('not_allowed')
  if (move.needs === 'sees' && command.base !== standing.edition) return refuse('stale')

  const input = v.safeParse(move.input ?? NO_INPUT, command.input ?? {}, { abortEarly: true })
  if (!input.success) return refuse('check_input', v.getDotPath(input.issues[0]) ?? undefined)

  const tie = house.ties.find(({ id }) => id === (before?.tie ?? (input.output as { to?: unknown }).to))
  // By a leave: every step of it is asked for while that stands.
  if (before ? before.agent === who.account && (tie?.ended ?? true) : tie?.of && tie.ended)
    return refuse('mandate_ended')
  const addressed = before ?? address(standing, tie)
  if (!addressed) return refuse('not_allowed')

  const gate = move.asks ? consentGate(addressed, tie, house) : 'passed'
  if (gate === 'closed') return refuse('closed')

  const state = gate === 'wait' ? 'awaitingConsent' : move.to
  const due = dueAfter(house.settings[addressed.kind], state, house.now)
  return {
    done: {
      matter: advance(addressed, move, { actor: who.account, state, at: house.now, due }),
      facts: move.facts?.(input.output) ?? {},
      content: move.input ? input.output : undefined,
    },
  }
}

/** A matter after one more step: what a decision makes of it, and what folding its event makes of it again. */
export function advance(
  standing: Matter,
  move: Move,
  step: { readonly actor: Id; readonly state: string; readonly at: number; readonly due: number | null },
): Matter {
  const version = standing.version + 1
  return {
    ...standing,
    state: step.state,
    version,
    edition: move.writes ? version : standing.edition,
    since: step.at,
    due: step.due,
    decider: move.decides ? step.actor : standing.decider,
    appealed: move.appeals ? true : standing.appealed,
  }
}

/** The moves that somebody can make with a matter now: the buttons on the screen, and the guard on the server. */
export function movesOpenTo(who: Actor, matter: Matter): ReadonlyMap<string, Move> {
  const open = new Map<string, Move>()
  if (who.facility !== matter.facility) return open
  for (const [name, move] of kinds.get(matter.kind)?.moves ?? [])
    if (move.from.includes(matter.state) && permits(move.by, who, matter)) open.set(name, move)
  return open
}

/** Whether somebody may read a matter, and how much of it; undefined looks the same as a matter that is not there. */
export function readingOf(who: Actor, matter: Matter): 'all' | 'cover' | undefined {
  if (who.facility !== matter.facility) return undefined
  const lifecycle: Lifecycle | undefined = kinds.get(matter.kind)
  let most: 'all' | 'cover' | undefined
  for (const role of who.roles) {
    const reading = lifecycle?.reads.get(role)
    if (!reading || (reading.states !== 'all' && !reading.states.includes(matter.state))) continue
    if (role === 'relative' && !own(who, matter)) continue
    if (role === 'kiosk' && !who.people?.includes(matter.detainee)) continue
    if (reading.what === 'all') return 'all'
    most = 'cover'
  }
  return most
}

const NO_INPUT = v.strictObject({})

const permits = (by: Move['by'], who: Actor, matter: Matter): boolean =>
  who.roles.some((role) => by[role]?.(who, matter) ?? false)

const refuse = (code: Refusal['code'], field?: string): Decision => ({
  refused: field === undefined ? { code } : { code, field },
})

/** What nobody has sent yet: it has no person and no tie until its input names one. */
const draft = (command: Command, who: Actor): Matter => ({
  id: command.matter,
  facility: who.facility,
  kind: command.kind as Matter['kind'],
  tie: command.matter,
  detainee: command.matter,
  account: who.account,
  state: 'draft',
  version: 0,
  edition: 0,
  since: 0,
  due: null,
  decider: null,
  appealed: false,
})

/** A first request goes to a person by one of the writer's own ties, or of whom they act for; no other address exists. */
function address(matter: Matter, tie: Tie | undefined): Matter | undefined {
  if (!tie || tie.ended || tie.house.id !== matter.facility) return undefined
  const addressed = { ...matter, tie: tie.id, detainee: tie.detainee }
  return tie.of ? { ...addressed, account: tie.of.account, agent: matter.account } : addressed
}

function consentGate(matter: Matter, tie: Tie | undefined, house: Circumstances): 'passed' | 'wait' | 'closed' {
  if (!tie || tie.ended || (tie.bannedUntil ?? 0) > house.now) return 'closed'
  const access = tie.access[matter.kind]
  if (access === 'consent') return tie.consented[matter.kind] ? 'passed' : 'wait'
  return access === 'open' ? 'passed' : 'closed'
}
