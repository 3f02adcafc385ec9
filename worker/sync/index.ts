// One request does it all: load → fold → save → feed, in two trips to D1 whether it brings 1 command or 50.
import { Hono } from 'hono'
import * as v from 'valibot'
import { maxBodyBytes, protocol, SyncRequest, type Cursor, type Result, type SyncAnswer } from '#db/command.ts'
import { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { receiptText } from '#db/record.ts'
import { readBody } from '#worker/body.ts'
import type { Env, Me, Signed } from '#worker/env.ts'
import { signedIn } from '#worker/identity/signedIn.ts'
import { sign } from '#worker/record/sign.ts'
import { pokeDesk } from '#worker/rooms/poke.ts'
import { cut } from './feed.ts'
import { doneOf, fold, randomSalt, settled, type Fate, type World } from './fold.ts'
import { load, type Asker, type Before } from './load.ts'
import { save, type Written } from './save.ts'

export const sync = new Hono<Signed>().post('/', signedIn, async (c) => {
  const body = await readBody(c.req.raw, maxBodyBytes)
  if ('problem' in body) return c.json(body, body.status)
  const request = v.safeParse(SyncRequest, body.json)
  if (!request.success) return c.json({ problem: v.getDotPath(request.issues[0]) ?? 'body' }, 400)
  if (request.output.v > protocol) return c.json({ problem: 'wrong_version' }, 400)

  const world = { now: Date.now(), salt: randomSalt }
  const answer = await answerTo(c.env, c.var.me, request.output, world)
  for (const { facility, moved } of answer.moved) c.executionCtx.waitUntil(pokeDesk(c.env, facility, { moved }))
  return c.json(answer.answer)
})

/**
 * What a sync comes to, over all houses that it touches. A house whose ledger does not answer gets `retry` for its
 * commands and keeps its part of the cursor; it holds up no other.
 */
export async function answerTo(
  env: Env,
  me: Me,
  request: SyncRequest,
  world: World,
): Promise<{ answer: SyncAnswer; moved: readonly { facility: Id; moved: readonly Id[] }[] }> {
  const asker: Asker = me.kiosk ? { account: me.kiosk.id, kiosk: true } : { account: me.account, kiosk: false }
  const facilityOf = request.commands.map(facilityNamedBy)
  const facilities = me.kiosk ? [me.kiosk.facility] : me.facilities
  const share = Math.floor(request.limit / Math.max(1, facilities.length))

  const parts = await Promise.all(
    facilities.map(async (facility) => {
      const commands = request.commands.filter((_, nth) => facilityOf[nth] === facility)
      const asked = request.ask.filter((ask) => ask.facility === facility).map((ask) => ask.id)
      return {
        facility,
        ...(await answerOf(env, facility, asker, commands, asked, request.cursor[facility], share, world)),
      }
    }),
  )
  const byFacility = new Map(parts.map((part) => [part.facility, part]))
  const take = (facility: Id | undefined, list: 'results' | 'asked'): Result =>
    (facility && byFacility.get(facility)?.[list].shift()) ?? { refused: { code: 'not_allowed' } }

  const results = facilityOf.map((facility) => take(facility, 'results'))
  const hashes = results.flatMap((result) => ('done' in result ? [result.done.hash] : []))
  return {
    moved: parts.filter((part) => part.moved.length > 0).map(({ facility, moved }) => ({ facility, moved })),
    answer: {
      v: protocol,
      asked: request.ask.map((ask) => take(ask.facility, 'asked')),
      results,
      changes: parts.flatMap((part) => part.changes),
      gone: parts.flatMap((part) => part.gone),
      cursor: Object.fromEntries(
        parts.flatMap((part) => (part.cursor === undefined ? [] : [[part.facility, part.cursor]])),
      ),
      more: parts.some((part) => part.more),
      now: world.now,
      ...(hashes.length > 0 && { receipt: await sign(env.RECORD_KEY, receiptText(hashes)) }),
    },
  }
}

/** Server deadline for one house: what is not known by then is asked after, not written again. */
const deadlineMs = 5000
const retryAfterMs = 5000

type Part = { results: Result[]; asked: Result[]; moved: Id[] } & Omit<ReturnType<typeof cut>, 'cursor'> & {
    cursor: number | undefined
  }

async function answerOf(
  env: Env,
  facility: Id,
  asker: Asker,
  commands: readonly unknown[],
  asked: readonly Id[],
  cursor: number | undefined,
  bytes: number,
  world: World,
): Promise<Part> {
  const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), deadlineMs))
  const work = exchange(env, facility, asker, commands, asked, cursor, bytes, world)
  try {
    const part = await Promise.race([work, late])
    if (part !== 'late') return part
  } catch (fault) {
    console.error(JSON.stringify({ at: 'sync', facility, fault: String(fault) }))
  }
  const retry = { retry: { afterMs: retryAfterMs } }
  return {
    results: commands.map(() => retry),
    asked: asked.map(() => retry),
    changes: [],
    gone: [],
    cursor,
    more: false,
    moved: [],
  }
}

async function exchange(
  env: Env,
  facility: Id,
  asker: Asker,
  commands: readonly unknown[],
  asked: readonly Id[],
  cursor: number | undefined,
  bytes: number,
  world: World,
): Promise<Part> {
  const database = ledger(env, facility)
  const touch = {
    commands: [...asked, ...commands.flatMap(idNamedBy('id'))],
    matters: commands.flatMap(idNamedBy('matter')),
    cursor,
  }
  const before = await load(database, facility, asker, touch, world.now)
  if (!before) throw new Error('a house that is not in its ledger')

  const { fates, written, last } = await foldAndSave(database, facility, asker, touch, before, commands, world)
  const results = fates.map((fate) => resultOf(fate, written))
  const news = cut(before.news, bytes, [...written.values()])
  return {
    results,
    asked: asked.map((id) => asResult(settled(last, { id })) ?? { unknown: true }),
    ...news,
    moved: fates.flatMap((fate) => ('pending' in fate && written.has(fate.pending.hash) ? [fate.pending.matter] : [])),
  }
}

/** Folds and saves; what lost a race is loaded, folded and saved once more, and only once. */
async function foldAndSave(
  database: D1Database,
  facility: Id,
  asker: Asker,
  touch: Parameters<typeof load>[3],
  before: Before,
  commands: readonly unknown[],
  world: World,
): Promise<{ fates: readonly Fate[]; written: Written; last: Before }> {
  const first = fold(before, commands, world)
  const written = await save(database, facility, first.writes)
  if (first.writes.events.every((event) => written.has(event.hash)))
    return { fates: first.fates, written, last: before }

  const again = await load(database, facility, asker, touch, world.now)
  if (!again) throw new Error('a house that is not in its ledger')
  const second = fold(again, commands, world)
  const writtenNow = await save(database, facility, second.writes)
  return { fates: second.fates, written: new Map([...written, ...writtenNow]), last: again }
}

function resultOf(fate: Fate, written: Written): Result {
  if ('result' in fate) return fate.result
  return written.has(fate.pending.hash) ? doneOf(fate.pending, fate.after) : { retry: { afterMs: retryAfterMs } }
}

const asResult = (fate: Fate | undefined): Result | undefined => (fate && 'result' in fate ? fate.result : undefined)

const facilityNamedBy = (raw: unknown): Id | undefined => idNamedBy('facility')(raw)[0]

/** An id out of a command that nobody has checked yet; none where it is none. */
const idNamedBy =
  (field: 'id' | 'matter' | 'facility') =>
  (raw: unknown): Id[] => {
    const id = v.safeParse(Id, (raw as Record<string, unknown> | null)?.[field])
    return id.success ? [id.output] : []
  }
