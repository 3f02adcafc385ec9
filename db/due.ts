// By when a step is owed: all that a phone has to know of a house's settings.
import type { KindSettings } from './settings.ts'

const HOUR_MS = 3_600_000

/**
 * @param state the state a matter has just entered
 * @param now UTC milliseconds
 * @returns UTC milliseconds by which the next step is owed, or null where the state waits for nobody
 */
export function dueAfter(settings: KindSettings, state: string, now: number): number | null {
  const hours = new Map(Object.entries(settings.dueHours)).get(state)
  return hours === undefined ? null : now + hours * HOUR_MS
}
