// One house's part of a sync: load → fold → save → feed, under a deadline of its own.
import * as v from 'valibot'
import { maxNeeds, type Place, type Places, type Result } from '#db/command.ts'
import { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Change } from '#db/matter.ts'
import type { Env } from '#worker/env.ts'
import { logFault } from '#worker/fault.ts'
import { cut } from './feed.ts'
import { doneOf, fold, settled, type Fate, type Given, type World } from './fold.ts'
import { load, type Asker, type Before, type Touch } from './load.ts'
import { save, type Written } from './save.ts'

/** What a request wants of one house. */
export interface Visit {
  readonly facility: Id
  readonly asker: Asker
  readonly commands: readonly Given[]
  readonly asked: readonly Id[]
  readonly cursor: Place | undefined
  /** how many bytes of news the phone takes from this house at once */
  readonly bytes: number
}

export interface Visited {
  readonly results: Result[]
  readonly asked: Result[]
  readonly changes: readonly Change[]
  /** of each change, in the house's news; undefined where there are none */
  readonly places: Places | undefined
  readonly gone: readonly Id[]
  readonly cursor: Place | undefined
  readonly more: boolean
  /** the matters that moved */
  readonly moved: readonly Id[]
}

/** What is not known by then is asked after by the phone, and never written again here. */
export const deadlineMs = 5000
const retry: Result = { retry: { afterMs: 5000 } }

/** A house whose ledger is slow or broken answers `retry`, and keeps its part of the cursor. */
export async function visit(env: Env, wanted: Visit, world: World): Promise<Visited> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), deadlineMs)
  try {
    const visited = await Promise.race([exchange(env, wanted, world), late.promise])
    if (visited) return visited
  } catch (fault) {
    logFault('sync', fault, { facility: wanted.facility })
  } finally {
    clearTimeout(timer)
  }
  return {
    results: wanted.commands.map(() => retry),
    asked: wanted.asked.map(() => retry),
    changes: [],
    places: undefined,
    gone: [],
    cursor: wanted.cursor,
    more: false,
    moved: [],
  }
}

async function exchange(env: Env, wanted: Visit, world: World): Promise<Visited> {
  const database = ledger(env, wanted.facility)
  const touch = {
    commands: [...wanted.asked, ...wanted.commands.flatMap(idNamed('id')), ...wanted.commands.flatMap(needsOf)],
    matters: wanted.commands.flatMap(idNamed('matter')),
    cursor: wanted.cursor,
  }
  const before = await load(database, wanted.facility, wanted.asker, touch, world.now)
  if (!before) throw new Error('a house that is not in its ledger')

  const { fates, written } = await foldAndSave(database, wanted, touch, before, world)
  return {
    results: fates.map((fate) => resultOf(fate, written)),
    asked: wanted.asked.map((id) => answerTo(settled(before, { id }))),
    ...cut(wanted.facility, before.news, wanted.bytes, [...written.events.values()]),
    moved: fates.flatMap((fate) =>
      'pending' in fate && written.events.has(fate.pending.hash) ? [fate.pending.matter] : [],
    ),
  }
}

/** Folds and saves; what lost a race is loaded, folded and saved once more, and only once. */
async function foldAndSave(
  database: D1Database,
  { facility, asker, commands }: Visit,
  touch: Touch,
  before: Before,
  world: World,
): Promise<{ fates: readonly Fate[]; written: Written }> {
  const first = fold(before, commands, world)
  const written = await save(database, facility, first.writes)
  if (first.fates.every((fate) => stands(fate, written))) return { fates: first.fates, written }

  const again = await load(database, facility, asker, touch, world.now)
  if (!again) throw new Error('a house that is not in its ledger')
  const second = fold(again, commands, world)
  const later = await save(database, facility, second.writes)
  return {
    fates: second.fates,
    written: {
      events: new Map([...written.events, ...later.events]),
      refusals: new Set([...written.refusals, ...later.refusals]),
    },
  }
}

function stands(fate: Fate, { events, refusals }: Written): boolean {
  if ('pending' in fate) return events.has(fate.pending.hash)
  return fate.refuses === undefined || refusals.has(fate.refuses)
}

function resultOf(fate: Fate, written: Written): Result {
  if (!stands(fate, written)) return retry
  return 'pending' in fate ? doneOf(fate.pending, fate.after) : fate.result
}

const answerTo = (fate: Fate | undefined): Result => (fate && 'result' in fate ? fate.result : { unknown: true })

function needsOf({ said }: Given): Id[] {
  const needs = v.safeParse(Needs, (said as { needs?: unknown } | null)?.needs)
  return needs.success ? needs.output : []
}
const Needs = v.pipe(v.array(Id), v.maxLength(maxNeeds))

/** An id out of a command that nobody has checked yet; none where it is none. */
export const idNamed =
  (field: 'id' | 'matter' | 'facility') =>
  ({ said }: Given): Id[] => {
    const id = v.safeParse(Id, (said as Record<string, unknown> | null)?.[field])
    return id.success ? [id.output] : []
  }
