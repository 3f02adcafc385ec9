// The product in its next version, beside today's: the same source, loaded a second time as version.ts changes it.
import { registerHooks } from 'node:module'
import * as live from '#web/outbox/live.ts'
import * as make from '#web/outbox/make.ts'
import * as sync from '#web/outbox/sync.ts'
import * as undo from '#web/outbox/undo.ts'
import * as server from '#worker/sync/index.ts'
import { inNextVersion, isAnotherIn, mark } from './version.ts'

/** What of the app knows which version it speaks. */
export const todaysApp = { ...live, ...make, ...sync, ...undo }
export type App = typeof todaysApp
export const todaysServer = server

registerHooks({
  resolve(specifier, context, nextResolve) {
    const found = nextResolve(specifier, context)
    return context.parentURL?.endsWith(mark) && isAnotherIn(found.url) ? { ...found, url: found.url + mark } : found
  },
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith(mark)) return loaded
    // where a deliberate bug was made in it, it is a text by now
    const source = typeof loaded.source === 'string' ? loaded.source : utf8.decode(loaded.source)
    return { ...loaded, source: inNextVersion(url.slice(0, -mark.length), source) }
  },
})

const utf8 = new TextDecoder()
const load = (file: string) => import(new URL(`../../${file}${mark}`, import.meta.url).href) as Promise<unknown>

export const nextServer = (await load('worker/sync/index.ts')) as typeof server
export const nextApp: App = {
  ...((await load('web/src/outbox/live.ts')) as typeof live),
  ...((await load('web/src/outbox/make.ts')) as typeof make),
  ...((await load('web/src/outbox/sync.ts')) as typeof sync),
  ...((await load('web/src/outbox/undo.ts')) as typeof undo),
}
