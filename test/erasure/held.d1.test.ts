// All that is held about people stands in one table (db/held.ts): what it does not name, nobody is told and nothing
// erases. Here it is held against the database itself.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { heldInDirectory, heldInLedger } from '#db/held.ts'

const held = { ...heldInLedger, ...heldInDirectory }

test('every column of every table is classed: a new one is told or not, and erased or kept, by decision', async () => {
  const { results } = await env.DB.prepare(
    `SELECT t.name AS "table", c.name AS "column" FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE 'd1%' AND t.name NOT LIKE '_cf%'`,
  ).all<{ table: string; column: string }>()
  const there = results.map(({ table, column }) => `${table}.${column}`).sort()
  const classed = Object.entries(held).flatMap(([table, { columns }]) =>
    Object.keys(columns).map((column) => `${table}.${column}`),
  )
  expect(classed.sort()).toEqual(there)
})

test('what is told, sealed or for officers alone belongs to somebody whose rows are found', () => {
  const lost = Object.entries(held).filter(
    ([, { person, account, columns }]) =>
      !person && !account && Object.values(columns).some((how) => ['told', 'sealed', 'officers'].includes(how)),
  )
  expect(lost.map(([table]) => table)).toEqual([])
})

test('each of its questions is one that the database understands', async () => {
  for (const [table, { person, account }] of Object.entries(heldInLedger))
    for (const where of [person, account])
      if (where) await env.DB.prepare(`SELECT 1 FROM "${table}" WHERE ${where}`).bind('somebody', 'somewhere').all()
  for (const [table, { account }] of Object.entries(heldInDirectory))
    if (account) await env.DB.prepare(`SELECT 1 FROM "${table}" WHERE ${account}`).bind('somebody').all()
})
