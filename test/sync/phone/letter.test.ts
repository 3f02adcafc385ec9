// What a relative may rely on when a letter leaves the phone.
import { beforeEach, expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { protocol } from '#db/upcast.ts'
import { deleteDraft, listDrafts, saveDraft } from '#web/outbox/draft.ts'
import { tidyDrafts } from '#web/outbox/make.ts'
import { takeBack, undo } from '#web/outbox/undo.ts'
import { kioskOf, Mother, reviewerOf, type Phone } from './cast.ts'
import { House } from './house.ts'

let house: House
let mother: Mother
let reviewer: Phone
beforeEach(async () => {
  house = new House()
  mother = await Mother.of(house)
  reviewer = reviewerOf(house)
})

test('a letter is saved on the phone until the house has it, and then the house has it', async () => {
  const id = await mother.writes('天冷了，多穿点。')
  expect(await mother.sees(id)).toBe('已存在手机')

  await mother.syncs()
  expect(await mother.sees(id)).toBe('已送达监所')
  expect(house.letters()).toEqual([{ state: 'submitted', body: '天冷了，多穿点。' }])
  expect((await mother.holds(id)).steps.map(({ move, at }) => ({ move, at }))).toEqual([
    { move: 'submit', at: house.now },
  ])
  expect(await mother.store.outbox.count()).toBe(0)
})

test('a letter whose answer is lost arrives once, and its text travels once', async () => {
  const id = await mother.writes('天冷了，多穿点。')
  mother.link.weather.push('answerLost')
  await mother.exchanges() // the house has it, but the phone does not know
  expect(await mother.sees(id)).toBe('已存在手机')

  await mother.syncs()
  expect(await mother.sees(id)).toBe('已送达监所')
  expect(house.letters()).toHaveLength(1)
  expect([...mother.link.onWire.values()].map((bodies) => bodies.length)).toEqual([1])
})

test('a letter lost on the way goes again, exactly as it was', async () => {
  const id = await mother.writes('家里都好。')
  mother.link.weather.push('requestLost', 'requestLost')
  await mother.exchanges()
  await mother.exchanges()
  await mother.syncs()

  expect(await mother.sees(id)).toBe('已送达监所')
  const [bodies] = [...mother.link.onWire.values()]
  expect(new Set(bodies).size).toBe(1)
})

test('a portal in a hotel swallows nothing', async () => {
  const id = await mother.writes('我到外地看你姐姐。')
  mother.link.weather.push('portal')
  expect((await mother.exchanges()).heard).toBe('portal')
  expect(await mother.sees(id)).toBe('已存在手机')
  await mother.syncs()
  expect(house.letters()).toHaveLength(1)
})

test('a day without a network: all letters go, in order, once', async () => {
  mother.link.noNetwork = true
  const bodies = Array.from({ length: 7 }, (_, day) => `第${day + 1}封信`)
  for (const body of bodies) {
    await mother.writes(body)
    await mother.exchanges()
  }
  mother.link.noNetwork = false
  await mother.syncs()
  expect(house.letters().map(({ body }) => body)).toEqual(bodies)
})

test('while the phone itself says that it has no network nothing leaves, and all can still be undone', async () => {
  mother.link.noNetwork = true
  await mother.writes('写错了。')
  await mother.exchanges()
  const [entry] = await mother.store.outbox.toArray()
  expect(entry?.state).toBe('new')
  expect(entry && (await undo(mother.store, entry.id))).toBe(true)
  expect(await mother.store.matters.count()).toBe(0)
})

test('what has left may still be under way, though the house does not know it: it can no longer be undone', async () => {
  await mother.writes('写错了。')
  mother.link.weather.push('requestLost')
  await mother.exchanges()
  const [entry] = await mother.store.outbox.toArray()
  await mother.exchanges() // asks, and hears that nobody knows of it
  expect(entry && (await undo(mother.store, entry.id))).toBe(false)
  await mother.syncs()
  expect(house.letters()).toHaveLength(1)
})

test('a phone that wrongly says it has no network still sends', async () => {
  await mother.writes('手机说没有网络。')
  mother.link.down = () => true
  await mother.exchanges().then(({ goOn }) => expect(goOn).toBe(true))
  mother.link.down = () => false
  await mother.syncs()
  expect(house.letters()).toHaveLength(1)
})

test('what is decided reaches the writer, with the words that go with it', async () => {
  const id = await mother.writes('那天的事你别乱说。')
  await mother.syncs()
  const marks = [{ from: 0, to: 8, reason: 'caseTalk', advice: '请删去这一段' }]
  house.decides(id, 'return', { marks })
  await mother.syncs()

  expect(await mother.sees(id)).toBe('需要修改')
  const { steps, contents } = await mother.holds(id)
  expect(steps.map(({ move }) => move)).toEqual(['submit', 'return'])
  expect(contents.map(({ input }) => input)).toEqual([{ to: mother.tie.id, body: '那天的事你别乱说。' }, { marks }])
})

test('a returned letter is mended and goes again as the same letter', async () => {
  const id = await mother.writes('那天的事你别乱说。')
  await mother.syncs()
  house.decides(id, 'return', { marks: [{ from: 0, to: 3, reason: 'caseTalk', advice: '请删去' }] })
  await mother.syncs()

  const mended = { ...mother.draft('家里都好。'), from: id }
  await saveDraft(mended, 'strict', mother.who.account)
  await mother.sends(mended)
  await mother.syncs()
  expect(house.letters()).toEqual([{ state: 'submitted', body: '家里都好。' }])
  expect(await listDrafts(mother.who.account)).toEqual([])
})

test('a refused letter lies on the shelf with its text, and harms no other', async () => {
  house.endTie(mother.tie)
  const first = await mother.writes('这封信到不了。')
  await mother.syncs()

  const [shelved] = await mother.store.shelf.toArray()
  expect(shelved?.refused.code).toBe('not_allowed')
  expect(shelved?.command.input?.['body']).toBe('这封信到不了。')
  expect(await mother.store.matters.get(first)).toBeUndefined()
})

test('what was built on a refused step falls with it, and another letter goes on', async () => {
  const id = await mother.writes('第一封')
  await mother.syncs()
  house.decides(id, 'withhold', { reasons: ['threat'], note: '' })
  // The phone does not know yet: it takes the letter back, and writes another one.
  await mother.makes({ matter: id, move: 'withdraw' })
  await mother.writes('第二封')
  await mother.syncs()

  expect(await mother.sees(id)).toBe('未予转递')
  expect((await mother.store.shelf.toArray()).map(({ command }) => command.move)).toEqual(['withdraw'])
  expect(house.letters().map(({ state }) => state)).toEqual(['withheld', 'submitted'])
})

test('a page that was read in the cell, of a letter called back meanwhile, is no news to anybody', async () => {
  const id = await mother.writes('天冷了，多穿点。')
  await mother.syncs()
  house.decides(id, 'approve')
  const kiosk = kioskOf(house, mother.tie.detainee)
  await kiosk.syncs()
  house.decides(id, 'recall')
  await kiosk.makes({ matter: id, move: 'deliver' })
  kiosk.link.weather.push('answerLost')
  await kiosk.exchanges()
  await kiosk.makes({ matter: id, move: 'read' })
  await kiosk.syncs()

  // `deliver` was refused, so `read` never left: what stood on it fell with it.
  expect((await kiosk.store.shelf.toArray()).map(({ command }) => command.move)).toEqual(['deliver', 'read'])
  expect([...kiosk.link.onWire.keys()]).toHaveLength(1)
  expect((await kiosk.holds(id)).matter.state).toBe('submitted')
})

test('a house that is busy loses nothing, and is left in peace for a while', async () => {
  house.busy = true
  const id = await mother.writes('慢慢来。')
  const round = await mother.exchanges()
  expect(round).toMatchObject({ heard: 'answer', goOn: false, afterMs: 1000 })
  expect(await mother.sees(id)).toBe('已存在手机')
  house.busy = false
  await mother.syncs()
  expect(await mother.sees(id)).toBe('已送达监所')
})

test('news of a letter that still waits does not undo what was done to it here', async () => {
  const id = await mother.writes('我想想再说。')
  await mother.syncs()
  await mother.makes({ matter: id, move: 'withdraw' })
  mother.link.weather.push('requestLost')
  await mother.exchanges()
  mother.link.meanwhile = () => {
    mother.link.meanwhile = () => undefined
    house.decides(id, 'approve')
  }
  await mother.syncs()
  // The officer was faster: the house's word stands, and the phone says so.
  expect(await mother.sees(id)).toBe('已通过')
  expect((await mother.store.shelf.toArray()).map(({ refused }) => refused.code)).toEqual(['not_allowed'])
})

test('a letter that never left comes back as a draft, and the house never hears of it', async () => {
  const id = await mother.writes('先不寄了。')
  await takeBack(mother.store, mother.who, await mother.holds(id), mother.draft('先不寄了。'), mother.now)
  await mother.syncs()

  expect(house.letters()).toEqual([])
  expect((await listDrafts(mother.who.account)).map(({ body }) => body)).toEqual(['先不寄了。'])
})

test('a letter that has left is withdrawn, and its text is a draft again', async () => {
  const id = await mother.writes('先不寄了。')
  await mother.syncs()
  await takeBack(mother.store, mother.who, await mother.holds(id), mother.draft('先不寄了。'), mother.now)
  await mother.syncs()
  await tidyDrafts(mother.store)

  expect(await mother.sees(id)).toBe('已撤回')
  const [draft] = await listDrafts(mother.who.account)
  expect(draft?.body).toBe('先不寄了。')

  // Sent again it is a letter of its own: the withdrawn one is closed.
  await mother.sends(draft as typeof draft & object)
  await mother.syncs()
  expect(house.letters().map(({ state }) => state)).toEqual(['withdrawn', 'submitted'])
})

/** Taken back where there is no network, mended, and sent again. */
async function rewrites(id: Id, body: string): Promise<Id> {
  const draft = mother.draft('第一稿')
  await takeBack(mother.store, mother.who, await mother.holds(id), draft, mother.now)
  await mother.sends({ ...draft, from: id, body })
  return draft.id
}

test('a letter taken back and written anew without a network: the old one is back before the new one goes', async () => {
  const id = await mother.writes('第一稿')
  await mother.syncs()
  mother.link.noNetwork = true
  const anew = await rewrites(id, '第二稿')
  mother.link.noNetwork = false
  await mother.syncs()

  expect(await mother.sees(id)).toBe('已撤回')
  expect(await mother.sees(anew)).toBe('已送达监所')
  expect([...mother.link.onWire.values()].map((bodies) => bodies.length)).toEqual([1, 1, 1])
})

test('where an officer was faster, the new one does not go beside the old one: it lies on the shelf with its words', async () => {
  const id = await mother.writes('第一稿')
  await mother.syncs()
  await reviewer.syncs()
  await reviewer.makes({ matter: id, move: 'approve' })
  await reviewer.syncs()
  await rewrites(id, '第二稿')
  await mother.syncs()

  expect(house.letters().map(({ body }) => body)).toEqual(['第一稿'])
  const shelf = await mother.store.shelf.toArray()
  expect(shelf.map(({ command, refused }) => [command.input?.['body'], refused.code])).toContainEqual([
    '第二稿',
    'needs_failed',
  ])
  expect(await mother.store.outbox.count()).toBe(0)
})

test('what waits for something that is nowhere is put on the shelf, and does not wait for ever', async () => {
  await mother.makes({
    ...{ matter: newId(), move: 'submit', input: { to: mother.tie.id, body: '等谁' } },
    needs: [newId()],
  })
  await mother.syncs()
  expect((await mother.store.shelf.toArray()).map(({ refused }) => refused.code)).toEqual(['needs_failed'])
})

test('what an older version of the app made goes as it was made, before what is made now', async () => {
  const old = await mother.writes('去年写的')
  await mother.writes('今年写的')
  await mother.store.outbox.where('matter').equals(old).modify({ v: 1 })
  const versions: number[] = []
  const send = mother.link.send.bind(mother.link)
  mother.link.send = (account, cargo) => {
    if (cargo.request.commands.length > 0) versions.push(cargo.request.v)
    return send(account, cargo)
  }
  await mother.syncs()

  expect(versions).toEqual([1, protocol])
  expect(house.letters().map(({ body }) => body)).toEqual(['去年写的', '今年写的'])
})

test('a clock set back a day changes no order', async () => {
  mother.link.noNetwork = true
  const id = await mother.writes('昨天写的')
  mother.now -= 24 * 3_600_000
  await mother.makes({ matter: id, move: 'withdraw' })
  const entries = await mother.store.outbox.orderBy('id').toArray()
  expect(entries.map(({ command }) => command.move)).toEqual(['submit', 'withdraw'])

  mother.link.noNetwork = false
  await mother.syncs()
  expect(await mother.sees(id)).toBe('已撤回')
})

test('what may no longer be seen is gone from the phone', async () => {
  const id = await mother.writes('看不见了')
  await mother.syncs()
  house.hides(id)
  await mother.syncs()
  expect(await mother.store.matters.get(id)).toBeUndefined()
})

test('a decision waits ten seconds on the disk, and can be undone', async () => {
  const id = await mother.writes('天冷了，多穿点。')
  await mother.syncs()
  await reviewer.syncs()

  const outcome = await reviewer.makes({ matter: id, move: 'approve' }, { holdMs: 10_000 })
  await reviewer.syncs()
  reviewer.restarts()
  await reviewer.syncs()
  expect(house.letters()[0]?.state).toBe('submitted')

  expect('made' in outcome && (await undo(reviewer.store, outcome.made.id))).toBe(true)
  expect((await reviewer.holds(id)).matter.state).toBe('submitted')
  reviewer.now += 11_000
  await reviewer.syncs()
  expect(house.letters()[0]?.state).toBe('submitted')
})

test('a decision that has left can no longer be undone', async () => {
  const id = await mother.writes('天冷了，多穿点。')
  await mother.syncs()
  await reviewer.syncs()
  const outcome = await reviewer.makes({ matter: id, move: 'approve' }, { holdMs: 10_000 })
  reviewer.now += 10_001
  reviewer.link.weather.push('answerLost')
  await reviewer.exchanges()
  expect('made' in outcome && (await undo(reviewer.store, outcome.made.id))).toBe(false)
  await reviewer.syncs()
  expect(house.letters()[0]?.state).toBe('approved')
})

test('a decision held when the clock was set back goes all the same', async () => {
  const id = await mother.writes('天冷了，多穿点。')
  await mother.syncs()
  await reviewer.syncs()
  await reviewer.makes({ matter: id, move: 'approve' }, { holdMs: 10_000 })
  reviewer.now -= 24 * 3_600_000
  await reviewer.syncs()
  expect(house.letters()[0]?.state).toBe('approved')
})

test('an officer who decided on an older text than the house has decided nothing', async () => {
  const id = await mother.writes('第一稿')
  await mother.syncs()
  await reviewer.syncs()
  const seen = (await reviewer.holds(id)).matter.edition
  house.decides(id, 'return', { marks: [{ from: 0, to: 3, reason: 'other', advice: '请改' }] })
  await mother.syncs()
  await mother.sends({ ...mother.draft('第二稿'), from: id })
  await mother.syncs()
  await reviewer.syncs() // the new text is on the tablet, but the old one on its screen

  expect(await reviewer.makes({ matter: id, move: 'approve', base: seen })).toEqual({ refused: { code: 'stale' } })
})

test('drafts that a kill left behind are known for what they are', async () => {
  const sent = mother.draft('寄出去的')
  const half = mother.draft('写了一半')
  await mother.sends(sent)
  for (const draft of [sent, half]) await saveDraft(draft, 'strict', mother.who.account)
  await tidyDrafts(mother.store)
  expect((await listDrafts(mother.who.account)).map(({ body }) => body)).toEqual(['写了一半'])
  await deleteDraft(half.id, mother.who.account)
})
