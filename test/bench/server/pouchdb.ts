// The requests of a PouchDB 9 that replicates with a server, as they were seen on its wire, without the database
// behind them: five hundred of those would measure this process and not the server. The least of them is asked: a phone
// with nothing to say asks for changes once, and one that has pushed does not read its own push back.
// Its server does less besides: it keeps all in memory, asks nobody who they are, and decides, signs and queues nothing.
import { randomBytes } from 'node:crypto'
import { newId } from '#db/id.ts'
import { Wire } from '../wire.ts'
import type { Phone } from './phone.ts'

const json = { 'content-type': 'application/json' }

/** A phone with a database of its own at the server. */
export async function pouchdbPhone(server: string, nth: number): Promise<Phone> {
  const wire = new Wire(server)
  const at = `/pouchdb/phone${nth}`
  const checkpoint = `${at}/_local/${randomBytes(16).toString('hex')}`
  const session = newId()
  let since = 0
  let rev: string | undefined

  async function ask<Answer>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<Answer> {
    const answer = await wire.fetch(path, { method, ...(body && { headers: json, body: JSON.stringify(body) }) })
    if (!answer.ok && !(method === 'GET' && answer.status === 404)) throw new Error(`${method} ${answer.status}`)
    return answer.json<Answer>()
  }

  async function changes(): Promise<void> {
    const path = `${at}/_changes?style=all_docs&since=${since}&limit=100`
    since = (await ask<{ last_seq: number }>('GET', path)).last_seq
  }

  async function push(letters: readonly string[]): Promise<void> {
    const docs = letters.map((body) => {
      const hash = randomBytes(16).toString('hex')
      const revisions = { start: 1, ids: [hash] }
      return { _id: newId(), _rev: `1-${hash}`, _revisions: revisions, to: newId(), at: Date.now(), body }
    })
    await ask('POST', `${at}/_revs_diff`, Object.fromEntries(docs.map(({ _id, _rev }) => [_id, [_rev]])))
    const refused = await ask<unknown[]>('POST', `${at}/_bulk_docs`, { docs, new_edits: false })
    if (refused.length > 0) throw new Error(JSON.stringify(refused[0]))
    await ask('GET', checkpoint)
    const sequence = { last_seq: since + docs.length, session_id: session }
    const kept = { ...sequence, history: [sequence], replicator: 'pouchdb', version: 1, ...(rev && { _rev: rev }) }
    rev = (await ask<{ rev: string }>('PUT', checkpoint, kept)).rev
  }

  await ask('PUT', at)
  return {
    syncs: (letters) => (letters.length > 0 ? push(letters) : changes()),
    stop: () => wire.stop(),
  }
}
