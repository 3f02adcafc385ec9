// Which files a device keeps for working without a network: those of its own room and no other, so that nothing of
// officers, kiosks or administration ever lies on a relative's phone. The service worker imports the lists as
// `virtual:precache`; it is built last, when the other output lies on disk.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

export interface Kept {
  readonly url: string
  /** 32 bits of a hash of the content, to tell it from the one before; null where the name already holds one */
  readonly revision: string | null
}
export const rooms = ['outside', 'officer', 'kiosk'] as const
export type Room = (typeof rooms)[number]

interface Chunk {
  readonly file: string
  readonly name?: string
  readonly imports?: readonly string[]
  readonly dynamicImports?: readonly string[]
  readonly css?: readonly string[]
}

const NAME = 'virtual:precache'

export function precache(web: string): Plugin {
  return {
    name: 'etongban:precache',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) =>
      id === `\0${NAME}`
        ? `export const kept = ${JSON.stringify(precacheLists(join(web, '.svelte-kit/output')))}`
        : undefined,
  }
}

/** @param output kit's output folder, after prerendering */
export function precacheLists(output: string): Record<Room | 'lock', Kept[]> {
  const chunks = new Map(
    Object.entries(
      JSON.parse(readFileSync(join(output, 'client/.vite/manifest.json'), 'utf8')) as Record<string, Chunk>,
    ),
  )
  const pages = readdirSync(join(output, 'prerendered/pages'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html'))
    .sort()

  const listOf = (room: Room): Kept[] => {
    const files = new Set<string>()
    const own = pages
      .map((file) => ({ url: urlOf(file), html: readFileSync(join(output, 'prerendered/pages', file), 'utf8') }))
      .filter(({ url }) => roomOf(url) === room)
    for (const { html } of own)
      for (const file of filesNamedIn(html)) if (!neverKept.test(file)) addWithImports(file, chunks, files)
    const errorPage = [...chunks].find(([source]) => source.endsWith('/nodes/1.js'))
    if (own.length > 0 && errorPage) addWithImports(errorPage[1].file, chunks, files)

    return [
      ...own.map(({ url, html }) => ({ url, revision: hashOf(html) })),
      ...[...files].sort().map((file) => ({ url: `/${file}`, revision: null })),
      ...['manifest.webmanifest', 'icon.svg'].map((file) => ({
        url: `/${file}`,
        revision: hashOf(readFileSync(join(output, 'client', file))),
      })),
    ]
  }
  const outside = listOf('outside')
  /** What a phone keeps beside it once its owner has switched the lock on. */
  const lock = new Set<string>()
  const [, locked] = [...chunks].find(([source]) => source.endsWith('lock/locked.ts')) ?? []
  if (locked) addWithImports(locked.file, chunks, lock)
  for (const { url } of outside) lock.delete(url.slice(1))
  const onlyLock = [...lock].sort().map((file) => ({ url: `/${file}`, revision: null }))
  return { outside, officer: listOf('officer'), kiosk: listOf('kiosk'), lock: onlyLock }
}

/** The first part of the path names the room; whatever names none is outside. */
const roomOf = (url: string): Room => {
  const first = url.split('/')[1]
  return rooms.find((room) => room === first) ?? 'outside'
}

const urlOf = (file: string): string => `/${file.replace(/(^|\/)index\.html$|\.html$/, '')}`

/** Kit writes into each page the entry points and the nodes of its own route: no other way leads to a route's code. */
const filesNamedIn = (html: string): string[] => html.match(/_app\/immutable\/[\w./-]+\.(?:js|css)/g) ?? []

/**
 * Never kept, for it is of no use without a network: what asks the house itself, what sends photos, what only somebody of
 * the case-handling body opens, the lock where nobody has switched it on, and a stand-in for refused storage (where storage is refused there is no cache either).
 */
const neverKept =
  /fake-indexeddb|lock\/locked|(outside\)|account|sign-in|invite|parts|assets)\/(Document|Devices|Copy|Passkeys|AppLock|Prove|Others|ByPasskey|Offer|Claim|Claims|Answer|Papers|Lawyer|Mandate|Mandates)\./

/** What clears a device (outbox/tablet.ts): officers' pages hold it, and to a relative's the house says when. */
const clearsTablet = 'tablet'

/** A file, what it imports and what it may import later; kit's table of all routes is not followed. */
function addWithImports(file: string, chunks: ReadonlyMap<string, Chunk>, files: Set<string>): void {
  if (files.has(file)) return
  files.add(file)
  const found = [...chunks].find(([, chunk]) => chunk.file === file)
  if (!found) return
  const [source, chunk] = found
  const later = source.endsWith('client-optimized/app.js') ? [] : (chunk.dynamicImports ?? [])
  for (const css of chunk.css ?? []) files.add(css)
  for (const name of [...(chunk.imports ?? []), ...later.filter((one) => chunks.get(one)?.name !== clearsTablet)]) {
    const next = chunks.get(name)
    if (next && !neverKept.test(name)) addWithImports(next.file, chunks, files)
  }
}

const hashOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex').slice(0, 8)
