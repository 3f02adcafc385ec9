// As much of the peers' shapes as the bench uses: they bring no types of their own.
declare module 'pouchdb-core' {
  interface Database {
    put(doc: object): Promise<unknown>
    info(): Promise<{ doc_count: number }>
  }
  interface Plugged {
    new (name: string, options: object): Database
    plugin(plugin: unknown): Plugged
    defaults(options: object): Plugged
    sync(one: Database, other: Database, options: object): Promise<unknown>
    replicate(from: Database, to: Database, options: object): { cancel(): void }
  }
  const PouchDB: Plugged
  export default PouchDB
}
declare module 'pouchdb-adapter-http'
declare module 'pouchdb-adapter-memory'
declare module 'pouchdb-mapreduce'
declare module 'pouchdb-replication'
declare module 'express-pouchdb' {
  const expressPouchdb: (PouchDB: unknown, options: object) => import('express').RequestHandler
  export default expressPouchdb
}
declare module 'compression' {
  const compression: (options: { threshold: number }) => import('express').RequestHandler
  export default compression
}
