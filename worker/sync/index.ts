// One request does it all: load → fold → save → feed, in two trips to D1 whether it brings 1 command or 50.
import { Hono } from 'hono'
import * as v from 'valibot'
import { maxBodyBytes, protocol, SyncRequest, type Result, type SyncAnswer } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { receiptText } from '#db/record.ts'
import { readBody } from '#worker/body.ts'
import type { Env, Me, Signed } from '#worker/env.ts'
import { signedIn } from '#worker/identity/signedIn.ts'
import { sign } from '#worker/record/sign.ts'
import { pokeDesk } from '#worker/rooms/poke.ts'
import { randomSalt, type World } from './fold.ts'
import type { Asker } from './load.ts'
import { idNamed, visit, type Visited } from './visit.ts'

export const sync = new Hono<Signed>().post('/', signedIn, async (c) => {
  const body = await readBody(c.req.raw, maxBodyBytes)
  if ('problem' in body) return c.json({ problem: body.problem }, body.status)
  const request = v.safeParse(SyncRequest, body.json)
  if (!request.success) return c.json({ problem: v.getDotPath(request.issues[0]) ?? 'body' }, 400)
  if (request.output.v > protocol) return c.json({ problem: 'wrong_version' }, 400)

  const { answer, moved } = await answerTo(c.env, c.var.me, request.output, { now: Date.now(), salt: randomSalt })
  for (const [facility, matters] of moved) c.executionCtx.waitUntil(pokeDesk(c.env, facility, { moved: matters }))
  return c.json(answer)
})

/**
 * What a sync comes to, over all houses that it touches: one slow ledger holds up no other.
 *
 * @returns the answer, and which matters moved in which house
 */
export async function answerTo(
  env: Env,
  me: Me,
  request: SyncRequest,
  world: World,
): Promise<{ answer: SyncAnswer; moved: ReadonlyMap<Id, readonly Id[]> }> {
  const asker: Asker = { account: me.kiosk?.id ?? me.account, kiosk: me.kiosk !== undefined }
  const facilities = me.kiosk ? [me.kiosk.facility] : me.facilities
  const namedBy = request.commands.map((command) => idNamed('facility')(command)[0])
  const bytes = Math.floor(request.limit / Math.max(1, facilities.length))

  const visits = new Map<Id, Visited>()
  await Promise.all(
    facilities.map(async (facility) => {
      const commands = request.commands.filter((_, nth) => namedBy[nth] === facility)
      const asked = request.ask.filter((ask) => ask.facility === facility).map((ask) => ask.id)
      const wanted = { facility, asker, commands, asked, cursor: request.cursor[facility], bytes }
      visits.set(facility, await visit(env, wanted, world))
    }),
  )

  const results = inOrder(namedBy, visits, 'results')
  const hashes = results.flatMap((result) => ('done' in result ? [result.done.hash] : []))
  const parts = [...visits]
  return {
    moved: new Map(parts.flatMap(([facility, { moved }]) => (moved.length > 0 ? [[facility, moved]] : []))),
    answer: {
      v: protocol,
      asked: inOrder(
        request.ask.map((ask) => ask.facility),
        visits,
        'asked',
      ),
      results,
      changes: parts.flatMap(([, visited]) => visited.changes),
      gone: parts.flatMap(([, visited]) => visited.gone),
      cursor: Object.fromEntries(
        parts.flatMap(([facility, { cursor }]) => (cursor === undefined ? [] : [[facility, cursor]])),
      ),
      more: parts.some(([, visited]) => visited.more),
      now: world.now,
      ...(hashes.length > 0 && { receipt: await sign(env.RECORD_KEY, receiptText(hashes)) }),
    },
  }
}

/** The houses' answers back in the order of the request; a house that is not the asker's answers as if it were not there. */
function inOrder(
  named: readonly (Id | undefined)[],
  visits: ReadonlyMap<Id, Visited>,
  list: 'results' | 'asked',
): Result[] {
  const taken = new Map<Id, number>()
  return named.map((facility) => {
    const nth = (facility && taken.get(facility)) ?? 0
    if (facility) taken.set(facility, nth + 1)
    const nowhere: Result = list === 'asked' ? { unknown: true } : { refused: { code: 'not_allowed' } }
    return (facility && visits.get(facility)?.[list][nth]) ?? nowhere
  })
}
