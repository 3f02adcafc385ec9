// What lies on a phone says nothing to whoever opens the phone: no word, no name, and after a sign-out not even to us.
import 'fake-indexeddb/auto'
import { beforeEach, expect, test, vi } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { deleteDraft, listDrafts, saveDraft } from '#web/outbox/draft.ts'
import { dropKey, giveKey, keyOf } from '#web/outbox/key.ts'
import { Locked, sealOld } from '#web/outbox/sealing.ts'
import { openStore, type Held, type Shelved } from '#web/outbox/store.ts'
import { exchange } from '#web/outbox/sync.ts'
import { Mother, signedInKey } from './cast.ts'
import { House } from './house.ts'

const words = '天冷了，多穿点。'
const noKey = () => Promise.resolve(undefined)

let house: House
let mother: Mother
let letter: Id
beforeEach(async () => {
  house = new House()
  mother = await Mother.of(house)
  letter = await mother.writes(words)
})

/** All rows of a database as they lie, in one text. */
async function onDisk(name: string): Promise<string> {
  const database = await new Promise<IDBDatabase>((done, fail) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => done(request.result)
    request.onerror = () => fail(request.error)
  })
  const rows = await Promise.all(
    [...database.objectStoreNames].map(
      (store) =>
        new Promise((done) => {
          const request = database.transaction(store).objectStore(store).getAll()
          request.onsuccess = () => done(request.result)
        }),
    ),
  )
  database.close()
  return JSON.stringify(rows, (_key, value: unknown) =>
    value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value,
  )
}

test('neither a letter that waits nor one that was sent can be read from the disk, nor the name of anybody', async () => {
  expect(await onDisk(mother.store.name)).not.toContain(words)
  await mother.syncs()
  const lying = await onDisk(mother.store.name)
  expect(lying).toContain(letter)
  for (const secret of [words, '张伟']) expect(lying).not.toContain(secret)
  expect((await mother.holds(letter)).contents[0]?.input['body']).toBe(words)
})

test('what is half written cannot be read from the disk either', async () => {
  const account = mother.who.account
  const draft = { id: letter, kind: 'letter', body: words, at: 1 } as const
  await saveDraft(draft, 'strict', account)
  expect(await onDisk(`etongban/${account}/drafts`)).not.toContain(words)
  expect(await listDrafts(account)).toEqual([draft])
  await deleteDraft(letter, account)
})

test('of two strokes the later one stays, however long sealing takes', async () => {
  const account = mother.who.account
  const typed = ['天', '天冷', '天冷了'].map((body, at) => ({ id: letter, kind: 'letter', body, at }) as const)
  await Promise.all(typed.map((draft) => saveDraft(draft, 'relaxed', account)))
  expect((await listDrafts(account))[0]?.body).toBe('天冷了')
  await deleteDraft(letter, account)
})

test('whoever has not signed in yet has a key of this phone, and keeps it', async () => {
  await saveDraft({ id: letter, kind: 'letter', body: words, at: 1 }, 'strict', 'nobody')
  expect(await onDisk('etongban/nobody/drafts')).not.toContain(words)
  expect((await listDrafts('nobody'))[0]?.body).toBe(words)
  await deleteDraft(letter, 'nobody')
})

test('whatever is looked for among what is sealed is found', async () => {
  const { matters } = mother.store
  const written = [letter, await mother.writes('第二封'), await mother.writes('第三封')]
  const has = (body: string) => (held: Held) => held.contents.some(({ input }) => input['body'] === body)
  expect(await matters.filter(has('第二封')).primaryKeys()).toEqual([written[1]])
  expect((await matters.where('matter.state').anyOf('read', 'submitted').filter(has('第三封')).toArray())[0]?.id).toBe(
    written[2],
  )
  expect((await matters.reverse().toArray()).map(({ id }) => id)).toEqual([...written].sort().reverse())
  await matters.filter(has('第二封')).delete()
  expect(await matters.count()).toBe(2)
})

test('a busy phone that takes its time to open what it keeps opens it in the end', async () => {
  const slow = openStore(mother.who.account, async (account) => {
    await new Promise((later) => setTimeout(later, 1500)) // IndexedDB is asked many thousand times meanwhile
    return signedInKey(account)
  })
  const [held] = await slow.transaction('rw', slow.matters, () => slow.matters.toArray())
  expect(held?.contents[0]?.input['body']).toBe(words)
  slow.close()
})

test('no script can read the key out', async () => {
  const key = await keyOf(mother.who.account)
  expect(key?.extractable).toBe(false)
})

test('without its key a phone shows nothing, sends nothing and loses nothing', async () => {
  await saveDraft({ id: letter, kind: 'letter', body: words, at: 1 }, 'strict', mother.who.account)
  await dropKey(mother.who.account)
  const locked = openStore(mother.who.account, keyOf)
  await expect(locked.outbox.toArray()).rejects.toThrow(Locked)
  expect(await locked.outbox.count()).toBe(1)
  expect(await listDrafts(mother.who.account)).toEqual([])
  expect(house.letters()).toHaveLength(0)
  locked.close()

  mother.restarts() // signs in again
  await mother.syncs()
  expect(house.letters()).toHaveLength(1)
  expect((await listDrafts(mother.who.account))[0]?.body).toBe(words)
  await deleteDraft(letter, mother.who.account)
})

test('an answer that comes while somebody signs out is not kept without a key', async () => {
  await mother.syncs()
  await mother.store.meta.delete('cursor') // all is told once more
  house.tieFor()
  mother.link.meanwhile = () => dropKey(mother.who.account)
  const store = openStore(mother.who.account, keyOf)
  await expect(exchange(store, mother.link, mother.now)).rejects.toThrow(Locked)
  expect(await onDisk(store.name)).not.toContain('李某')
  store.close()
})

/** Another tab of this browser: it shares what lies on the disk, and nothing else. */
async function anotherTab() {
  vi.resetModules()
  const { openStore, putMeta } = await import('#web/outbox/store.ts')
  const { keyOf } = await import('#web/outbox/key.ts')
  const { saveDraft } = await import('#web/outbox/draft.ts')
  return { store: openStore(mother.who.account, keyOf), putMeta, saveDraft }
}

test('a second tab that is still open after a sign-out writes nothing that can be read', async () => {
  const account = mother.who.account
  await keyOf(account)
  const tab = await anotherTab()
  await dropKey(account)
  const secret = { id: letter, command: { input: { body: '另一页写的。' } } } as unknown as Shelved
  await expect(tab.store.shelf.put(secret)).rejects.toThrow('shelf')
  await expect(tab.putMeta(tab.store, 'marks', '另一页写的。')).rejects.toThrow('meta')
  await tab.putMeta(tab.store, 'pace', 1) // says nothing of anybody
  expect(await onDisk(tab.store.name)).not.toContain('另一页写的。')
  await expect(
    tab.saveDraft({ id: letter, kind: 'letter', body: '另一页写的。', at: 2 }, 'strict', account),
  ).rejects.toThrow()
  expect(await onDisk(`etongban/${account}/drafts`)).not.toContain('另一页写的。')
  tab.store.close()
})

test('a browser that can keep no key works on after a sign-out as it did before', async () => {
  const account = newId()
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
  await giveKey(account, 'AAAA')
  await dropKey(account)
  await giveKey(account, 'AAAA')
  const store = openStore(account, keyOf)
  await store.meta.put({ key: 'marks', value: words })
  expect(await store.meta.get('marks')).toMatchObject({ value: words })
  vi.unstubAllGlobals()
  store.close()
})

test('a row that was put in the place of another does not open', async () => {
  const other = await mother.writes('第二封')
  const plain = openStore(mother.who.account, noKey)
  const [mine, foreign] = await Promise.all([raw(plain.name, letter), raw(plain.name, other)])
  await put(plain.name, { ...foreign, id: mine['id'], matter: mine['matter'] })
  plain.close()
  await expect(mother.holds(letter)).rejects.toThrow()
})

test('a key that is there already stays, whatever comes later', async () => {
  await giveKey(mother.who.account, btoa('another key of thirty-two bytes!'))
  expect((await mother.holds(letter)).contents[0]?.input['body']).toBe(words)
})

test('what lay here from before there were keys is sealed, whichever write the battery dies at', async () => {
  const account = mother.who.account
  for (let writes = 0; writes < 8; writes += 1) {
    await dropKey(account)
    await mother.store.delete()
    const before = openStore(account, noKey)
    for (const table of before.tables.filter(({ name }) => name !== 'meta'))
      await table.put({ id: letter, matter: letter, number: '1', at: 1, body: words })
    await before.meta.put({ key: 'me', value: words })
    before.close()

    const dying = openStore(account, signedInKey)
    let left = writes
    dying.use({
      stack: 'dbcore',
      name: 'battery',
      create: (core) => ({
        ...core,
        table: (name) => ({
          ...core.table(name),
          mutate: (request) => {
            if ((left -= 1) >= 0) return core.table(name).mutate(request)
            request.trans.abort()
            return Promise.reject(new Error('no battery'))
          },
        }),
      }),
    })
    await sealOld(dying).catch(() => undefined)
    dying.close()

    mother.restarts()
    expect((await mother.store.table('shelf').get(letter)) as unknown).toMatchObject({ body: words })
    await sealOld(mother.store)
    expect(await onDisk(mother.store.name)).not.toContain(words)
    expect((await mother.store.table('shelf').get(letter)) as unknown).toMatchObject({ body: words })
    expect(await mother.store.meta.get('me')).toMatchObject({ value: words })
  }
})

const within = <Value>(name: string, act: (matters: IDBObjectStore) => IDBRequest<Value>): Promise<Value> =>
  new Promise((done, fail) => {
    const opening = indexedDB.open(name)
    opening.onerror = () => fail(opening.error)
    opening.onsuccess = () => {
      const request = act(opening.result.transaction('matters', 'readwrite').objectStore('matters'))
      request.onsuccess = () => {
        opening.result.close()
        done(request.result)
      }
    }
  })
const raw = (name: string, id: Id) => within(name, (matters) => matters.get(id) as IDBRequest<Record<string, unknown>>)
const put = (name: string, row: unknown) => within(name, (matters) => matters.put(row))
