// The two scripts that stand inside the HTML and run before anything is fetched: `look/early.ts` in every page, and
// the keeper of the draft in the letter page. Built here, so that they are typed, tested and small like the rest;
// hashed here, so that the content security policy knows them.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Plugin } from 'vite'

const NAME = 'virtual:inline'
const sources = {
  early: 'src/look/early.ts',
  keepDraft: 'src/routes/(outside)/letter/keep.inline.ts',
} as const

export async function inlineScripts(
  web: string,
  target: string[],
): Promise<{ plugin: Plugin; hashes: `sha256-${string}`[] }> {
  const scripts = await Promise.all(Object.values(sources).map((source) => script(join(web, source), target)))
  const exported = Object.keys(sources).map((name, at) => `export const ${name} = ${JSON.stringify(scripts[at])}`)
  return {
    hashes: scripts.map((text) => `sha256-${createHash('sha256').update(text).digest('base64')}` as const),
    plugin: {
      name: 'etongban:inline',
      resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
      load: (id) => (id === `\0${NAME}` ? exported.join('\n') : undefined),
    },
  }
}

/**
 * One self-contained classic script. Made by esbuild, because Vite would read web/tsconfig.json, whose base kit writes
 * only after this config is loaded.
 */
async function script(entry: string, target: string[]): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    charset: 'utf8',
    target,
    tsconfigRaw: {},
  })
  const code = outputFiles[0]?.text.trim()
  if (code === undefined || outputFiles.length > 1) throw new Error(`${entry} did not become one script`)
  // Inside HTML a script ends at the first of these, wherever it stands.
  if (/<\/script|<!--/i.test(code)) throw new Error(`${entry} would end its own script element`)
  return code
}
