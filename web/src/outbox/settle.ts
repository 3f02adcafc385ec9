// What an answer changes here: each command's fate by its position, the house's news, and how far they reach.
import type { Actor } from '#db/actor.ts'
import type { Cursor, Result, SyncAnswer } from '#db/command.ts'
import { readingOf } from '#db/decide.ts'
import type { Id } from '#db/id.ts'
import type { Change, Tie } from '#db/matter.ts'
import { matters } from '#db/matters/index.ts'
import type { Refusal } from '#db/refusal.ts'
import type { Pace } from './pace.ts'
import { predict, rebase } from './predict.ts'
import { getMeta, putMetas, type Held, type Store, type Waiting } from './store.ts'
import type { Load } from './sync.ts'

export interface Settled {
  /** something is known now that was not known before: it makes sense to go on at once */
  readonly progress: boolean
  /** how long to wait before what must be retried */
  readonly afterMs: number
  /** the house is older than this app: all is kept until it has caught up */
  readonly outdated: boolean
}

type MatterChange = Extract<Change, { matter: unknown }>
type Done = Extract<Result, { done: unknown }>['done']

/**
 * Within a transaction over all tables: what an answer changes is kept together or not at all.
 *
 * @param pace what it says of the link
 */
export async function settle(store: Store, load: Load, answer: SyncAnswer, pace: Pace, now: number): Promise<Settled> {
  const fates = new Map<Id, Result>()
  // One that broke off tells only the first of them.
  for (const [at, fate] of answer.asked.entries()) fates.set((load.asked[at] as Waiting).id, fate)
  for (const [at, fate] of answer.results.entries()) fates.set((load.sent[at] as Waiting).id, fate)

  const cursor = (await getMeta<Cursor>(store, 'cursor')) ?? {}
  const moved = Object.entries(answer.cursor).some(
    ([facility, place]) => String(cursor[facility as Id]) !== String(place),
  )

  // What is to wait for something that is nowhere any more would wait for ever.
  for (const [id, fate] of fates)
    if ('wait' in fate && (await store.outbox.where('id').equals(fate.wait.on).count()) === 0)
      fates.set(id, { refused: { code: 'needs_failed' } })

  let arrived = false
  const news = new Map<Id, MatterChange>()
  for (const change of answer.changes) {
    if ('tie' in change) await store.ties.put(change.tie)
    else if ('inmate' in change) {
      arrived ||= !(await store.inmates.get(change.inmate.id))
      await store.inmates.put(change.inmate)
    } else news.set(change.matter.id, change)
  }

  const touched = new Set<Id>(news.keys())
  for (const { matter } of [...load.asked, ...load.sent]) touched.add(matter)
  const ties = touched.size > 0 ? await store.ties.toArray() : []
  for (const id of touched) await settleMatter(store, id, fates, news.get(id), ties, now)

  for (const id of answer.gone) await forget(store, id)
  // Somebody new in the cell brings letters that are older than what this kiosk has read: it reads from the beginning.
  // Where all was forgotten while this was on its way, what the answer builds on is gone.
  const forgotten = Object.keys(cursor).length < Object.keys(load.cursor).length
  const anew = forgotten || (arrived && Object.keys(cursor).length > 0)
  await putMetas(store, { cursor: anew ? {} : { ...cursor, ...answer.cursor }, heardAt: now, pace })

  const results = [...fates.values()]
  const known = results.some((fate) => 'done' in fate || 'unknown' in fate || isFinal(fate))
  return {
    progress: moved || known,
    afterMs: Math.max(0, ...results.map((fate) => ('retry' in fate ? fate.retry.afterMs : 0))),
    outdated: results.some((fate) => 'refused' in fate && !isFinal(fate)),
  }
}

/** A command that the house is too old for is no verdict on it: it waits. */
const isFinal = (fate: Result): fate is { refused: Refusal } =>
  'refused' in fate && fate.refused.code !== 'wrong_version'

/** The house's truth of one matter first, then what still waits here done to it again. */
export async function settleMatter(
  store: Store,
  id: Id,
  fates: ReadonlyMap<Id, Result>,
  change: MatterChange | undefined,
  ties: readonly Tie[],
  now: number,
): Promise<void> {
  const shown = await store.matters.get(id)
  const waiting = await store.outbox.where('matter').equals(id).sortBy('id')
  let truth = waiting[0] ? waiting[0].before : (shown ?? null)
  // News first: they were read before the commands of the same request took effect.
  if (change) truth = merged(truth, change)
  let doom: Refusal | undefined
  let reader: Actor | undefined
  const left: Waiting[] = []

  for (const entry of waiting) {
    const fate = fates.get(entry.id)
    if (fate && 'done' in fate) {
      truth = acknowledged(truth, shown, entry, fate.done, ties)
      reader = entry.who
      await store.outbox.delete(entry.id)
      continue
    }
    if (fate && isFinal(fate)) doom = fate.refused
    // What was built on a refused step falls with it, unless it is on a wire: then the house says so itself.
    if ((fate && isFinal(fate)) || (doom && entry.state === 'new')) {
      await store.shelf.put({ id: entry.id, command: entry.command, refused: doom as Refusal, at: now })
      await store.outbox.delete(entry.id)
      continue
    }
    left.push(fate && ('unknown' in fate || 'wait' in fate) ? { ...entry, state: 'again' } : entry)
  }

  const again = rebase(truth, left, ties)
  if (again.waiting.length > 0) await store.outbox.bulkPut(again.waiting)
  // Nobody tells a device of what it did itself: a letter that a kiosk has refused leaves it here.
  const passedOn = reader && left.length === 0 && again.held && !readingOf(reader, again.held.matter)
  if (again.held && !passedOn) await store.matters.put(again.held)
  else await store.matters.delete(id)
}

/** A `done` comes thin: the words are the ones made here, the facts are the house's. */
function acknowledged(
  truth: Held | null,
  shown: Held | undefined,
  { command, who }: Waiting,
  done: Done,
  ties: readonly Tie[],
): Held | null {
  if (truth && truth.matter.version >= done.version) return truth // the feed was faster than the answer
  const prediction = predict(truth, command, who, ties)
  const held = 'held' in prediction ? prediction.held : (truth ?? shown)
  if (!held) return null

  const writes = matters[held.matter.kind].moves.get(command.move)?.writes ?? false
  const { version, state, at, due } = done
  return {
    ...held,
    waiting: 0,
    matter: {
      ...held.matter,
      version,
      state,
      due,
      since: at,
      edition: writes ? version : (truth?.matter.edition ?? held.matter.edition),
    },
    steps: 'step' in prediction ? [...held.steps, { ...prediction.step, seq: version, state, at }] : held.steps,
    contents: held.contents.map((content) =>
      'step' in prediction && content.seq === prediction.step.seq ? { ...content, seq: version } : content,
    ),
  }
}

/** News of a matter carries the steps and contents since the cursor: the rest is here already. */
function merged(truth: Held | null, change: MatterChange): Held {
  const about = change.about ?? truth?.about
  const overtaken = truth && truth.matter.version > change.matter.version
  return {
    id: change.matter.id,
    matter: overtaken ? truth.matter : change.matter,
    steps: bySeq(truth?.steps ?? [], change.steps),
    contents: bySeq(truth?.contents ?? [], change.contents),
    ...(about && { about }),
    waiting: 0,
  }
}

function bySeq<Part extends { readonly seq: number }>(known: readonly Part[], fresh: readonly Part[]): Part[] {
  const parts = new Map<number, Part>()
  for (const part of [...known, ...fresh]) parts.set(part.seq, part)
  return [...parts.values()].sort((one, other) => one.seq - other.seq)
}

/** What this reader may no longer see. Its commands stay on their way: the house has yet to say what became of them. */
async function forget(store: Store, id: Id): Promise<void> {
  await store.matters.delete(id)
  await store.ties.delete(id)
  if (await store.inmates.get(id)) {
    await store.inmates.delete(id)
    await store.matters.filter((held) => held.matter.detainee === id).delete()
  }
  const first = await store.outbox.where('matter').equals(id).first()
  if (first) await store.outbox.update(first.id, { before: null })
}
