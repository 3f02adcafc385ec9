// Days and hours as people read them, always on the house's own clock: one zone, no summer time. A phone in another
// zone shows the house's time too, because that is the time by which somebody must stand at its door.

/** The clock that every house goes by. */
const houseZone = 'Asia/Shanghai'

export type Language = 'zh' | 'en'

const locales: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en-GB' }

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** China has kept UTC+8 without summer time since 1991, so a day of the house is a whole number of these. */
const ZONE_MS = 8 * HOUR_MS

/** How many days since 1970-01-01 the house has begun at a moment (UTC milliseconds): the same number, the same day. */
export const dayNumber = (at: number): number => Math.floor((at + ZONE_MS) / DAY_MS)

/**
 * A day and a time: `11月26日 15:04`, `26 Nov, 15:04`; with its year where that is not the year of `now`.
 *
 * @param at UTC milliseconds
 * @param now UTC milliseconds
 */
export function moment(at: number, language: Language, now: number): string {
  const withYear = yearOf(at) !== yearOf(now)
  return format(language, withYear ? 'momentWithYear' : 'moment', at)
}

/** A time of day: `15:04`. */
export const clock = (at: number, language: Language): string => format(language, 'clock', at)

/** A day: `2026年11月26日星期四`, `Thursday, 26 November 2026`. */
export const day = (at: number, language: Language): string => format(language, 'day', at)

/**
 * A day as `<input type="date">` holds it: `2026-11-26`, by the house's clock.
 */
export const isoDay = (at: number): string => new Date(dayNumber(at) * DAY_MS).toISOString().slice(0, 10)

/**
 * The last millisecond of a day of the house, for "valid until this day".
 *
 * @param iso `2026-11-26`
 * @returns UTC milliseconds, or undefined for what is no day
 */
export function endOfDay(iso: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso)) return undefined
  const start = Date.parse(`${iso}T00:00:00Z`)
  // 31 February parses as 3 March in some engines: what does not come back as it went in is no day
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== iso) return undefined
  return start - ZONE_MS + DAY_MS - 1
}

/**
 * How long something takes, in the largest unit that says enough: `3天`, `47小时`, `20分钟`; `3 days`, `1 minute`.
 * Rounded down, so that nobody is promised a minute that is not there; less than a minute is one minute.
 *
 * @param ms milliseconds; the sign does not matter
 */
export function span(ms: number, language: Language): string {
  const long = Math.abs(ms)
  if (long >= 2 * DAY_MS) return unit(language, 'day', Math.floor(long / DAY_MS))
  if (long >= HOUR_MS) return unit(language, 'hour', Math.floor(long / HOUR_MS))
  return unit(language, 'minute', Math.max(1, Math.floor(long / MINUTE_MS)))
}

/**
 * What a clock says about the time by which something is owed.
 *
 * @param due UTC milliseconds
 * @param now UTC milliseconds
 * @returns `over` once the moment has passed, `soon` in the last 4 hours, and how long it is until or since then
 */
export function dueIn(due: number, now: number): { state: 'over' | 'soon' | 'later'; ms: number } {
  const left = due - now
  if (left < 0) return { state: 'over', ms: -left }
  return { state: left < SOON_MS ? 'soon' : 'later', ms: left }
}

const SOON_MS = 4 * HOUR_MS

const yearOf = (at: number): number => new Date(at + ZONE_MS).getUTCFullYear()

const shapes = {
  moment: { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  momentWithYear: {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  },
  clock: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
} satisfies Record<string, Intl.DateTimeFormatOptions>

/** Making a formatter costs up to a millisecond, and a queue of thousands asks for one a row. */
const formatters = new Map<string, Intl.DateTimeFormat>()
const numbers = new Map<string, Intl.NumberFormat>()

function format(language: Language, shape: keyof typeof shapes, at: number): string {
  const key = language + shape
  let formatter = formatters.get(key)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(locales[language], { ...shapes[shape], timeZone: houseZone })
    formatters.set(key, formatter)
  }
  return formatter.format(at)
}

function unit(language: Language, name: 'day' | 'hour' | 'minute', count: number): string {
  const key = language + name
  let formatter = numbers.get(key)
  if (!formatter) {
    formatter = new Intl.NumberFormat(locales[language], { style: 'unit', unit: name, unitDisplay: 'long' })
    numbers.set(key, formatter)
  }
  return formatter.format(count)
}
