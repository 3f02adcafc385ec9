// The floors of the code: which file of which kind stands on which floor, and which way imports go (DESIGN §8).
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, posix } from 'node:path'
import { expect, test } from 'vitest'
import { kinds } from '#db/matters/index.ts'

const files = execFileSync('git', ['ls-files', 'db', 'worker', 'web', 'test'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(ts|svelte|mjs)$/.test(file))

const rooms: Readonly<Record<string, string>> = {
  '#db/': 'db/',
  '#worker/': 'worker/',
  '#web/': 'web/src/',
  '#test/': 'test/',
}
const leads = /(?:\bfrom|\bimport)\s*\(?\s*'([#.][^']+)'/g

/** Where a file's imports lead, static or not, by path. */
function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(leads)].map(([, path = '']) => {
    const alias = Object.keys(rooms).find((alias) => path.startsWith(alias))
    return alias ? path.replace(alias, rooms[alias] ?? '') : posix.join(dirname(file), path)
  })
}

const roomOf = (path: string) => path.split('/')[0] ?? ''
/** The parts of db that a phone does without. */
const handles = /^db\/(tables\/|directory\.|ledger\.|record\.)/

test('each kind has its file on each floor, and imports go one way', async () => {
  const kindFiles = [...kinds.keys()].flatMap((kind) => {
    const own = new RegExp(`(^|/)${kind}(/\\+page\\.svelte|\\.svelte|\\.ts|\\.test\\.ts)$`, 'i')
    return files.filter((file) => own.test(file)).map((file) => `${kind}: ${file}`)
  })
  const ways = new Set<string>()
  for (const file of files)
    for (const path of importsOf(file)) {
      if (roomOf(path) !== roomOf(file)) ways.add(`${roomOf(file)} → ${roomOf(path)}`)
      if (roomOf(file) === 'web' && handles.test(path)) ways.add(`${file} → ${path}`)
    }
  const told = [...kindFiles, '', ...[...ways].sort()]
  await expect(`${told.join('\n')}\n`).toMatchFileSnapshot('floors.snapshot.txt')
})
