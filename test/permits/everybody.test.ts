// Everybody tries everything: each route, each move of each kind in each state, each way to read, against a whole server.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { province, type Province } from './province.ts'
import { sweep, untried } from './sweep.ts'
import type { Swept } from './tally.ts'

let there: Province
let swept: Swept
beforeAll(async () => {
  there = await province()
  swept = await sweep(there)
}, 300_000)
afterAll(() => there.stop())

test('every route is tried', () => {
  expect(
    untried(),
    'Nobody has tried these routes yet. Write one right request for each into test/permits/requests.ts, with the ids it ' +
      'names taken from the stock; it is then tried as everybody.',
  ).toEqual([])
})

test('nobody does, reads or learns what is not named for them', () => {
  expect(swept.letThrough).toEqual([])
})

test('everybody may do and read what is named for them', () => {
  expect(swept.shutOut).toEqual([])
})

test('what was tried is as much as it looks', () => {
  expect(swept.cells).toBeGreaterThan(10_000)
})
