// Two hundred days of a province on the worst networks, with every device, database and battery failing: whatever
// happens, nothing that must hold is broken, and the bad things did happen.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mutants } from './mutants.ts'

const days = (...options: string[]) => {
  const main = join(import.meta.dirname, 'main.ts')
  const { stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...options], {
    encoding: 'utf8',
  })
  const last = stdout.trim().split('\n').at(-1) ?? '{}'
  return { stderr, said: JSON.parse(last) as { broken: number; sometimes: Record<string, number> } }
}

test('in two hundred days no promise is broken, and every bad thing happened', () => {
  const { said, stderr } = days('--seeds', '200')

  expect(said.broken, stderr).toBe(0)
  expect(Object.keys(said.sometimes)).toEqual(expect.arrayContaining(badThings))
}, 600_000)

test('every deliberate bug still finds the line that it changes', () => {
  const lost = mutants.filter(({ file, good }) => readFileSync(join(root, file), 'utf8').split(good).length !== 2)
  expect(lost.map(({ name }) => name)).toEqual([])
})

const root = join(import.meta.dirname, '../..')

/** All that must have happened, or the days were too easy. */
const badThings = [
  ...['answerCut', 'answerLost', 'broken', 'forbidden', 'hangs', 'late', 'lateArrived', 'offline', 'otherVersion'],
  ...['portal', 'reordered', 'requestCut', 'requestLost', 'tooLarge', 'tooMany', 'twice'],
  ...['deadAfter', 'deadBefore', 'stalls', 'stalledWroteLate', 'contention', 'minuteFailed'],
  ...['oneOfTwoDown', 'oneOfThreeDown'],
  ...[
    'batteryDied',
    'relaxedWriteLost',
    'killedInMigration',
    'sealed',
    'diskWasFull',
    'storageClosed',
    'secondTab',
    'cursorLost',
  ],
  ...['turnNeverReleased', 'withoutWebLocks', 'workedByItself', 'drainedByItself'],
  ...['accountSwitchedInSync', 'tieEnded', 'tieEndedInSync', 'undone', 'takenBack', 'longLetter'],
  ...['made:approve', 'made:return', 'made:withhold', 'made:recall', 'made:consent', 'made:deliver', 'made:read'],
  ...['made:appeal', 'refused:not_allowed', 'refused:stale'],
]
