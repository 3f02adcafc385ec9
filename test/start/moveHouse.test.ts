// What an operator is promised: a house that gets a database of its own takes all that is its own there, and nothing else.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { linesOf } from '#worker/record/export.ts'
import { rowsOf } from '#worker/record/houseRows.ts'
import { ledgerIn, localRows } from '#worker/record/rows.ts'
import { serve } from '#worker/start/serve.ts'
import { opens } from '#test/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'etongban-'))
const [data, elsewhere] = [join(folder, 'data'), join(folder, 'elsewhere')]
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a house moves whole, its record proves itself there, and another house stays', { timeout: 180_000 }, async () => {
  const before = await serve({ port: 0, dir: data, demo: true, log: () => undefined })
  const other = await opens(before.url, 'songling')
  await other.admin.post(`${other.at}/people`, { number: '1', name: '不搬家的人', status: 'serving', cell: '1' })
  const after = await serve({ port: 0, dir: elsewhere, demo: false, log: () => undefined })

  const statements = [...rowsOf(localRows(ledgerIn(data)), 'qingshan')]
  await after.db.batch(statements.map((sql) => after.db.prepare(sql)))
  await Promise.all([before.stop(), after.stop()])

  expect(statements.length).toBeGreaterThan(100)
  expect(statements.join('\n')).not.toContain(other.house)
  expect(statements.join('\n')).not.toContain('不搬家的人')
  const [old, moved] = [localRows(ledgerIn(data)), localRows(ledgerIn(elsewhere))]
  expect([...linesOf(moved, 'qingshan', 0)]).toEqual([...linesOf(old, 'qingshan', 0)])
  expect([...rowsOf(moved, 'qingshan')]).toEqual([...rowsOf(old, 'qingshan')])
})

test('what is no house is named', () => {
  expect(() => [...rowsOf(localRows(ledgerIn(data)), "x' OR 1")]).toThrow('neither the code nor the id')
  expect(() => [...rowsOf(localRows(ledgerIn(data)), 'nowhere')]).toThrow('there is no house nowhere')
})
