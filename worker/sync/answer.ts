// What a sync comes to, over all the houses that it touches.
import type { Result, SyncAnswer, SyncRequest } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import type { Id } from '#db/id.ts'
import { receiptText } from '#db/record.ts'
import type { Env, Me } from '#worker/env.ts'
import { sign } from '#worker/record/sign.ts'
import { givenOf, type World } from './fold.ts'
import type { Asker } from './load.ts'
import { idNamed, visit, type Visited } from './visit.ts'

/**
 * One slow ledger holds up no other.
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
  const given = request.commands.map((sent) => givenOf(sent, request.v))
  const namedBy = given.map((command) => idNamed('facility')(command)[0])
  const bytes = Math.floor(request.limit / Math.max(1, facilities.length))

  const visits = new Map<Id, Visited>()
  await Promise.all(
    facilities.map(async (facility) => {
      const commands = given.filter((_, nth) => namedBy[nth] === facility)
      const asked = request.ask.filter((ask) => ask.facility === facility).map((ask) => ask.id)
      const wanted = { facility, asker, commands, asked, cursor: request.cursor[facility], bytes }
      visits.set(facility, await visit(env, wanted, world))
    }),
  )

  const results = inOrder(namedBy, visits, 'results')
  const hashes = results.flatMap((result) => ('done' in result ? [result.done.hash] : []))
  const parts = [...visits]
  const changes = parts.flatMap(([, visited]) => visited.changes)
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
      gone: parts.flatMap(([, visited]) => visited.gone),
      cursor: Object.fromEntries(
        parts.flatMap(([facility, { cursor }]) => (cursor === undefined ? [] : [[facility, cursor]])),
      ),
      more: parts.some(([, visited]) => visited.more),
      ...(hashes.length > 0 && { receipt: await sign(env.RECORD_KEY, receiptText(hashes)) }),
      ...(changes.length > 0 && { places: parts.flatMap(([, visited]) => visited.places ?? []) }),
      changes,
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
