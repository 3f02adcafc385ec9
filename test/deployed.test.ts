// What is deployed has no door that `npm start` has: no codes, no sign-in by link, no demo house.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import * as linxi from '#db/demo/linxi.ts'
import * as qingshan from '#db/demo/qingshan.ts'
import { build, deployedBundle, localBundle, pages as pagesDir } from '#worker/start/build.ts'

beforeAll(() => {
  for (const which of ['local', 'deployed'] as const) build(which, () => undefined)
}, 240_000)

const marks = [
  '"/local',
  'sign-in?as',
  'codes.json',
  '/local/officer',
  ...[qingshan.house, linxi.house].flatMap(({ name, code, admin }) => [name, `"${code}"`, admin]),
  ...[qingshan.relatives, linxi.relatives]
    .flatMap((relatives) => Object.values<{ readonly phone: string }>(relatives))
    .map(({ phone }) => phone),
  ...[qingshan.officers, qingshan.people, linxi.officers, linxi.people]
    .flatMap((people) => Object.values<{ readonly name: string }>(people))
    .map(({ name }) => name),
  ...[...qingshan.letters, ...linxi.letters].map(({ body }) => body.slice(0, 12)),
]
/** A bundle may write what is not ASCII with its numbers. */
const numbered = (text: string) =>
  text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)
const found = (code: string) =>
  marks.filter((mark) =>
    [mark, JSON.stringify(mark).slice(1, -1), numbered(mark)].some((written) => code.includes(written)),
  )

test('the deployed server holds nothing of the local one', () => {
  const deployed = readFileSync(deployedBundle, 'utf8') // of wrangler deploy --dry-run --outdir
  expect(deployed.length).toBeGreaterThan(100_000)
  expect(found(deployed)).toEqual([])
})

test('and what is looked for is really in the local one', () => {
  const local = readFileSync(localBundle, 'utf8')
  expect(found(local)).toEqual(
    expect.arrayContaining(['codes.json', qingshan.relatives.mother.phone, qingshan.house.admin, linxi.house.admin]),
  )
})

test('nor is it in the pages', () => {
  const pages = readdirSync(pagesDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(html|js|json|webmanifest)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
  expect(found(pages)).toEqual([])
})
