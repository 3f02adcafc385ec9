// What is shipped, as it lies in the repository: what the deployed server is bound to, whom it asks, what it is made of,
// and what stands in its addresses.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { routes } from '#test/permits/routes.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const sources = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|svelte)$/.test(file))
    .map((file) => ({ file: `${folder}/${file}`, text: read(`${folder}/${file}`) }))

test('the deployed server is bound to its database, files, pages and desk, and wrangler.toml holds no secret', () => {
  const config = read('wrangler.toml').replaceAll(/^#.*$/gm, '')
  const bound = [...config.matchAll(/^\s*(?:binding|name) = "([A-Z_]+)"/gm)].map(([, name]) => name)
  expect(bound.sort()).toEqual(['ASSETS', 'DB', 'DESK', 'FILES'])
  const vars = /\[vars\]([^[]*)/.exec(config)?.[1] ?? ''
  expect([...vars.matchAll(/^([A-Z_]+) =/gm)].map(([, name]) => name)).toEqual(['RECORD_ORIGIN', 'SHARDS'])
})

test('every secret and setting of the server is written down for its operator', () => {
  const named = [...read('worker/env.ts').matchAll(/^ {2}([A-Z_]{4,})\??: string/gm)].flatMap(([, name]) => name ?? [])
  expect(named.length).toBeGreaterThan(8)
  const readme = read('README.md')
  expect(named.filter((name) => !readme.includes(name))).toEqual([])
})

test('the server asks whom its operator has named, and nobody else', () => {
  const asking = sources('worker')
    .filter(({ file }) => !file.startsWith('worker/start/'))
    .filter(({ text }) => /(?<![.\w])fetch\(|new WebSocket\(|\bconnect\(/.test(text))
    .map(({ file }) => file)
  expect(asking.sort()).toEqual(['worker/outside/licences.ts', 'worker/outside/sms.ts', 'worker/rooms/Desk.ts'])
  // its own door, not a question
  expect(read('worker/rooms/Desk.ts')).toMatch(/override async fetch\(request: Request\)/)
})

test('what is shipped is known to the last library, each in one version with the hash of what it holds', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { version?: string; integrity?: string; link?: boolean }>
  }
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
  for (const [name, version] of Object.entries(dependencies))
    expect(packages[`node_modules/${name}`]?.version, name).toBe(version)
  const loose = Object.entries(packages).filter(
    ([path, { integrity }]) => path !== '' && !integrity?.startsWith('sha512-'),
  )
  expect(loose.map(([path]) => path)).toEqual([])
})

test('in the addresses of the API stand ids and nothing about anybody', () => {
  const names = new Set(routes().flatMap(({ path }) => [...path.matchAll(/:(\w+)/g)].map(([, name]) => name)))
  expect([...names].sort()).toEqual([
    ...[
      'account',
      'claim',
      'engagement',
      'facility',
      'hash',
      'house',
      'id',
      'kiosk',
      'mandate',
      'passkey',
      'person',
      'tie',
    ],
  ])
  const asked = sources('worker').flatMap(({ file, text }) =>
    file.startsWith('worker/start/') ? [] : [...text.matchAll(/req\.query\('?(\w*)/g)].map(([, name]) => name),
  )
  expect([...new Set(asked)].sort()).toEqual(['', 'as', 'proof', 'until']) // '': the queue's own three, which are checked
})
