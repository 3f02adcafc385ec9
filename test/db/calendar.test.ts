import { describe, expect, test } from 'vitest'
import { clock, day, dayNumber, dueIn, endOfDay, isoDay, moment, span } from '#db/calendar.ts'

const now = Date.parse('2026-11-24T07:04:00Z')

describe('a time is read on the house’s clock, wherever the phone is', () => {
  test('in both languages', () => {
    expect(moment(now, 'zh', now)).toBe('11月24日 15:04')
    expect(moment(now, 'en', now)).toBe('24 Nov, 15:04')
    expect(clock(now, 'zh')).toBe('15:04')
    expect(day(now, 'zh')).toBe('2026年11月24日星期二')
  })

  test('midnight is 00:00, and the day turns in the house, not in London', () => {
    const midnight = Date.parse('2026-11-24T16:00:00Z')
    expect(moment(midnight, 'zh', now)).toBe('11月25日 00:00')
    expect(isoDay(midnight)).toBe('2026-11-25')
    expect(dayNumber(midnight)).toBe(dayNumber(midnight - 1) + 1)
  })

  test('another year is said', () => {
    expect(moment(Date.parse('2027-01-02T00:30:00Z'), 'zh', now)).toBe('2027年1月2日 08:30')
    // 31 December 17:00 in London is already next year here
    expect(moment(Date.parse('2026-12-31T17:00:00Z'), 'en', now)).toContain('2027')
  })
})

test('a paper that is good until a day is good to the end of that day', () => {
  expect(endOfDay('2026-11-26')).toBe(Date.parse('2026-11-26T15:59:59.999Z'))
  expect(isoDay(endOfDay('2026-11-26') ?? 0)).toBe('2026-11-26')
  for (const no of ['', '2026-02-31', '2026-13-01', '26-1-1', '2026-11-26T00:00']) expect(endOfDay(no)).toBeUndefined()
})

test('how long is left is never rounded up', () => {
  const minutes = 60_000
  expect(span(47 * 60 * minutes + 59 * minutes, 'zh')).toBe('47小时')
  expect(span(48 * 60 * minutes, 'zh')).toBe('2天')
  expect(span(59 * minutes, 'zh')).toBe('59分钟')
  expect(span(10, 'en')).toBe('1 minute')
  expect(span(-3 * 24 * 60 * minutes, 'en')).toBe('3 days')
})

test('overdue, soon and later are told apart', () => {
  expect(dueIn(now - 1, now)).toEqual({ state: 'over', ms: 1 })
  expect(dueIn(now, now).state).toBe('soon')
  expect(dueIn(now + 4 * 3_600_000, now).state).toBe('later')
})
