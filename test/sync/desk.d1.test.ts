// The house's desk: who has which letter open, seen live; and the minute that nobody has to start.
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { OfficerRole } from '#db/actor.ts'
import { newId, type Id } from '#db/id.ts'
import { postOf } from '#worker/house/post.ts'
import { deskOf } from '#worker/rooms/poke.ts'
import { claimMs, type Desk } from '#worker/rooms/Desk.ts'
import { looked, looksChain } from '#worker/record/looks.ts'
import { letterTo, openHouse, syncs, type House, type Somebody } from '#test/ledger.ts'

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
  const query = new URLSearchParams({ facility: house.facility, account, name })
  const answer = await deskOf(house.env, house.facility).fetch(`https://desk/?${query.toString()}`, {
    headers: { upgrade: 'websocket' },
  })
  const socket = answer.webSocket!
  const heard: { claims?: Record<string, { name: string }>; poke?: true }[] = []
  socket.accept()
  socket.addEventListener('message', (message) => {
    heard.push(JSON.parse(message.data as string) as (typeof heard)[number])
  })
  let closed: number | undefined
  socket.addEventListener('close', ({ code }) => void (closed = code))
  const hasIt = () => heard.findLast((news) => news.claims)?.claims?.[matter]?.name
  return { heard, hasIt, closed: () => closed, says: (said: unknown) => socket.send(JSON.stringify(said)) }
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
  await vi.waitFor(async () =>
    expect(await looksOf(house.reviewer)).toEqual([{ matter: looksChain(matter), move: 'read', role: 'reviewer' }]),
  )
})
const looksOf = async ({ me }: Somebody) =>
  (
    await house.env.DB.prepare(
      "SELECT matter, json_extract(body, '$.move') AS move, json_extract(body, '$.role') AS role FROM event WHERE actor = ?",
    )
      .bind(me.account)
      .all()
  ).results

/** The second reviewer has other roles from now on. */
const becomes = (roles: OfficerRole[]) =>
  house.env.DB.prepare('UPDATE officer SET roles = ? WHERE account = ?')
    .bind(JSON.stringify(roles), house.second.me.account)
    .run()
const submit = async () => {
  const other = newId()
  await syncs(house, house.mother, [letterTo(house, other, '另一封。')])
  return other
}

test('who may not read a letter neither has it nor is on the record as one who has read it', async () => {
  await becomes(['admin', 'duty'])
  const [zhao, qian] = [
    await tablet(house.reviewer.me.account, '赵民警'),
    await tablet(house.second.me.account, '钱民警'),
  ]
  qian.says({ claim: matter }) // in no state that somebody on duty sees
  const post = await postOf(house.env.DB, house.facility, house.second.me.account)
  await looked(house.env, post!.actor, [{ matter, how: 'print', id: newId(), at: 1 }])
  zhao.says({ claim: await submit() })
  await within(() => expect(qian.heard.findLast(({ claims }) => claims)?.claims).not.toEqual({}))
  expect(qian.hasIt()).toBeUndefined()
  expect(await looksOf(house.second)).toEqual([])
})

test('a look stands under the role that lets them read, also when the letter has moved on before it was told', async () => {
  await becomes(['admin', 'duty'])
  const approve = { base: 1, id: newId(), facility: house.facility, matter, kind: 'letter', move: 'approve', at: 1 }
  await syncs(house, house.reviewer, [approve])
  await syncs(house, house.kiosk)
  await house.env.DB.prepare("UPDATE matter SET state = 'closed' WHERE id = ?").bind(matter).run()
  const qian = await tablet(house.second.me.account, '钱民警')
  qian.says({ claim: matter })
  await within(() => expect(qian.hasIt()).toBe('钱民警'))
  expect(await looksOf(house.second)).toEqual([{ matter: looksChain(matter), move: 'read', role: 'duty' }])
})

test('a line that is older than the end of its officer’s post takes nothing, and is closed', async () => {
  const qian = await tablet(house.second.me.account, '钱民警')
  await house.env.DB.prepare('UPDATE officer SET disabled_at = 1 WHERE account = ?').bind(house.second.me.account).run()
  qian.says({ claim: matter })
  await within(() => expect(qian.closed()).toBe(1008))
  expect(await looksOf(house.second)).toEqual([])
})

test('after news the minute runs by itself, signs the record, and sets the next one', async () => {
  const desk = deskOf(house.env, house.facility)
  await desk.poke(house.facility, [], false)
  expect(await runDurableObjectAlarm(desk)).toBe(true)
  const heads = await house.env.DB.prepare('SELECT size FROM checkpoint WHERE facility = ?').bind(house.facility).all()
  expect(heads.results).toEqual([{ size: 1 }])
  expect(await runInDurableObject(desk, (_: Desk, state) => state.storage.getAlarm())).not.toBeNull()
})
