// What is moved and read: letters of the mother's in every state that the server knows.
import { newId, type Id } from '#db/id.ts'
import type { Lifecycle } from '#db/lifecycle.ts'
import { kinds } from '#db/matters/index.ts'
import { protocol } from '#db/upcast.ts'
import { sends, synced, writes, type Province } from './province.ts'

/** Whether it was decided before, appealed against and stands anew: some may not decide it a second time. */
export const pasts = ['new', 'decided'] as const
export type Past = (typeof pasts)[number]

/** The words of such a letter, by which it is known again. */
export const secretOf = (state: string, past: Past): string => `秘密·${state}·${past}·。`

/** One letter of the mother's in every state that the server knows, with each past. */
export async function lettersIn(province: Province, { states }: Lifecycle): Promise<ReadonlyMap<string, Id>> {
  const wanted = states.filter((state) => state !== 'draft').flatMap((state) => pasts.map((past) => ({ state, past })))
  const letters = await mothersLetters(province, wanted)
  return new Map(wanted.map(({ state, past }, nth) => [`${state} ${past}`, letters[nth] as Id]))
}

export async function mothersLetters(
  { db, house, tie, mother, person, reviewer }: Province,
  wanted: readonly { readonly state: string; readonly past: Past }[],
): Promise<Id[]> {
  const ids = wanted.map(() => newId())
  if (ids.length === 0) return []
  const commands = ids.map((matter, nth) =>
    writes({ facility: house, matter, to: tie, body: secretOf(wanted[nth]?.state ?? '', wanted[nth]?.past ?? 'new') }),
  )
  const heard = await sends(mother, 'POST', '/api/sync', { v: protocol, cursor: {}, limit: 0, ask: [], commands })
  if (synced(heard)?.results.some((result) => !('done' in result))) throw new Error(heard.text)
  const awaits = kinds.get('letter')?.awaits
  await db.batch(
    ids.flatMap((id, nth) => {
      const { state = '', past } = wanted[nth] ?? {}
      const decided = past === 'decided'
      return [
        db
          .prepare('UPDATE matter SET state = ?2, awaits = ?3, decider = ?4, appealed = ?5 WHERE id = ?1')
          .bind(id, state, awaits?.get(state) ?? null, decided ? reviewer : null, decided ? 1 : 0),
        // As if the kiosks of the cell had heard of each: they must see no more of it for that.
        db
          .prepare(
            `INSERT INTO feed (channel, subject, position, what)
             SELECT ?1, ?2, (SELECT max(position) FROM event WHERE matter = ?2), 'matter'`,
          )
          .bind(`person:${person}`, id),
      ]
    }),
  )
  return ids
}
