// Somebody leaves a device while it has no network, in a browser that keeps nothing in localStorage: that is not forgotten.
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { accountHeader, marker } from '#db/command.ts'
import { newId } from '#db/id.ts'

const account = newId()
let asked: { path: string; as: string | null }[]
let network: boolean
let jar: Map<string, string>

/** A page of its own: nothing of the one before is left in its memory. */
const opens = () => {
  vi.resetModules()
  return import('#web/outbox/leave.ts')
}

beforeEach(() => {
  asked = []
  network = false
  jar = new Map()
  vi.stubGlobal('location', { protocol: 'https:' })
  vi.stubGlobal('addEventListener', () => undefined)
  vi.stubGlobal('removeEventListener', () => undefined)
  vi.stubGlobal('document', {
    get cookie() {
      return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    },
    set cookie(said: string) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(said) ?? []
      if (/max-age=0\b/.test(said)) jar.delete(name)
      else jar.set(name, value)
    },
  })
  vi.stubGlobal('fetch', (path: string, { headers }: { headers: Record<string, string> }) => {
    if (!network) return Promise.reject(new TypeError('no network'))
    asked.push({ path, as: headers[accountHeader] ?? null })
    return Promise.resolve(Response.json({}, { headers: { [marker]: '1' } }))
  })
})
afterEach(() => vi.unstubAllGlobals())

const refuses = () => {
  throw new DOMException('refused', 'SecurityError')
}

test.each([
  ['refuses localStorage', { getItem: refuses, setItem: refuses, removeItem: refuses }],
  ['has no room in localStorage', { getItem: () => null, setItem: refuses, removeItem: () => undefined }],
])('a browser that %s: the house hears of it once there is a network, in the name of who left', async (_, storage) => {
  vi.stubGlobal('localStorage', storage)
  const page = await opens()
  page.noteLeaving(account, 'locked')
  expect(await page.endSession()).toBe(false)

  network = true
  const next = await opens()
  expect(await next.endSession()).toBe(true)
  expect(asked).toEqual([{ path: '/api/identity/sign-out', as: account }])
  expect(await (await opens()).endSession()).toBe(true)
  expect(asked).toHaveLength(1)
})
