// The six links of the bench.
import { readTrace, recorded, steady } from '../capacity.ts'
import type { LinkShape } from '../link.ts'

export const linkNames = ['a', 'b', 'c', 'd', 'e', 'f'] as const
export type LinkName = (typeof linkNames)[number]

export interface Reference {
  readonly says: string
  /** where in its recording the link comes up, milliseconds; one run for each */
  readonly offsetsMs: readonly number[]
  readonly shape: (offsetMs: number) => LinkShape
}

const both = (bytesPerSecond: number) => ({ up: steady(bytesPerSecond), down: steady(bytesPerSecond) })
const slow = { capacity: both(50_000 / 8), delayMs: 200 }

const trace = (name: string, divisor: number): Pick<Reference, 'offsetsMs' | 'shape'> => {
  const { up, down } = readTrace(name, divisor)
  return {
    offsetsMs: [0, 240_000, 480_000],
    shape: (offsetMs) => ({ capacity: { up: recorded(up, offsetMs), down: recorded(down, offsetMs) }, delayMs: 80 }),
  }
}

export const links: Readonly<Record<LinkName, Reference>> = {
  a: { says: 'clean', offsetsMs: [0], shape: () => ({}) },
  b: { says: '400 kbit/s, 400 ms', offsetsMs: [0], shape: () => ({ capacity: both(400_000 / 8), delayMs: 200 }) },
  c: {
    says: '50 kbit/s, 400 ms, all reset every 2 s',
    offsetsMs: [0],
    shape: () => ({ ...slow, resetEveryMs: 2000 }),
  },
  d: { says: '50 kbit/s, 400 ms', offsetsMs: [0], shape: () => slow },
  e: { says: '3G from a moving car', ...trace('umts-driving', 1) },
  f: { says: 'EV-DO from a moving car, a tenth of it', ...trace('evdo-driving', 10) },
}
