// For the service worker: sends what waits after the last page was closed, where the browser offers Background Sync.
// It does not read the answer: what it sent is marked so, and the next page asks what became of it. That is why it
// needs nothing of the app, and weighs next to nothing.
import { accountHeader, limitBytes, marker, maxCommands, protocol, type Cursor } from '#db/command.ts'
import { choose } from './choose.ts'
import type { Waiting } from './store.ts'
import { accountOf } from './tag.ts'

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
    const database = turn && (await open(name))
    if (!database) return
    try {
      await send(account, await takeAlong(database, now))
    } finally {
      database.close()
    }
  })
}

interface Load {
  readonly commands: readonly Waiting['command'][]
  readonly cursor: Cursor
}

async function send(account: string, { commands, cursor }: Load): Promise<void> {
  if (commands.length === 0) return
  const answer = await fetch('/api/sync', {
    method: 'POST',
    headers: { 'content-type': 'application/json', [accountHeader]: account },
    body: JSON.stringify({ v: protocol, cursor, limit: limitBytes.min, ask: [], commands }),
    redirect: 'manual',
  })
  // A sign-in that has ended is for the person to mend: coming again would change nothing.
  if (answer.headers.has(marker) && answer.status === 401) return
  if (!answer.headers.has(marker) || !answer.ok) throw new Error(`nothing was sent: ${answer.status}`)
}

/** What was on a wire before goes again as it was: to the house it is the same command. */
function takeAlong(database: IDBDatabase, now: number): Promise<Load> {
  return new Promise((done, fail) => {
    const transaction = database.transaction(['outbox', 'meta'], 'readwrite', { durability: 'strict' })
    const outbox = transaction.objectStore('outbox')
    const cursor = transaction.objectStore('meta').get('cursor')
    const waiting = outbox.getAll()
    let commands: Waiting['command'][] = []
    waiting.onsuccess = () => {
      const { asked, fresh } = choose(waiting.result as Waiting[], now, maxCommands)
      for (const entry of fresh) outbox.put({ ...entry, state: 'sent' } satisfies Waiting)
      commands = [...asked, ...fresh].slice(0, maxCommands).map(({ command }) => command)
    }
    transaction.oncomplete = () =>
      done({ commands, cursor: (cursor.result as { value: Cursor } | undefined)?.value ?? {} })
    transaction.onabort = () => fail(transaction.error)
  })
}

/** @returns undefined where this device has no such outbox: none is made by looking */
function open(name: string): Promise<IDBDatabase | undefined> {
  return new Promise((done) => {
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => request.transaction?.abort()
    request.onsuccess = () => done(request.result)
    request.onerror = (event) => {
      event.preventDefault()
      done(undefined)
    }
  })
}
