// What an operator is promised: a copy of the running house is whole, and a new machine goes on from it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { backup, restore } from '#worker/start/backup.ts'
import { serve, type Served } from '#worker/start/serve.ts'

const folder = mkdtempSync(join(tmpdir(), 'etongban-'))
const [data, copy, elsewhere] = ['data', 'copy', 'elsewhere'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
]
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const start = (dir: string) => serve({ port: 0, dir, demo: true, log: () => undefined })
const recordOf = async ({ db }: Served) =>
  (await db.prepare('SELECT facility, position, hash FROM event ORDER BY facility, position').all()).results
const lettersOf = async ({ db }: Served) =>
  (await db.prepare('SELECT matter, seq, body FROM content ORDER BY matter, seq').all()).results

test('a house that burnt down goes on elsewhere from last night’s copy', { timeout: 180_000 }, async () => {
  const before = await start(data)
  const [record, letters] = [await recordOf(before), await lettersOf(before)]
  expect(record.length).toBeGreaterThan(10)
  await backup(data, copy, Date.UTC(2026, 10, 24)) // while it runs
  await before.stop()

  expect(restore(copy, elsewhere)).toBe(Date.UTC(2026, 10, 24))
  const after = await start(elsewhere)
  expect(await lettersOf(after)).toEqual(letters)
  expect((await recordOf(after)).slice(0, record.length)).toEqual(record)
  await after.stop()
})

test('a damaged copy is not put back, and nothing is put over a house that is there', () => {
  expect(() => restore(copy, data)).toThrow('not empty')
  writeFileSync(join(copy, 'secrets.json'), '{}')
  expect(() => restore(copy, join(folder, 'new'))).toThrow('damaged: secrets.json')
})
