// `npm run bench:queue`: what the first page of a reviewer's queue costs in a house with 10³, 10⁵ and 10⁶ matters, by
// D1's own count of rows read. The matters are put in by the hundred thousand; the page is the product's own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '#db/id.ts'
import { queuePage } from '#worker/desk.ts'
import { serve } from '#worker/start/serve.ts'

const sizes = [1_000, 100_000, 1_000_000] as const
const page = 50
const atOnce = 100_000

/** Nine in ten matters are done, one waits for a reviewer, as in a house that has run for years. */
const fill = `
  WITH RECURSIVE n(i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?3)
  INSERT INTO matter (id, facility, kind, tie, detainee, account, state, version, edition, since, due, appealed, awaits)
  SELECT printf('00000000-0000-7000-8000-%012x', i), ?1, 'letter', ?1, ?1, ?1, iif(i % 10, 'read', 'submitted'), 4, 1,
    1790000000000 + i, iif(i % 10, NULL, 1790000000000 + (i * 7919) % 1000003), 0, iif(i % 10, NULL, 'reviewer') FROM n`

const dir = mkdtempSync(join(tmpdir(), 'etongban-'))
const server = await serve({ port: 0, dir, demo: false, log: console.error })
try {
  const facility = newId()
  const rowsRead: Record<string, number> = {}
  const ms: Record<string, number> = {}
  let there = 0
  for (const size of sizes) {
    for (; there < size; there = Math.min(size, there + atOnce))
      await server.db
        .prepare(fill)
        .bind(facility, there, Math.min(size, there + atOnce))
        .run()
    const counted = counting(server.db)
    const before = performance.now()
    const rows = await queuePage(counted.database, facility, ['reviewer'], undefined, page)
    ms[size] = Math.round(performance.now() - before)
    if (rows.length !== page) throw new Error(`a page of ${rows.length} matters`)
    rowsRead[size] = counted.rowsRead()
  }
  console.log(JSON.stringify({ rowsRead, ms, page }))
} finally {
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
}

/** The same database, with D1's own count of what each batch read. */
function counting(database: D1Database): { database: D1Database; rowsRead: () => number } {
  let read = 0
  const batch = async <Row>(statements: D1PreparedStatement[]) => {
    const answers = await database.batch<Row>(statements)
    for (const { meta } of answers) read += meta.rows_read
    return answers
  }
  return {
    rowsRead: () => read,
    database: new Proxy(database, {
      get: (target, name) => {
        const value: unknown = name === 'batch' ? batch : Reflect.get(target, name)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    }),
  }
}
