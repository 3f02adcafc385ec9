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
    transform(code, id) {
      if (id.endsWith('jsqr/dist/jsQR.js')) return { code: asModule(code), map: null }
      if (id.includes('/kit/src/runtime/client/client.js')) return { code: errorPageLater(code), map: null }
      return undefined
    },
    // Every phone is told the names of all files, some ninety: seven characters tell them apart as well as eight.
    outputOptions(options) {
      const short = (name: string) => name.replace('[hash]', '[hash:7]')
      const { chunkFileNames, assetFileNames, entryFileNames } = options
      return {
        ...options,
        ...(chunkFileNames && { chunkFileNames: shortened(chunkFileNames, short) }),
        ...(assetFileNames && { assetFileNames: shortened(assetFileNames, short) }),
        ...(entryFileNames && { entryFileNames: shortened(entryFileNames, short) }),
      }
    },
  }
}

/** The one file that is no module of its own: what it would take to read it as one is carried by every phone. */
const asModule = (code: string) =>
  `const module = { exports: {} }, exports = module.exports;${code}\nexport default module.exports`

/**
 * Kit fetches the page of errors before it shows any other. Here it comes once the page has been there for a while, and
 * not at all where the service worker keeps it.
 */
function errorPageLater(code: string): string {
  const both = '[default_layout_loader(), default_error_loader()]'
  if (!code.includes(both)) throw new Error(`kit no longer says ${both}`)
  const later = 'navigator.serviceWorker?.controller || setTimeout(default_error_loader, 5000)'
  return code.replace(both, `[default_layout_loader(), ${later}]`)
}

type Names<Given> = string | ((given: Given) => string)
const shortened = <Given>(names: Names<Given>, short: (name: string) => string): Names<Given> =>
  typeof names === 'string' ? short(names) : (given) => short(names(given))
