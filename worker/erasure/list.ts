// The list of the erased. It lies in `FILES`, outside every database: one that is put back to an earlier day is held
// against it, and what it names is erased there again. It holds ids only.
import * as v from 'valibot'
import { Id, newId } from '#db/id.ts'
import type { Env } from '../env.ts'

/** A house's people, or the accounts of all. */
export type Scope = Id | 'accounts'

export interface Listed {
  /** a UUIDv7: the list is in the order in which it was written */
  readonly entry: Id
  readonly subject: Id
}

const folderOf = (scope: Scope): string => `erased/${scope}/`

/** From then on it is erased, however often whoever does it is killed. */
export async function list(env: Env, scope: Scope, subject: Id): Promise<Listed> {
  const entry = newId()
  await env.FILES.put(`${folderOf(scope)}${entry}`, subject)
  return { entry, subject }
}

/** @param after the last entry that was done; undefined where none was */
export async function listed(env: Env, scope: Scope, after: Id | undefined, most: number): Promise<Listed[]> {
  const prefix = folderOf(scope)
  const { objects } = await env.FILES.list({ prefix, limit: most, ...(after && { startAfter: `${prefix}${after}` }) })
  const found = objects.map(async ({ key }) => ({
    entry: v.parse(Id, key.slice(prefix.length)),
    subject: v.parse(Id, await (await env.FILES.get(key))?.text()),
  }))
  return Promise.all(found)
}
