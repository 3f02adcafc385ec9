// The house's desk: who has which letter open, seen live; and the minute that nobody has to start.
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { deskOf } from '#worker/rooms/poke.ts'
import { claimMs, type Desk } from '#worker/rooms/Desk.ts'
import { looksChain } from '#worker/record/looks.ts'
import { letterTo, openHouse, syncs, type House } from '#test/ledger.ts'

let house: House
let matter: Id
beforeEach(async () => {
  house = await openHouse('serving')
  matter = newId()
  await syncs(house, house.mother, [letterTo(house, matter, '天冷了，多穿点。')])
})
afterEach(() => vi.useRealTimers())

/** A tablet with its live line open; `heard` is all that the desk has told it. */
async function tablet(account: Id, name: string) {
  const query = new URLSearchParams({ facility: house.facility, account, name, role: 'reviewer' })
  const answer = await deskOf(house.env, house.facility).fetch(`https://desk/?${query.toString()}`, {
    headers: { upgrade: 'websocket' },
  })
  const socket = answer.webSocket!
  const heard: { claims?: Record<string, { name: string }>; poke?: true }[] = []
  socket.accept()
  socket.addEventListener('message', (message) => {
    heard.push(JSON.parse(message.data as string) as (typeof heard)[number])
  })
  const hasIt = () => heard.findLast((news) => news.claims)?.claims?.[matter]?.name
  return { heard, hasIt, says: (said: unknown) => socket.send(JSON.stringify(said)) }
}
const within = (check: () => void) => vi.waitFor(check, { timeout: 2000, interval: 10 })

test('who opens a letter has it, the others see whose it is, and leaving gives it back', async () => {
  const zhao = await tablet(house.reviewer.me.account, '赵民警')
  const qian = await tablet(house.second.me.account, '钱民警')
  zhao.says({ claim: matter })
  await within(() => expect(qian.hasIt()).toBe('赵民警'))

  qian.says({ claim: matter })
  await within(() => expect(qian.heard.length).toBeGreaterThan(2))
  expect(qian.hasIt()).toBe('赵民警')

  zhao.says({ leave: matter })
  await within(() => expect(qian.hasIt()).toBeUndefined())
})

test('an officer of whom nothing is heard for five minutes has it no longer', async () => {
  const zhao = await tablet(house.reviewer.me.account, '赵民警')
  zhao.says({ claim: matter })
  await within(() => expect(zhao.hasIt()).toBe('赵民警'))

  vi.useFakeTimers({ now: Date.now() + claimMs + 1, toFake: ['Date'] })
  const qian = await tablet(house.second.me.account, '钱民警')
  await within(() => expect(qian.heard).toHaveLength(1))
  expect(qian.hasIt()).toBeUndefined()
})

test('what was decided is nobody’s any more, and every tablet is told that there is news', async () => {
  const zhao = await tablet(house.reviewer.me.account, '赵民警')
  zhao.says({ claim: matter })
  await within(() => expect(zhao.hasIt()).toBe('赵民警'))
  await deskOf(house.env, house.facility).poke(house.facility, [matter], false)
  await within(() => expect(zhao.heard.at(-1)).toEqual({ poke: true }))
  expect(zhao.hasIt()).toBeUndefined()
})

test('opening a letter stands in the record; a claim does not, and what is no letter cannot be looked at', async () => {
  const zhao = await tablet(house.reviewer.me.account, '赵民警')
  zhao.says({ claim: matter })
  zhao.says({ claim: newId() })
  zhao.says('nonsense')
  await within(() => expect(zhao.hasIt()).toBe('赵民警'))
  const looks = async () =>
    (
      await house.env.DB.prepare("SELECT matter, json_extract(body, '$.move') AS move FROM event WHERE actor = ?")
        .bind(house.reviewer.me.account)
        .all()
    ).results
  await vi.waitFor(async () => expect(await looks()).toEqual([{ matter: looksChain(matter), move: 'read' }]))
})

test('after news the minute runs by itself, signs the record, and sets the next one', async () => {
  const desk = deskOf(house.env, house.facility)
  await desk.poke(house.facility, [], false)
  expect(await runDurableObjectAlarm(desk)).toBe(true)
  const heads = await house.env.DB.prepare('SELECT size FROM checkpoint WHERE facility = ?').bind(house.facility).all()
  expect(heads.results).toEqual([{ size: 1 }])
  expect(await runInDurableObject(desk, (_: Desk, state) => state.storage.getAlarm())).not.toBeNull()
})
