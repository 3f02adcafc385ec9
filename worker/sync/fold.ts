// Commands through the lifecycles, in memory: pure. What was loaded comes in, what is to be written goes out.
import * as v from 'valibot'
import type { Actor, Role } from '#db/actor.ts'
import { Command, type Result } from '#db/command.ts'
import { decide, movesOpenTo, type Done } from '#db/decide.ts'
import type { Id } from '#db/id.ts'
import type { Matter } from '#db/matter.ts'
import { kinds } from '#db/matters/index.ts'
import { base64, canonical, contentHash, eventHash, sha256, type EventBody } from '#db/record.ts'
import type { Refusal, RefusalCode } from '#db/refusal.ts'
import { upcast } from '#db/upcast.ts'
import type { Before, Known } from './load.ts'
import { effectsOf } from '#worker/matters/index.ts'
import { tell } from './tell.ts'
import type { NewEvent, Writes } from './save.ts'

/** What comes in beside what was loaded: time and chance are values, so that one seed replays a whole day. */
export interface World {
  /** UTC milliseconds */
  readonly now: number
  /** 16 random bytes, base64 */
  readonly salt: () => string
}

/** A command as it came: nobody has checked it yet. */
export interface Given {
  /** as this version reads it */
  readonly said: unknown
  /** SHA-256 of the words in which it was sent, base64: the same command in any version */
  readonly digest: string
}

/** @param v the version in which it was made */
export const givenOf = (sent: unknown, v: number): Given => ({
  said: upcast(sent, v),
  digest: base64(sha256(JSON.stringify(sent))),
})

/** What became of one command: a final answer, or what stands once its refusal or its event is written. */
export type Fate =
  { readonly result: Result; readonly refuses?: Id } | { readonly pending: NewEvent; readonly after: Matter }

export interface Folded {
  readonly fates: readonly Fate[]
  readonly writes: Writes
}

/** @param given the commands of one facility, in the order in which they were made */
export function fold(before: Before, given: readonly Given[], world: World): Folded {
  const matters = new Map(before.matters)
  const refusedMatters = new Map<Id, Refusal>()
  const waitingMatters = new Map<Id, Id>()
  const seen = new Map<Id, { digest: string; fate: Fate }>()
  const writes: Writes = { events: [], contents: [], matters: new Map(), refusals: [], effects: [], feed: [] }
  const heads = new Map([...before.matters].map(([id, { matter }]) => [id, matter.version]))

  const fates = given.map(({ said, digest }): Fate => {
    const parsed = v.safeParse(Command, said)
    if (!parsed.success) return final(refusal('check_input', v.getDotPath(parsed.issues[0])))
    const command = parsed.output
    const earlier = seen.get(command.id)
    if (earlier) return earlier.digest === digest ? earlier.fate : final(refusal('id_reused'))
    const fate = settled(before, command, digest) ?? step(command, digest)
    // commands of one matter share a fate, whether it was told before or only now: what was to follow a refused step
    // means nothing without it
    if ('result' in fate && 'refused' in fate.result) refusedMatters.set(command.matter, fate.result.refused)
    seen.set(command.id, { digest, fate })
    return fate
  })

  function step(command: Command, digest: string): Fate {
    const held = matters.get(command.matter)
    const failed = command.needs?.some((id) => before.refused.has(id)) ? refusal('needs_failed') : undefined
    const shared = refusedMatters.get(command.matter) ?? failed
    // What is written by this very request may yet lose a race: only what took effect before is there to be stood on.
    const on = waitingMatters.get(command.matter) ?? command.needs?.find((id) => !before.known.has(id))
    if (on && !shared) {
      waitingMatters.set(command.matter, on)
      return { result: { wait: { on } } }
    }
    const decision = shared
      ? { refused: shared }
      : before.taken.has(command.matter)
        ? { refused: refusal('not_allowed') }
        : decide(held?.matter, command, before.actor, { now: world.now, ties: before.ties, settings: before.settings })
    if ('refused' in decision) {
      const { id, matter } = command
      writes.refusals.push({ account: before.actor.account, id, matter, digest, ...decision.refused })
      return { ...final(decision.refused), refuses: id }
    }
    const { event, content } = eventOf(before.actor, held, command, digest, decision.done, world)
    const after = decision.done.matter
    matters.set(after.id, { matter: after, hash: event.hash })
    const pending = { ...event, from: heads.get(after.id) ?? 0 }
    writes.events.push(pending)
    if (content) writes.contents.push({ ...content, hash: event.hash })
    writes.matters.set(after.id, { matter: after, hash: event.hash })
    writes.feed.push(...tell(held?.matter, after, event))
    for (const effect of effectsOf(after, command.move, decision.done.content ?? {}, world.now))
      writes.effects.push({ ...effect, by: event })
    return { pending, after }
  }

  return { fates, writes }
}

/** The fate of a command that came before, if it did. */
export function settled(before: Before, command: { readonly id: Id }, digest?: string): Fate | undefined {
  const known = before.known.get(command.id)
  if (known) return final(digest !== undefined && known.digest !== digest ? refusal('id_reused') : undefined, known)
  const refused = before.refused.get(command.id)
  if (!refused) return undefined
  if (digest !== undefined && refused.digest !== digest) return final(refusal('id_reused'))
  return final(refusal(refused.code as RefusalCode, refused.field))
}

/** A step that is written: the thin answer to the phone that made it. */
export const doneOf = (event: { hash: string; seq: number }, after: Matter): Result => ({
  done: { version: event.seq, state: after.state, at: after.since, due: after.due, hash: event.hash },
})

function eventOf(
  actor: Actor,
  held: { readonly matter: Matter; readonly hash: string } | undefined,
  command: Command,
  digest: string,
  done: Done,
  world: World,
): { event: Omit<NewEvent, 'from'>; content?: { matter: Id; seq: number; salt: string; body: string } } {
  const { matter } = done
  const said = done.content && { salt: world.salt(), body: canonical(done.content) }
  const body = canonical({
    v: 1,
    matter: matter.id,
    seq: matter.version,
    at: world.now,
    actor: actor.account,
    role: roleIn(actor, held?.matter ?? { ...matter, state: 'draft' }, command.move),
    move: command.move,
    state: matter.state,
    facts: done.facts,
    due: matter.due,
    opens: held ? null : opensOf(matter),
    content: said ? contentHash(said.salt, said.body) : null,
    command: command.id,
    digest,
  } satisfies EventBody)
  const event = { matter: matter.id, seq: matter.version, body, hash: eventHash(held?.hash ?? '', body) }
  return said ? { event, content: { matter: matter.id, seq: matter.version, ...said } } : { event }
}

const opensOf = ({ kind, tie, detainee, account, agent }: Matter): EventBody['opens'] =>
  agent === undefined ? { kind, tie, detainee } : { kind, tie, detainee, account }

/** Of somebody's roles the one that let them make the move: it stands in the record, and on the timeline. */
function roleIn(actor: Actor, matter: Matter, name: string): Role {
  const move = movesOpenTo(actor, matter).get(name) ?? kinds.get(matter.kind)?.moves.get(name)
  return actor.roles.find((role) => move?.by[role]?.(actor, matter)) ?? 'system'
}

function final(refused: Refusal | undefined, known?: Known): { readonly result: Result } {
  if (refused || !known) return { result: { refused: refused ?? refusal('not_allowed') } }
  const { version, state, at, due, hash } = known
  return { result: { done: { version, state, at, due, hash } } }
}

const refusal = (code: RefusalCode, field?: string | null): Refusal =>
  field === undefined || field === null ? { code } : { code, field }

export const randomSalt = (): string => base64(crypto.getRandomValues(new Uint8Array(16)))
