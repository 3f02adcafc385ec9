// Looking, printing and exporting are events too, in a log of their own beside each matter (DESIGN §4).
import type { Role } from '#db/actor.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
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

/** Puts looks into the record; what is no matter of this house cannot have been looked at, and is passed over. */
export async function looked(
  env: Env,
  facility: Id,
  actor: { readonly account: Id; readonly role: Role },
  looks: readonly Look[],
): Promise<void> {
  const { results } = await ledger(env, facility)
    .prepare('SELECT m.id FROM json_each(?1) n JOIN matter m ON m.id = n.value WHERE m.facility = ?2')
    .bind(JSON.stringify(looks.map((look) => look.matter)), facility)
    .all<{ id: Id }>()
  const here = new Set(results.map((row) => row.id))
  const entries = looks
    .filter((look) => here.has(look.matter))
    .map(({ matter, how, id, at }) => ({
      subject: looksChain(matter),
      move: how,
      facts: at === undefined ? { matter } : { matter, at },
      ...(id && { command: id }),
    }))
  if (entries.length > 0) await append(env, facility, actor, entries)
}
