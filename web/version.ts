// One name for one state of the source.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param web the web folder
 * @returns 16 hex digits over everything that goes into the build
 */
export function sourceVersion(web: string): string {
  const hash = createHash('sha256')
  const roots = ['src', 'static', '../db', '../package-lock.json', 'vite.config.ts', 'inline.ts', 'precache.ts']
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
