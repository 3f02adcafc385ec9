// RxDB 17 with its HTTP replication, as its documentation has it: rows are pushed and pulled by handlers of the app.
import { createRxDatabase } from 'rxdb/plugins/core'
import { replicateRxCollection } from 'rxdb/plugins/replication'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { newId } from '#db/id.ts'
import { Wire } from '../wire.ts'
import { countsAt, patient, until, type Device, type Home } from './client.ts'
import type { LinkName } from './shapes.ts'

interface Letter {
  id: string
  to: string
  at: number
  body: string
}
/** How far a device has pulled: the server numbers what it takes. */
interface Checkpoint {
  position: number
}
type Stored = Letter & { _deleted: boolean }

const text = { type: 'string' } as const
const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: { id: { type: 'string', maxLength: 40 }, to: text, at: { type: 'number' }, body: text },
  required: ['id', 'to', 'at', 'body'],
} as const

/**
 * Kinder to it than its defaults: it tries again after half a second (its own pause is five); and where connections
 * break every two seconds a batch is one document, for more do not fit between two breaks.
 */
const retryTime = 500
const batchOn = (link: LinkName): number => (link === 'c' ? 1 : 100)

export async function rxdbHome(server: string, nth: number, on: LinkName): Promise<Home> {
  const name = `run${nth}`
  let devices = 0
  return {
    async device(url, certificate): Promise<Device> {
      const wire = new Wire(url, undefined, certificate)
      const acknowledged = new Set<string>()
      const storage = getRxStorageMemory()
      const database = await createRxDatabase({ name: `${name}-${(devices += 1)}`, storage, multiInstance: false })
      const { letters } = await database.addCollections<{ letters: { schema: typeof schema } }>({ letters: { schema } })

      const replicate = (live: boolean) =>
        replicateRxCollection<Letter, Checkpoint>({
          collection: letters,
          replicationIdentifier: name,
          live,
          retryTime,
          waitForLeadership: false,
          push: {
            batchSize: batchOn(on),
            async handler(rows) {
              const options = {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body: JSON.stringify(rows),
              }
              const answer = await wire.fetch(`/rxdb/${name}`, options)
              const conflicts = await answer.json<Stored[]>()
              for (const { newDocumentState } of rows) acknowledged.add(newDocumentState.id)
              return conflicts
            },
          },
          pull: {
            batchSize: batchOn(on),
            async handler(checkpoint, batchSize) {
              const from = checkpoint?.position ?? 0
              const answer = await wire.fetch(`/rxdb/${name}?from=${from}&limit=${batchSize}`)
              return answer.json<{ documents: Stored[]; checkpoint: Checkpoint }>()
            },
          },
        })
      const whileOpen = async (so: () => boolean | Promise<boolean>) => {
        const going = replicate(true)
        await until(so)
        await going.cancel()
      }
      return {
        opens: () => patient(() => replicate(false).awaitInitialReplication()),
        async writes(bodies) {
          for (const body of bodies) await letters.insert({ id: newId(), to: newId(), at: Date.now(), body })
        },
        async sends() {
          const written = await letters.count().exec()
          await whileOpen(() => acknowledged.size >= written)
        },
        hears: (count) => whileOpen(async () => (await letters.count().exec()) >= count),
        requests: () => wire.requests,
        async stop() {
          wire.stop()
        },
      }
    },
    tally: () => countsAt(`${server}/counts/${name}`),
  }
}
