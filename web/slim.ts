// What a phone need not carry.
import { join } from 'node:path'
import type { Plugin } from 'vite'

/**
 * @param web the web folder
 */
export function slim(web: string): Plugin {
  return {
    name: 'etongban:slim',
    enforce: 'pre',
    applyToEnvironment: ({ name }) => name === 'client',
    resolveId(id) {
      if (id === '#app/internal/transport') return join(web, 'src/transport.ts')
      // Dexie's own minified file is 2 kB smaller than what any minifier makes of its source.
      if (id === 'dexie') return this.resolve('dexie/dist/modern/dexie.min.mjs')
      return undefined
    },
  }
}
