// The head of a house's tree, signed: every minute, and on demand.
import type { Id } from '#db/id.ts'
import {
  base64,
  checkpointText,
  concat,
  emptyTree,
  grow,
  leavesText,
  signedNote,
  unbase64,
  type Frontier,
} from '#db/record.ts'
import { signature, signer } from './sign.ts'

/** How many events one head takes in: the alarm comes again at once while there are more. */
const entriesAtOnce = 5000

export interface RecordKeys {
  readonly RECORD_KEY: string
  readonly RECORD_ORIGIN: string
}

/** The name under which a house's heads are signed: also the first line of each. */
export const originOf = (keys: Pick<RecordKeys, 'RECORD_ORIGIN'>, code: string): string =>
  `${keys.RECORD_ORIGIN}/${code}`

/**
 * Appends the house's new events to its tree and signs the head. Running twice changes nothing: the second finds
 * nothing new, or its row refused because the tree has already grown.
 *
 * @param now UTC milliseconds
 * @returns whether further events wait
 */
export async function checkpoint(database: D1Database, facility: Id, keys: RecordKeys, now: number): Promise<boolean> {
  const [houses, heads, fresh] = await database.batch([
    database.prepare('SELECT code FROM house WHERE id = ?1').bind(facility),
    database
      .prepare('SELECT size, frontier FROM checkpoint WHERE facility = ?1 ORDER BY size DESC LIMIT 1')
      .bind(facility),
    database
      .prepare(
        `SELECT position, hash FROM event WHERE facility = ?1
         AND position >= (SELECT coalesce(max(size), 0) FROM checkpoint WHERE facility = ?1)
         ORDER BY position LIMIT ${entriesAtOnce}`,
      )
      .bind(facility),
  ])
  const code = (houses?.results[0] as { code: string } | undefined)?.code
  const events = (fresh?.results ?? []) as { position: number; hash: string }[]
  if (code === undefined || events.length === 0) return false

  const head = heads?.results[0] as { size: number; frontier: string } | undefined
  const before: Frontier = head
    ? { size: head.size, roots: (JSON.parse(head.frontier) as string[]).map(unbase64) }
    : emptyTree
  const entries = events.map((event) => unbase64(event.hash))
  const tree = grow(before, entries)
  const leaves = concat(entries)
  const origin = originOf(keys, code)
  const text = checkpointText(origin, tree)
  const { publicKey } = await signer(keys.RECORD_KEY)
  const note = signedNote(text, origin, publicKey, await signature(keys.RECORD_KEY, text))
  const seal = await signature(keys.RECORD_KEY, leavesText(origin, before.size, tree.size, leaves))

  await database
    .prepare(
      `INSERT INTO checkpoint (facility, size, at, note, frontier, leaves, seal) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
       WHERE ?8 = (SELECT coalesce(max(size), 0) FROM checkpoint WHERE facility = ?1)`,
    )
    .bind(
      facility,
      tree.size,
      now,
      note,
      JSON.stringify(tree.roots.map(base64)),
      base64(leaves),
      base64(seal),
      before.size,
    )
    .run()
  return events.length === entriesAtOnce
}
