// The PIN of an officer on a tablet, and what else is noted of them there meanwhile.
import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { newId } from '#db/id.ts'
import { dropPin, noteWorker, pinOf, workersHere } from '#web/routes/officer/workers.ts'
import { setPin } from '#web/routes/officer/tablet.ts'

const now = 1_790_000_000_000
const secret = { seal: 'seal', token: 'token' }

test('set before the house has said who is here, a PIN is kept, with a name to it', async () => {
  const [account, id] = [newId(), newId()]
  await setPin({ account, name: '周敏', seenAt: now }, '735106', id, secret)
  expect(await pinOf(account)).toMatchObject({ id, tries: 0 })
  expect((await workersHere(now)).find((one) => one.account === account)).toMatchObject({ name: '周敏', seenAt: now })
})

test('whatever the house says at the same moment, a PIN that was dropped is gone, and one that was set stays', async () => {
  const [account, id] = [newId(), newId()]
  const worker = { account, name: '周敏', seenAt: now }
  const notes = () => Array.from({ length: 20 }, () => noteWorker(worker))
  await setPin(worker, '735106', id, secret)
  await Promise.all([...notes(), dropPin(account)])
  expect(await pinOf(account)).toBeUndefined()
  await Promise.all([...notes(), setPin(worker, '735106', id, secret)])
  expect(await pinOf(account)).toMatchObject({ id })
})
