// Everything that happens in a house and is no move of a matter: people, posts, kiosks, ties, looks. Each is an event
// of its own subject's chain, written in one atomic batch with what it changes.
import type { Role } from '#db/actor.ts'
import { newId, type Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Facts } from '#db/matter.ts'
import { base64, canonical, contentHash, eventHash, sha256, type EventBody } from '#db/record.ts'
import type { Env } from '#worker/env.ts'
import { pokeDesk } from '#worker/rooms/poke.ts'
import { noWrites, save } from '#worker/sync/save.ts'
import type { FeedEntry } from '#worker/sync/tell.ts'

export interface Entry {
  /** whose chain: a person, an officer, a kiosk, a tie, the house */
  readonly subject: Id
  readonly move: string
  /** codes, numbers and ids from closed lists only; names and words go into `content` */
  readonly facts?: Facts
  readonly content?: Readonly<Record<string, unknown>>
  /** the same command a second time changes nothing; made here where nobody sent one */
  readonly command?: Id
  /** who hears of it: the feed of a channel, with the subject as its entry unless another one is named */
  readonly tell?: readonly (Pick<FeedEntry, 'channel' | 'what'> & { readonly subject?: Id })[]
}

/** How often a moved chain is tried again before the fault is shown; in each round somebody's step goes through. */
const tries = 20

/**
 * @param also what the entries change in the ledger, in the same atomic batch: all of it is written, or nothing
 * @returns false where every entry's command was already there: nothing was written
 * @throws where the chain kept moving, or the ledger does not answer
 */
export async function append(
  env: Env,
  facility: Id,
  actor: { readonly account: Id; readonly role: Role },
  entries: readonly Entry[],
  also: (database: D1Database) => readonly D1PreparedStatement[] = () => [],
  now: number = Date.now(),
): Promise<boolean> {
  const database = ledger(env, facility)
  for (let tried = 1; ; tried += 1) {
    const heads = await headsOf(database, entries, actor.account)
    const fresh = entries.filter((entry) => !entry.command || !heads.done.has(entry.command))
    if (fresh.length === 0) return false

    const writes = noWrites()
    for (const entry of fresh) chain(writes, entry, heads.of, actor, now)
    const guard = database.prepare(guardSql).bind(JSON.stringify(writes.events.map(({ hash }) => hash)), facility)
    try {
      await save(database, facility, writes, [guard, ...also(database)])
      if (writes.feed.length > 0) await pokeDesk(env, facility, { soon: true })
      return true
    } catch (fault) {
      if (tried === tries || !String(fault).includes('malformed JSON')) throw fault
    }
  }
}

/** An event that lost the race for its chain makes this statement fail, and with it the whole batch. */
const guardSql = `
  SELECT CASE WHEN (SELECT count(*) FROM event
    WHERE facility = ?2 AND hash IN (SELECT value FROM json_each(?1))
    AND position >= (SELECT max(position) FROM event WHERE facility = ?2) - json_array_length(?1)) = json_array_length(?1)
  THEN 1 ELSE json('a chain moved') END`

interface Heads {
  readonly of: Map<Id, { seq: number; hash: string }>
  readonly done: ReadonlySet<Id>
}

/** CROSS JOIN keeps the order: left to itself, SQLite reads through all that the account has ever written. */
async function headsOf(database: D1Database, entries: readonly Entry[], account: Id): Promise<Heads> {
  const [chains, done] = await database.batch([
    database
      .prepare(
        `SELECT e.matter, e.seq, e.hash FROM json_each(?1) n CROSS JOIN event e
         ON e.matter = n.value AND e.seq = (SELECT max(seq) FROM event WHERE matter = n.value)`,
      )
      .bind(JSON.stringify([...new Set(entries.map((entry) => entry.subject))])),
    database
      .prepare('SELECT e.command FROM json_each(?2) n CROSS JOIN event e ON e.actor = ?1 AND e.command = n.value')
      .bind(account, JSON.stringify(entries.flatMap((entry) => entry.command ?? []))),
  ])
  const rows = (chains?.results ?? []) as { matter: Id; seq: number; hash: string }[]
  return {
    of: new Map(rows.map(({ matter, seq, hash }) => [matter, { seq, hash }])),
    done: new Set((done?.results as { command: Id }[] | undefined)?.map((row) => row.command)),
  }
}

function chain(
  writes: ReturnType<typeof noWrites>,
  entry: Entry,
  heads: Heads['of'],
  actor: { readonly account: Id; readonly role: Role },
  now: number,
): void {
  const head = heads.get(entry.subject) ?? { seq: 0, hash: '' }
  const from = writes.events.find((event) => event.matter === entry.subject)?.from ?? head.seq
  const said = entry.content && {
    salt: base64(crypto.getRandomValues(new Uint8Array(16))),
    body: canonical(entry.content),
  }
  const command = entry.command ?? newId()
  const body = canonical({
    v: 1,
    matter: entry.subject,
    seq: head.seq + 1,
    at: now,
    actor: actor.account,
    role: actor.role,
    move: entry.move,
    state: '',
    facts: entry.facts ?? {},
    due: null,
    opens: null,
    content: said ? contentHash(said.salt, said.body) : null,
    command,
    digest: base64(sha256(command)),
  } satisfies EventBody)
  const event = { matter: entry.subject, seq: head.seq + 1, from, body, hash: eventHash(head.hash, body) }
  heads.set(entry.subject, event)
  writes.events.push(event)
  if (said) writes.contents.push({ matter: event.matter, seq: event.seq, ...said, hash: event.hash })
  for (const told of entry.tell ?? []) writes.feed.push({ subject: entry.subject, ...told, by: event })
}
