// PouchDB 9 as its documentation has it: a local database that replicates with a CouchDB-like server, live, with retry.
import PouchDB from 'pouchdb-core'
import http from 'pouchdb-adapter-http'
import memory from 'pouchdb-adapter-memory'
import replication from 'pouchdb-replication'
import { newId } from '#db/id.ts'
import { Wire } from '../wire.ts'
import { countsAt, patient, until, type Device, type Home } from './client.ts'
import type { LinkName } from './shapes.ts'

const Pouch = PouchDB.plugin(memory).plugin(http).plugin(replication)

/**
 * Kinder to it than its defaults: it tries again after half a second, always (its own back-off doubles up to ten
 * minutes); and where connections break every two seconds a batch is one document, for more do not fit between two
 * breaks. Elsewhere the default of 100 has the fewest requests.
 */
const settingsOn = (link: LinkName) => ({
  live: true,
  retry: true,
  back_off_function: () => 500,
  batch_size: link === 'c' ? 1 : 100,
  batches_limit: 10,
})

export async function pouchdbHome(server: string, nth: number, on: LinkName): Promise<Home> {
  const name = `run${nth}`
  let devices = 0
  return {
    async device(url, certificate): Promise<Device> {
      const wire = new Wire(url, undefined, certificate)
      const acknowledged = new Set<string>()
      const fetcher = async (to: string, options: RequestInit): Promise<Response> => {
        const answer = await wire.fetch(to, options)
        if (answer.ok && to.includes('_bulk_docs'))
          for (const { _id } of (JSON.parse(options.body as string) as { docs: { _id: string }[] }).docs)
            acknowledged.add(_id)
        return answer
      }
      const local = new Pouch(`${name}-${(devices += 1)}`, { adapter: 'memory' })
      const remote = new Pouch(`${url}/pouchdb/${name}`, { adapter: 'http', fetch: fetcher })
      return {
        opens: () => patient(() => Pouch.sync(local, remote, { retry: false })),
        async writes(bodies) {
          for (const body of bodies) await local.put({ _id: newId(), to: newId(), at: Date.now(), body })
        },
        async sends() {
          const { doc_count: written } = await local.info()
          const going = Pouch.replicate(local, remote, settingsOn(on))
          await until(() => acknowledged.size >= written)
          going.cancel()
        },
        async hears(count) {
          const going = Pouch.replicate(remote, local, settingsOn(on))
          await until(async () => (await local.info()).doc_count >= count)
          going.cancel()
        },
        requests: () => wire.requests,
        async stop() {
          wire.stop()
        },
      }
    },
    tally: () => countsAt(`${server}/counts/${name}`),
  }
}
