// A step that means nothing without another waits for it, at the server's own door, and for nothing else.
import { beforeEach, expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { upcast } from '#db/upcast.ts'
import { command, letterTo, openHouse, stateOf, syncs, type House } from '#test/ledger.ts'

let house: House
beforeEach(async () => {
  house = await openHouse('serving')
})

const needing = (matter: Id, ...needs: Id[]) => ({ ...letterTo(house, matter, '第二封'), needs })
const takesBack = (matter: Id) => command(house, matter, 'withdraw')

test('what needs something that has not come waits, writes nothing, and goes once it has', async () => {
  const [first, second, other] = [newId(), newId(), newId()]
  await syncs(house, house.mother, [letterTo(house, first, '第一封')])
  const withdrawal = takesBack(first)
  const anew = needing(second, withdrawal.id)

  const early = await syncs(house, house.mother, [
    anew,
    command(house, second, 'withdraw'),
    letterTo(house, other, '别的'),
  ])
  const wait = { wait: { on: withdrawal.id } }
  expect(early.results).toEqual([wait, wait, expect.objectContaining({ done: expect.anything() as unknown })])

  // Not even beside it: what is written by the same request may yet lose a race.
  const beside = await syncs(house, house.mother, [withdrawal, anew])
  expect(beside.results.map(stateOf)).toEqual(['withdrawn', JSON.stringify(wait)])
  expect((await syncs(house, house.mother, [anew])).results.map(stateOf)).toEqual(['submitted'])
})

test('where what it needs was refused it is refused too, and says so for ever', async () => {
  const [first, second] = [newId(), newId()]
  await syncs(house, house.mother, [letterTo(house, first, '第一封')])
  await syncs(house, house.reviewer, [command(house, first, 'approve', { base: 1 })])
  const withdrawal = takesBack(first)
  expect((await syncs(house, house.mother, [withdrawal])).results.map(stateOf)).toEqual(['not_allowed'])

  const anew = needing(second, newId(), withdrawal.id)
  for (let times = 0; times < 2; times += 1)
    expect((await syncs(house, house.mother, [anew])).results.map(stateOf)).toEqual(['needs_failed'])
  expect((await syncs(house, house.mother, [], { ask: [anew.id] })).asked.map(stateOf)).toEqual(['needs_failed'])
})

test('nobody finds out by it what somebody else has done', async () => {
  const first = letterTo(house, newId(), '第一封')
  await syncs(house, house.mother, [first])
  const prying = { ...letterTo(house, newId(), '打听'), needs: [first.id] }
  const { results } = await syncs(house, house.stranger, [prying])
  expect(results).toEqual([{ wait: { on: first.id } }])
})

test('what is no list of ids is refused by name', async () => {
  for (const needs of ['x', [1], Array.from({ length: 11 }, () => newId())]) {
    const [result] = (await syncs(house, house.mother, [{ ...letterTo(house, newId(), '信'), needs }])).results
    expect(result).toMatchObject({ refused: { code: 'check_input' } })
    expect(JSON.stringify(result)).toContain('needs')
  }
})

test('what a phone made a version ago is read as it was meant', () => {
  const made = letterTo(house, newId(), '去年写的')
  expect(upcast(made, 1)).toEqual(made)
  for (const nonsense of [null, 1, 'x', []]) expect(upcast(nonsense, 1)).toEqual(nonsense)
})
