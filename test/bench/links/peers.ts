// The peers' servers in one process: express-pouchdb over databases in memory, and the HTTP end of an RxDB replication.
// `node peers.ts` says its address on its first line. Answers are compressed as a CouchDB behind any proxy's would be.
import type { AddressInfo } from 'node:net'
import compression from 'compression'
import express from 'express'
import expressPouchdb from 'express-pouchdb'
import PouchDB from 'pouchdb-core'
import http from 'pouchdb-adapter-http'
import memory from 'pouchdb-adapter-memory'
import mapreduce from 'pouchdb-mapreduce'
import replication from 'pouchdb-replication'

interface Kept {
  readonly letters: Map<string, { body: string; position: number; row: object }>
  /** bodies that came although they were here */
  resent: number
}
const homes = new Map<string, Kept>()
function homeOf(name: string): Kept {
  const home = homes.get(name) ?? { letters: new Map(), resent: 0 }
  homes.set(name, home)
  return home
}
function keep(home: Kept, id: string, body: string, row: object): void {
  if (home.letters.has(id)) home.resent += 1
  else home.letters.set(id, { body, position: home.letters.size + 1, row })
}

const app = express()
app.use(compression({ threshold: 0 }))
app.use(express.json({ limit: '10mb' }))

app.get('/counts/:home', (request, response) => {
  const { letters, resent } = homeOf(request.params['home'])
  response.json({ letters: [...letters.values()].map(({ body }) => body), duplicates: 0, resent })
})

app.post('/rxdb/:home', (request, response) => {
  const home = homeOf(request.params['home'])
  for (const { newDocumentState: row } of request.body as { newDocumentState: { id: string; body: string } }[])
    keep(home, row.id, row.body, row)
  response.json([])
})
app.get('/rxdb/:home', (request, response) => {
  const [from, limit] = [Number(request.query['from']), Number(request.query['limit'])]
  const rows = [...homeOf(request.params['home']).letters.values()].filter(({ position }) => position > from)
  const page = rows.slice(0, limit)
  response.json({ documents: page.map(({ row }) => row), checkpoint: { position: page.at(-1)?.position ?? from } })
})

// Counted on their way in, once the database has taken them.
app.use('/pouchdb/:home/_bulk_docs', (request, response, next) => {
  const { docs } = request.body as { docs: { _id: string; body: string }[] }
  const home = homeOf(request.params['home'])
  const end = response.end.bind(response)
  response.end = ((...given: Parameters<typeof end>) => {
    if (response.statusCode === 201) for (const { _id, body } of docs) keep(home, _id, body, {})
    return end(...given)
  }) as typeof response.end
  next()
})
const InMemory = PouchDB.plugin(memory)
  .plugin(http)
  .plugin(mapreduce)
  .plugin(replication)
  .defaults({ adapter: 'memory' })
app.use('/pouchdb', expressPouchdb(InMemory, { mode: 'minimumForPouchDB', inMemoryConfig: true }))

const server = app.listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
)
process.once('disconnect', () => process.exit(0))
