// How long a device of the house, a tablet or a kiosk, keeps what it was told while nobody comes and no answer does.
const unseenMs = 3 * 24 * 3_600_000

/**
 * @param noted when this device was used or heard the house, UTC milliseconds of its own clock
 * @returns `unknown` where all of it is still to come: the clock was wrong then, or is now
 */
export function isUnseen(noted: readonly number[], now: number): boolean | 'unknown' {
  const past = noted.filter((at) => at <= now)
  return past.length === 0 ? 'unknown' : now - Math.max(...past) >= unseenMs
}
