// Seals every row on its way to the disk and opens it on its way back. What an index or a count needs lies in the open:
// ids, states and times, no word and no name. So do rows from before there were keys, until they are written again.
import Dexie, { type DBCore, type DBCoreCursor, type DBCoreTable, type DBCoreTransaction, type Middleware } from 'dexie'
import type { Key } from './key.ts'
import { isSealed, openRow, sealRow, type Row } from './seal.ts'

/** The rows are sealed and the key was taken away: whose they are has to sign in again. */
export class Locked extends Error {
  override readonly name = 'Locked'
}

/** Of each table what lies in the open, its key first. */
const inTheOpen: Readonly<Record<string, readonly string[]>> = {
  matters: ['id', 'matter', 'waiting'],
  outbox: ['id', 'matter', 'state', 'notBefore', 'v'],
  ties: ['id'],
  inmates: ['id', 'number'],
  shelf: ['id', 'at'],
  meta: ['key'],
}
/** How an exchange stands says nothing of anybody, and is asked for many times; when an officer was here is asked by others. */
const openMeta: ReadonlySet<unknown> = new Set(['cursor', 'pace', 'flight', 'lease', 'heardAt', 'seenAt'])

type KeyOf = () => Promise<Key>

/** @param keyOf asked whenever rows are sealed or opened: a key may come, or be taken away, while a page is open */
export const sealing = (keyOf: KeyOf): Middleware<DBCore> => ({
  stack: 'dbcore',
  name: 'sealing',
  level: -2, // nearest to the disk: what Dexie remembers of rows, it remembers opened
  create: (core) => ({
    ...core,
    table: (name) => {
      const open = inTheOpen[name]
      return open ? sealedTable(core.table(name), open, keyOf) : core.table(name)
    },
  }),
})

function sealedTable(table: DBCoreTable, open: readonly string[], keyOf: KeyOf): DBCoreTable {
  const placeOf = (row: Row) => `${table.name}/${String(row[open[0] as string])}`
  const staysOpen = (row: Row) => table.name === 'meta' && openMeta.has(row['key'])

  async function sealRows(rows: readonly Row[]): Promise<Row[]> {
    const key = await keyOf()
    if (key === null) throw new Locked(table.name)
    return Promise.all(rows.map(async (row) => (key && !staysOpen(row) ? sealRow(key, row, open, placeOf(row)) : row)))
  }

  async function openRows(rows: readonly unknown[]): Promise<unknown[]> {
    const key = await keyOf()
    if (!key) throw new Locked(table.name)
    return Promise.all(rows.map(async (row) => (isSealed(row) ? openRow(key, row, placeOf(row)) : row)))
  }

  const opened = (transaction: DBCoreTransaction, rows: unknown[]): Promise<unknown[]> =>
    rows.some(isSealed) ? kept(transaction, table, () => openRows(rows)) : Dexie.Promise.resolve(rows)

  /** Rests on each row until it is open. What is read in one piece (`toArray` without a filter) costs less. */
  function openedCursor(transaction: DBCoreTransaction, cursor: DBCoreCursor): DBCoreCursor {
    let value: unknown
    return Object.create(cursor, {
      key: { get: () => cursor.key as unknown },
      primaryKey: { get: () => cursor.primaryKey as unknown },
      value: { get: () => value },
      start: {
        value: (onNext: () => void) =>
          cursor.start(() => {
            opened(transaction, [cursor.value])
              .then(([row]) => {
                value = row
                onNext()
              })
              .catch((fault: Error) => cursor.fail(fault))
          }),
      },
    }) as DBCoreCursor
  }

  return {
    ...table,
    get: (request) => table.get(request).then((row: unknown) => opened(request.trans, [row]).then(([one]) => one)),
    getMany: (request) => table.getMany(request).then((rows) => opened(request.trans, rows)),
    query: (request) =>
      table
        .query(request)
        .then((answer) =>
          request.values ? opened(request.trans, answer.result).then((result) => ({ ...answer, result })) : answer,
        ),
    openCursor: (request) =>
      table
        .openCursor(request)
        .then((cursor) => cursor && (request.values ? openedCursor(request.trans, cursor) : cursor)),
    mutate(request) {
      if ((request.type !== 'add' && request.type !== 'put') || request.values.every(staysOpen))
        return table.mutate(request)
      const sealed = kept(request.trans, table, () => sealRows(request.values as Row[]))
      return sealed.then((values) => table.mutate({ ...request, values }))
    },
  }
}

/**
 * Waits for a task while the transaction lives on: IndexedDB ends one that is asked nothing, so it is asked for what is
 * not there until the task is done. (`Dexie.waitFor` does so too, but forgets one of two who wait in one transaction.)
 * The task runs outside of Dexie's zones, which count every `await` within them; the asking is Dexie's own, so that
 * whoever goes on afterwards is still inside. A busy phone asks ten thousand times: no promise waits for the next one.
 */
const kept = <Value>(trans: DBCoreTransaction, table: DBCoreTable, task: () => Promise<Value>): Promise<Value> =>
  new Dexie.Promise<Value>((done, fail) => {
    let settle: (() => void) | undefined
    const outside = (trans as IDBTransaction).objectStore(table.name).get(-Infinity)
    outside.onsuccess = () =>
      void task().then(
        (value) => (settle = () => done(value)),
        (fault: unknown) => (settle = () => fail(fault)),
      )
    const ask = (): void =>
      void table.get({ trans, key: -Infinity }).then(() => {
        if (settle) settle()
        else ask()
      }, fail)
    ask()
  })

/**
 * Writes again what lies here from before there were keys. A kill in between leaves some rows sealed and some not, and
 * all of them readable.
 */
export async function sealOld(store: Dexie): Promise<void> {
  const meta = store.table<{ key: string; value: unknown }, string>('meta')
  if (await meta.get('sealed')) return
  for (const table of store.tables)
    await store.transaction('rw', table, async () => {
      await table.bulkPut(await table.toArray())
    })
  await meta.put({ key: 'sealed', value: true })
}
