// What each client has to carry, the same for all.
import { gzipSync } from 'node:zlib'
import { chance } from '#test/chance.ts'
import { letterOf } from '../letters.ts'

export const works = ['mixed', 'pull', 'long'] as const
/** `mixed`: 50 letters and 20 short ones go up. `pull`: the same come down to a second device. `long`: 4 long ones go up. */
export type WorkName = (typeof works)[number]

const seed = 20261124

export function bodiesOf(work: WorkName): string[] {
  const random = chance(seed)
  const letters = (count: number, characters: number) =>
    Array.from({ length: count }, () => letterOf(characters, random))
  return work === 'long' ? letters(4, 2000) : [...letters(50, 800), ...letters(20, 60)]
}

/** What the texts weigh when they are gzipped as one: no envelope, no ids. */
export const contentBytes = (bodies: readonly string[]): number => gzipSync(bodies.join('\n')).length
