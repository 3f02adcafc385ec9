// How heavy the app is for a relative's phone, measured on the files as built, compressed as a server compresses them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { precacheLists } from '../../web/precache.ts'

const root = join(import.meta.dirname, '../..')
export const pages = join(root, 'web/build')
const output = join(root, 'web/.svelte-kit/output')

interface Chunk {
  readonly file: string
  readonly name?: string
  readonly imports?: readonly string[]
  readonly dynamicImports?: readonly string[]
}

/** What somebody who opens the letter page, signed in or not, never fetches. */
const notOnThisWay = [
  /words\/en\//, // another language
  /fake-indexeddb/, // storage refused
  /fflate/, // a phone that cannot compress
  /outbox\/(flight|broken)\.ts$/, // more than a letter or two, or an answer that breaks off
  /letter\/keep\.ts$/, // it came inside the HTML
  /letter\/Above\.svelte$/, // a letter that was returned, or a relative who may send none for a time
  /client-optimized\/nodes\//, // other pages; that of errors comes later (web/slim.ts)
  /error-template/,
]

const compressed = (file: string): number => brotliCompressSync(readFileSync(join(pages, file))).length

/** The chunk of vite.config.ts that keeps matters and exchanges them with the house: half the app. */
const exchange = 'phone'

/**
 * The files that the letter page fetches, beside those that it carries inside.
 *
 * @param signedIn whether there is somebody whose letters are exchanged; else that part comes when sending is asked for
 */
export function letterFiles(signedIn: boolean): string[] {
  const chunks = new Map(
    Object.entries(
      JSON.parse(readFileSync(join(output, 'client/.vite/manifest.json'), 'utf8')) as Record<string, Chunk>,
    ),
  )
  const files = new Set<string>()
  const neverAsked = (name: string): boolean =>
    chunks.get(name)?.name === 'calendar' || // a network that is down: since when, said once it is
    chunks.get(name)?.name === 'leave' || // an officer's sign-out that the house has not heard of
    notOnThisWay.some((never) => never.test(name))
  const add = (name: string, chunk: Chunk): void => {
    if (files.has(chunk.file)) return
    files.add(chunk.file)
    const later = (name.endsWith('client-optimized/app.js') ? [] : (chunk.dynamicImports ?? [])).filter(
      (one) => !neverAsked(one) && (signedIn || chunks.get(one)?.name !== exchange),
    )
    for (const one of [...(chunk.imports ?? []), ...later]) {
      const found = chunks.get(one)
      if (found) add(one, found)
    }
  }
  const html = readFileSync(join(pages, 'letter.html'), 'utf8')
  for (const [file] of html.matchAll(/_app\/immutable\/[\w./-]+\.js/g))
    for (const [name, chunk] of chunks) if (chunk.file === file) add(name, chunk)
  return [...files].sort()
}

/** The files that a relative's device keeps for use without a network, as the service worker fetches them. */
export const offlineFiles = (): string[] => precacheLists(output).outside.map(({ url }) => fileOf(url))

const fileOf = (url: string): string =>
  url === '/' ? 'index.html' : /\.\w+$/.test(url) ? url.slice(1) : `${url.slice(1)}.html`

/** Bytes, compressed. */
export function measure(): Record<'letterHtml' | 'letterRoute' | 'letterRouteSignedIn' | 'offlineCache', number> {
  const sum = (files: readonly string[]) => files.reduce((bytes, file) => bytes + compressed(file), 0)
  return {
    letterHtml: compressed('letter.html'),
    letterRoute: sum(['letter.html', ...letterFiles(false)]),
    letterRouteSignedIn: sum(['letter.html', ...letterFiles(true)]),
    offlineCache: sum(['service-worker.js', ...offlineFiles()]),
  }
}
