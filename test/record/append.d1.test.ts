// What happens in a house and is no move of a matter stands in the record too, or did not happen.
import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { newId } from '#db/id.ts'
import { parseCheckpoint, parseNote, eventHash } from '#db/record.ts'
import { append } from '#worker/record/append.ts'
import { checkpoint } from '#worker/record/checkpoint.ts'
import { looked, looksChain } from '#worker/record/looks.ts'
import { letterTo, openHouse, syncs, type House } from '#test/ledger.ts'

let house: House
beforeEach(async () => {
  house = await openHouse('serving')
})
const admin = { account: newId(), role: 'admin' } as const
const chainOf = async (subject: string) =>
  (
    await env.DB.prepare('SELECT seq, body, hash FROM event WHERE matter = ? ORDER BY seq')
      .bind(subject)
      .all<{ seq: number; body: string; hash: string }>()
  ).results
const moves = async (subject: string) =>
  (await chainOf(subject)).map(({ body }) => (JSON.parse(body) as { move: string }).move)

const renamed = (name: string) => (database: D1Database) => [
  database.prepare('UPDATE detainee SET name = ? WHERE id = ?').bind(name, house.detainee),
]
const nameNow = async () =>
  (await env.DB.prepare('SELECT name FROM detainee WHERE id = ?').bind(house.detainee).first<{ name: string }>())?.name

test('a step and what it changes are written together', async () => {
  expect(
    await append(house.env, house.facility, admin, [{ subject: house.detainee, move: 'rename' }], renamed('王刚')),
  ).toBe(true)
  expect(await nameNow()).toBe('王刚')
  expect(await moves(house.detainee)).toEqual(['rename'])
})

test('the same command a second time changes nothing', async () => {
  const entry = { subject: house.detainee, move: 'rename', command: newId() }
  await append(house.env, house.facility, admin, [entry], renamed('王刚'))
  expect(await append(house.env, house.facility, admin, [entry], renamed('别人'))).toBe(false)
  expect(await nameNow()).toBe('王刚')
})

test('ten officers at once: every step stands, one behind the other', async () => {
  const steps = Array.from({ length: 10 }, (_, nth) =>
    append(house.env, house.facility, admin, [{ subject: house.facility, move: `step${nth}` }]),
  )
  await Promise.all(steps)
  const chain = await chainOf(house.facility)
  let previous = ''
  for (const [nth, { seq, body, hash }] of chain.entries()) {
    expect(seq).toBe(nth + 1)
    expect(eventHash(previous, body)).toBe(hash)
    previous = hash
  }
  expect(chain).toHaveLength(10)
})

test('a statement that fails takes its event with it', async () => {
  const failing = (database: D1Database) => [database.prepare("SELECT json('not json')")]
  await expect(
    append(house.env, house.facility, admin, [{ subject: house.detainee, move: 'rename' }], failing),
  ).rejects.toThrow()
  expect(await moves(house.detainee)).toEqual([])
})

test('a look at a letter is kept beside it, once, and what is no letter here cannot be looked at', async () => {
  const matter = newId()
  await syncs(house, house.mother, [letterTo(house, matter, '天冷了，多穿点。')])
  const print = { id: newId(), matter, how: 'print', at: 1 } as const
  const reviewer = { account: house.reviewer.me.account, facility: house.facility, roles: ['reviewer'] } as const
  await looked(house.env, reviewer, [print, { matter: newId(), how: 'read' }])
  await looked(house.env, reviewer, [print])
  expect(await moves(looksChain(matter))).toEqual(['print'])
  expect(await moves(matter)).toEqual(['submit'])
})

test('each minute signs what came since the last, and nothing twice', async () => {
  await append(house.env, house.facility, admin, [{ subject: house.facility, move: 'one' }])
  await checkpoint(house.env.DB, house.facility, house.env, 1)
  await checkpoint(house.env.DB, house.facility, house.env, 2)
  await append(house.env, house.facility, admin, [{ subject: house.facility, move: 'two' }])
  await checkpoint(house.env.DB, house.facility, house.env, 3)
  const { results } = await env.DB.prepare('SELECT note FROM checkpoint WHERE facility = ? ORDER BY size')
    .bind(house.facility)
    .all<{ note: string }>()
  expect(results.map(({ note }) => parseCheckpoint(parseNote(note).text).size)).toEqual([1, 2])
})
