import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import * as v from 'valibot'
import { Id, newId, newIdAfter } from '#db/id.ts'

test('ids are UUIDv7, unlike each other, and sort in the order in which they were made', () => {
  const ids = Array.from({ length: 5000 }, newId)

  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids].sort()).toEqual(ids)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(v.is(Id, ids[0])).toBe(true)
})

test('the order holds while the clock trembles, and a clock set right by hours is believed', () => {
  vi.useFakeTimers({ now: 1_800_000_000_000 })
  const first = newId()
  vi.setSystemTime(1_799_999_999_000)
  const second = newId()
  vi.setSystemTime(1_700_000_000_000)
  const third = newId()
  vi.useRealTimers()

  expect(second > first).toBe(true)
  expect(parseInt(third.slice(0, 8) + third.slice(9, 13), 16)).toBe(1_700_000_000_000)
})

test('what is done later sorts later, whatever the clock says', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }), { minLength: 2 }), (clock) => {
      vi.useFakeTimers()
      let last: Id | undefined
      for (const now of clock) {
        vi.setSystemTime(now)
        const id = newIdAfter(last)
        if (last) expect(id > last).toBe(true)
        last = id
      }
      vi.useRealTimers()
    }),
  )
})
