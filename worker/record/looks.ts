// Looking, printing and exporting are events too, in a log of their own beside each matter (DESIGN §4).
import type { Actor, Role } from '#db/actor.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Lifecycle } from '#db/lifecycle.ts'
import { kinds } from '#db/matters/index.ts'
import { idFrom } from '#db/record.ts'
import type { Env } from '#worker/env.ts'
import { append } from './append.ts'

export const lookKinds = ['read', 'print', 'export'] as const

export interface Look {
  readonly matter: Id
  readonly how: (typeof lookKinds)[number]
  /** made on the tablet, so that the same look sent twice is one; made here where it happened here */
  readonly id?: Id
  /** the tablet's clock, UTC milliseconds: a claim */
  readonly at?: number
}

/** The chain of the looks at a matter: an id made from the matter's, so that the matter's own chain stays its own. */
export const looksChain = (matter: Id): Id => idFrom(`looks at ${matter}`)

/**
 * Puts looks into the record, each under the first role that lets this officer read that matter. What is no matter of this
 * house, and what they could read in none of the states that it has been in, cannot have been looked at, and is passed
 * over. A tablet tells of its looks late, so that a matter may have moved on since.
 *
 * @param who an officer with the roles that they have now
 * @returns what was looked at
 */
export async function looked(env: Env, who: Actor, looks: readonly Look[]): Promise<ReadonlySet<Id>> {
  const { results } = await ledger(env, who.facility)
    .prepare(
      `SELECT m.id, m.kind, m.state, (SELECT json_group_array(json_extract(e.body, '$.state')) FROM event e
         WHERE e.matter = m.id) AS past FROM json_each(?1) n JOIN matter m ON m.id = n.value WHERE m.facility = ?2`,
    )
    .bind(JSON.stringify(looks.map((look) => look.matter)), who.facility)
    .all<{ id: Id; kind: string; state: string; past: string }>()
  const roles = new Map(
    results.flatMap(({ id, kind, state, past }) => {
      const role = readerOf(kind, [state, ...(JSON.parse(past) as string[])], who.roles)
      return role ? [[id, role] as const] : []
    }),
  )
  for (const role of new Set(roles.values())) {
    const entries = looks
      .filter(({ matter }) => roles.get(matter) === role)
      .map(({ matter, how, id, at }) => ({
        subject: looksChain(matter),
        move: how,
        facts: at === undefined ? { matter } : { matter, at },
        ...(id && { command: id }),
      }))
    await append(env, who.facility, { account: who.account, role }, entries)
  }
  return new Set(roles.keys())
}

function readerOf(kind: string, states: readonly string[], roles: readonly Role[]): Role | undefined {
  const lifecycle: Lifecycle | undefined = kinds.get(kind)
  return roles.find((role) => {
    const shown = lifecycle?.reads.get(role)?.states ?? []
    return shown === 'all' || states.some((state) => shown.includes(state))
  })
}
