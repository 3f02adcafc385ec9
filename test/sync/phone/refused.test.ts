// A browser that refuses to keep anything: letters still go while there is a network, and nothing is called saved.
import { IDBFactory } from 'fake-indexeddb'
import { expect, test, vi } from 'vitest'
import { newId } from '#db/id.ts'
import { listDrafts, saveDraft } from '#web/outbox/draft.ts'
import { myStore, recallMe } from '#web/outbox/me.ts'
import { waitsAs } from '#web/outbox/store.ts'

const refusing = () => {
  throw new DOMException('not here', 'SecurityError')
}

test('without IndexedDB the store is in memory, and says that it does not last', async () => {
  vi.stubGlobal('indexedDB', Object.assign(Object.create(IDBFactory.prototype) as IDBFactory, { open: refusing }))
  expect(await recallMe()).toBeNull()
  const store = myStore()
  await store.meta.put({ key: 'cursor', value: {} })
  expect(await store.meta.count()).toBe(1)
  expect(store.lasting).toBe(false)
  expect(waitsAs(store)).toBe('onPage')
  vi.unstubAllGlobals()
})

test('without IndexedDB a draft is kept where it can be, and the page is told that this is less', async () => {
  const kept = new Map<string, string>()
  const storage = {
    setItem: (key: string, value: string) => void kept.set(key, value),
    getItem: (key: string) => kept.get(key) ?? null,
  }
  // `Object.keys` of a real localStorage names what it holds.
  const localStorage = new Proxy(storage, {
    ownKeys: () => [...kept.keys()],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  })
  vi.stubGlobal('indexedDB', { open: refusing })
  vi.stubGlobal('localStorage', localStorage)
  const draft = { id: newId(), kind: 'letter', body: '天冷了', at: 1 } as const
  expect(await saveDraft(draft, 'strict', 'nobody')).toBe('plain')
  expect(await listDrafts('nobody')).toEqual([draft])
  vi.unstubAllGlobals()
})
