// LegalOnly: a matter's events, folded through its lifecycle, lead only where the lifecycle leads.
import type { Actor } from '#db/actor.ts'
import { advance } from '#db/decide.ts'
import type { Id } from '#db/id.ts'
import type { Matter } from '#db/matter.ts'
import { kinds } from '#db/matters/index.ts'
import type { EventBody } from '#db/record.ts'

/**
 * A matter after one more event.
 *
 * @param before undefined for its first
 * @returns the matter, or what the lifecycle does not know
 */
export function folded(
  before: Matter | undefined,
  body: EventBody,
  facility: Id,
): { matter: Matter } | { wrong: string } {
  const standing = before ?? drafted(body, facility)
  if (!standing || (before && body.opens)) return { wrong: 'a matter is opened by its first event and by no other' }
  const move = kinds.get(standing.kind)?.moves.get(body.move)
  if (!move) return { wrong: `${standing.kind} has no move ${body.move}` }

  if (!move.from.includes(standing.state)) return { wrong: `${body.move} is no move from ${standing.state}` }
  const leads = body.state === move.to || (move.asks === true && body.state === 'awaitingConsent')
  if (!leads) return { wrong: `${body.move} does not lead to ${body.state}` }

  // Which people a kiosk showed at the time is no part of the record; that only a kiosk made the move is.
  const who: Actor = { account: body.actor, facility, roles: [body.role], people: [standing.detainee] }
  if (!move.by[body.role]?.(who, standing)) return { wrong: `${body.move} is not for this ${body.role}` }
  if ((move.input === undefined) !== (body.content === null))
    return { wrong: `${body.move} says too much or too little` }
  return { matter: advance(standing, move, body) }
}

const drafted = ({ matter, actor, opens }: EventBody, facility: Id): Matter | undefined =>
  opens === null
    ? undefined
    : {
        id: matter,
        facility,
        kind: opens.kind,
        tie: opens.tie,
        detainee: opens.detainee,
        account: opens.account ?? actor,
        ...(opens.account && { agent: actor }),
        state: 'draft',
        version: 0,
        edition: 0,
        since: 0,
        due: null,
        decider: null,
        appealed: false,
      }
