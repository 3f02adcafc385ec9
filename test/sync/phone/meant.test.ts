// A browser may still hold the session of who had the tablet before: what is asked says in whose name it is meant.
import 'fake-indexeddb/auto'
import { afterEach, expect, test, vi } from 'vitest'
import { accountHeader, marker } from '#db/command.ts'
import { newId, type Id } from '#db/id.ts'
import { keyOf } from '#web/outbox/key.ts'
import { openStore } from '#web/outbox/store.ts'
import { fillMatter, fillQueue } from '#web/routes/officer/fill.ts'
import { noteLooks, sendLooks } from '#web/routes/officer/looks.ts'

afterEach(() => vi.unstubAllGlobals())

test('the queue, a letter and the looks at it', async () => {
  const [account, house, letter] = [newId(), newId(), newId()]
  const asked: (string | undefined)[] = []
  vi.stubGlobal('fetch', (_: string, { headers }: { headers?: Record<string, string> } = {}) => {
    asked.push(headers?.[accountHeader])
    return Promise.resolve(Response.json({ signIn: true }, { status: 401, headers: { [marker]: '1' } }))
  })
  const store = openStore(account, keyOf)
  expect(await fillQueue(store, house, 'mine', null, 1)).toEqual({ next: null, silence: 'signedOut' })
  expect(await fillMatter(store, house, letter)).toBe('signedOut')
  await noteLooks(store, house, [letter], 'read')
  await sendLooks(store)
  expect(asked).toEqual<(Id | undefined)[]>([account, account, account])
  await store.delete()
})
