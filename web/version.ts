// One name for one state of the source, and when a page learns it.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/**
 * @param web the web folder
 * @returns 16 hex digits over everything that goes into the build
 */
export function sourceVersion(web: string): string {
  const hash = createHash('sha256')
  const recipes = readdirSync(web).filter((file) => file.endsWith('.ts'))
  const roots = ['src', 'static', '../db', '../package-lock.json', ...recipes.sort()]
  for (const root of roots) for (const file of filesUnder(join(web, root))) hash.update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}

function filesUnder(path: string): string[] {
  try {
    const found = readdirSync(path, { recursive: true, withFileTypes: true })
    return found
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path]
    throw error
  }
}

/**
 * Kit reads the version where its module begins, and counts on being loaded after the page has told it. Bundled with
 * the frame it begins before: every check then finds another version, and a page that is not there reloads for ever.
 * So the version is a binding of the module that is told, and whoever imports it sees what was told since.
 */
export function versionOnceTold(): Plugin {
  const edits = [
    [
      'kit/src/runtime/app/env/client.js',
      'export const version = payload.version',
      `export { version } from ${JSON.stringify('../../client/payload.js')}`,
    ],
    ['kit/src/runtime/client/payload.js', 'payload = value;', 'payload = value; version = value.version;'],
  ] as const
  return {
    name: 'etongban:version',
    apply: 'build',
    applyToEnvironment: ({ name }) => name === 'client',
    transform(code, id) {
      const edit = edits.find(([file]) => id.endsWith(file))
      if (!edit) return undefined
      const [, before, after] = edit
      if (!code.includes(before)) this.error(`${id} no longer says “${before}”`)
      return {
        code: `${code.replace(before, after)}${id.endsWith('payload.js') ? '\nexport let version' : ''}`,
        map: null,
      }
    },
  }
}
