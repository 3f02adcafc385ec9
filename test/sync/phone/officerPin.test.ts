// The PIN of an officer on a tablet, and what else is noted of them there meanwhile.
import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { newId } from '#db/id.ts'
import { dropPin, noteWorker, pinOf, setPin, workersHere } from '#web/routes/officer/tablet.ts'

const now = 1_790_000_000_000
const secret = { seal: 'seal', token: 'token' }

test('set before the house has said who is here, a PIN is kept, with a name to it', async () => {
  const [account, id] = [newId(), newId()]
  await setPin({ account, name: '周敏', seenAt: now }, '735106', id, secret)
  expect(await pinOf(account)).toMatchObject({ id, tries: 0 })
  expect((await workersHere(now)).find((one) => one.account === account)).toMatchObject({ name: '周敏', seenAt: now })
})

test('whatever the house says at the same moment, a PIN that was set stays, and one that was dropped is gone', async () => {
  const [account, id] = [newId(), newId()]
  const worker = { account, name: '周敏', seenAt: now }
  const whileNoted = async (act: Promise<void>) => {
    let over = false
    const notes = async () => {
      while (!over) await noteWorker(worker)
    }
    const noting = Array.from({ length: 10 }, notes)
    await act.finally(() => (over = true))
    await Promise.all(noting)
  }
  for (let time = 0; time < 12; time += 1) {
    await whileNoted(setPin(worker, '735106', id, secret))
    expect(await pinOf(account)).toMatchObject({ id })
    await whileNoted(dropPin(account))
    expect(await pinOf(account)).toBeUndefined()
  }
})
