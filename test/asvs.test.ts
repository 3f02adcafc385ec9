// OWASP ASVS 5.0, levels 1 and 2: asvs.txt answers each requirement by the title of a test that proves it, by a setting,
// by why it does not apply (`none`), or by what is missing or otherwise (`gap`). Here each answer is looked up.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** How many requirements of these levels each chapter has. */
const chapters = {
  1: 27,
  2: 11,
  3: 19,
  4: 10,
  5: 9,
  6: 35,
  7: 18,
  8: 7,
  9: 7,
  10: 29,
  11: 14,
  12: 9,
  13: 13,
  14: 9,
  15: 13,
  16: 16,
  17: 7,
}

const rows = readFileSync(join(import.meta.dirname, 'asvs.txt'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => {
    const [, id = '', wording = '', how = '', answer = ''] =
      /^([\d.]+) (.+?) = (test|set|none|gap) (.+)$/.exec(line) ?? []
    return { line, id, wording, how, answer }
  })

test('each requirement is answered once, in one of four ways', () => {
  expect(rows.filter(({ id }) => id === '').map(({ line }) => line)).toEqual([])
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  expect(rows).toHaveLength(253)
  const counts: Record<string, number> = {}
  for (const { id } of rows) {
    const chapter = id.split('.')[0] ?? ''
    counts[chapter] = (counts[chapter] ?? 0) + 1
  }
  expect(counts).toEqual(chapters)
})

test('each test and each setting that is named is there', () => {
  const missing = rows.filter(({ how, answer }) => {
    if (how !== 'test' && how !== 'set') return false
    const at = answer.indexOf(' > ')
    const file = join(root, how === 'test' ? 'test' : '', answer.slice(0, at))
    return at < 0 || !existsSync(file) || !readFileSync(file, 'utf8').includes(answer.slice(at + 3))
  })
  expect(missing.map(({ line }) => line)).toEqual([])
})

test('six in ten or more are proved by a running test, of all and of those that apply', () => {
  const count = (...hows: string[]) => rows.filter(({ how }) => hows.includes(how)).length
  const apply = rows.length - count('none')
  const share = count('test') / apply
  console.log(
    `ASVS 5.0: ${count('test')} of ${rows.length} by a test, of ${apply} that apply ${Math.round(share * 100)} %, ` +
      `${count('set')} by a setting, ${count('gap')} deviations; ${count('none')} do not apply`,
  )
  expect(count('test') / rows.length).toBeGreaterThanOrEqual(0.6)
  expect(share).toBeGreaterThanOrEqual(0.6)
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  expect(readme).toContain(`${count('test')} by a running test`)
  expect(readme).toContain(`${count('none')} do not apply`)
})
