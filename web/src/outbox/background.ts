// For the service worker: sends what waits after the last page was closed, where the browser offers Background Sync.
// It does not read the answer: what it sent is marked so, and the next page asks what became of it. That is why it
// needs nothing of the app, and weighs next to nothing.
import { accountHeader, limitBytes, marker, maxCommands, type Cursor, type SyncRequest } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import { choose, mostRoom } from './choose.ts'
import { keyOf } from './key.ts'
import { patienceFor } from './link.ts'
import { openLying, over } from './lying.ts'
import { isSealed, openRow, type SealedRow } from './seal.ts'
import type { Waiting } from './store.ts'
import { accountOf } from './tag.ts'
import type { Whose } from './whose.ts'

let underWay: AbortController | undefined

/** A page is being opened: it is looked at, and sends by itself. What was on the wire is asked after. */
export const giveWay = (): void => underWay?.abort()

/**
 * Answers a `sync` event. A page that is open does it itself, and holds the turn.
 *
 * @param tag the event's: whose outbox it is
 * @param now UTC milliseconds, this device's clock
 * @throws where the house was not reached: the browser comes again later
 */
export async function drain(tag: string, now: number): Promise<void> {
  const account = accountOf(tag)
  if (account === undefined) return
  const name = `etongban/${account}`
  await navigator.locks.request(`${name}/exchange`, { ifAvailable: true }, async (turn) => {
    const database = turn && (await openLying(name))
    if (!database) return
    try {
      await send(account, await takeAlong(database, account as Whose, now))
    } finally {
      database.close()
    }
  })
}

interface Load {
  /** in which the commands were made */
  readonly v: number
  readonly commands: Waiting['command'][]
  readonly cursor: Cursor
}

async function send(account: string, { v, commands, cursor }: Load): Promise<void> {
  if (commands.length === 0) return
  const body = new TextEncoder().encode(
    JSON.stringify({ v, cursor, limit: limitBytes.min, ask: [], commands } satisfies SyncRequest),
  )
  underWay = new AbortController()
  const timer = setTimeout(giveWay, patienceFor(body.byteLength))
  const answer = await fetch('/api/sync', {
    method: 'POST',
    headers: { 'content-type': 'application/json', [accountHeader]: account },
    body,
    redirect: 'manual',
    signal: underWay.signal,
  }).finally(() => clearTimeout(timer))
  // A sign-in that has ended is for the person to mend: coming again would change nothing.
  if (answer.headers.has(marker) && answer.status === 401) return
  if (!answer.headers.has(marker) || !answer.ok) throw new Error(`nothing was sent: ${answer.status}`)
}

/** What was on a wire before goes again as it was: to the house it is the same command. */
async function takeAlong(database: IDBDatabase, account: Whose, now: number): Promise<Load> {
  const key = await keyOf(account)
  const reading = database.transaction(['outbox', 'meta'])
  const lying = reading.objectStore('outbox').getAll() as IDBRequest<(Waiting | SealedRow)[]>
  const cursor = reading.objectStore('meta').get('cursor') as IDBRequest<{ value: Cursor } | undefined>
  await over(reading)
  if (!key && lying.result.some(isSealed)) return { v: protocol, commands: [], cursor: {} }

  const waiting = await Promise.all(
    lying.result.map(async (row) =>
      isSealed(row) && key ? ((await openRow(key, row, `outbox/${String(row['id'])}`)) as unknown as Waiting) : row,
    ),
  )
  const { asked, fresh } = choose(waiting as Waiting[], now, mostRoom)
  const marked = await markSent(database, fresh)
  const going = [...asked, ...marked]
  const v = going[0]?.v ?? protocol
  return {
    v,
    commands: going.flatMap((entry) => (entry.v === v ? [entry.command] : [])).slice(0, maxCommands),
    cursor: cursor.result?.value ?? {},
  }
}

/** On disk, before a byte is on the wire. What was undone while it was opened here is gone, and does not go. */
async function markSent(database: IDBDatabase, fresh: readonly Waiting[]): Promise<Waiting[]> {
  const marking = database.transaction('outbox', 'readwrite', { durability: 'strict' })
  const outbox = marking.objectStore('outbox')
  const marked: Waiting[] = []
  for (const entry of fresh) {
    const request = outbox.get(entry.id) as IDBRequest<Waiting | SealedRow | undefined>
    request.onsuccess = () => {
      if (!request.result || request.result['state'] === 'sent') return
      outbox.put({ ...request.result, state: 'sent' })
      marked.push(entry)
    }
  }
  await over(marking)
  return marked
}
