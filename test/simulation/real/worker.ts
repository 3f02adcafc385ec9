// The server's own sync in workerd, for a simulated day: who asks and what time it is are said beside the request, and
// before each trip to its D1 it hears what befalls that trip.
import type { Env, Me } from '#worker/env.ts'
import * as todaysServer from '#worker/sync/index.ts'
import { nextServer } from './next.ts'

/** What is said in the header `x-simulated`. */
export interface Simulated {
  readonly id: number
  /** its connection is cut: whoever sent it hears no answer, and is told of it another way */
  readonly cut: boolean
  readonly me: Me
  /** UTC milliseconds */
  readonly now: number
  /** whether the server is that of the next version */
  readonly movedOn: boolean
  /** everything of the server's bindings but the ledgers themselves */
  readonly env: Record<string, string>
}

type Bindings = Record<string, D1Database> & { SIM: Fetcher }

// A stall is told from a slow trip by the server's deadline of five seconds: here nobody waits that long for it.
const { setTimeout: later } = globalThis
Object.assign(globalThis, {
  setTimeout: (ring: () => void, ms?: number) => later(ring, ms === 5000 ? deadlineMs : ms),
})
const deadlineMs = 700

export default {
  async fetch(request, bindings, ctx) {
    const { id, cut, me, now, movedOn, env } = JSON.parse(request.headers.get('x-simulated') ?? '') as Simulated
    const ledgers = Object.fromEntries(
      Object.keys(bindings)
        .filter((name) => name !== 'SIM')
        .map((name) => [name, troubled(bindings, name, id, ctx)]),
    )
    const desk = { idFromName: () => ({}), get: () => ({ poke: () => Promise.resolve() }) }
    let salts = 0
    const salt = () => btoa(`salt ${id} ${(salts += 1)}`.padEnd(16).slice(0, 16))
    const world = { now, salt }
    const { respond } = movedOn ? nextServer : todaysServer
    const responding = respond(request, { ...env, ...ledgers, DESK: desk } as unknown as Env, me, world)
    // As in the server itself: what has come of a request is kept, although whoever sent it is gone.
    const answering = responding.then(({ body, status }) => Response.json(body, { status }))
    const told = async () => {
      const answer = await answering
      const said = { method: 'POST', body: await answer.clone().text() }
      await bindings.SIM.fetch(`http://sim/answered?request=${id}&status=${answer.status}`, said)
    }
    ctx.waitUntil(cut ? told() : answering)
    return answering
  },
} satisfies ExportedHandler<Bindings>

function troubled(bindings: Bindings, name: string, id: number, ctx: ExecutionContext): D1Database {
  const database = bindings[name] as D1Database
  const asks = async (what: string, statements: number) => {
    const answer = await bindings.SIM.fetch(`http://sim/${what}?ledger=${name}&request=${id}&statements=${statements}`)
    return answer.text()
  }
  async function batch(statements: D1PreparedStatement[]): Promise<D1Result[]> {
    const trouble = await asks('trip', statements.length)
    if (trouble === 'deadBefore') throw new Error('D1 is not there')
    if (trouble === 'stalls') {
      const late = asks('stalled', 0)
        .then(() => database.batch(statements))
        .catch(() => undefined)
        .then(() => asks('written', 0))
      ctx.waitUntil(late)
      return new Promise(() => undefined)
    }
    const results = await database.batch(statements)
    if (trouble === 'deadAfter') throw new Error('D1 died on the way back')
    return results
  }
  return { prepare: (sql: string) => database.prepare(sql), batch } as unknown as D1Database
}
