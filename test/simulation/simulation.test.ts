// Two hundred days of a province on the worst networks, with every device, database and battery failing: whatever
// happens, nothing that must hold is broken, and the bad things did happen.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mutants } from './mutants.ts'
import { named } from './named.ts'

const main = join(import.meta.dirname, 'main.ts')
const mutate = join(import.meta.dirname, 'mutate.ts')

function days(options: readonly string[], bug?: string) {
  const node = ['--disable-warning=ExperimentalWarning', ...(bug === undefined ? [] : ['--import', mutate])]
  const { stdout, stderr } = spawnSync(process.execPath, [...node, main, ...options], {
    encoding: 'utf8',
    env: { ...process.env, ...(bug !== undefined && { MUTANT: bug }) },
  })
  const last = stdout.trim().split('\n').at(-1) ?? '{}'
  return { stderr, said: JSON.parse(last) as { seeds: number; broken: number; sometimes: Record<string, number> } }
}

test('the days that once broke a promise break none any more', () => {
  const { said, stderr } = days(['--named'])
  expect(said, stderr).toMatchObject({ seeds: named.length, broken: 0 })
}, 120_000)

test.each(named)(
  'with its bug put back, its day breaks again: $bug',
  ({ bug }) => {
    expect(days(['--named', '--bug', bug], bug).said.broken).toBe(1)
  },
  120_000,
)

test('the same days with the server in workerd, on its own D1', () => {
  const { said, stderr } = days(['--real', '--seeds', '4', '--threads', '1'])
  expect(said.broken, stderr).toBe(0)
}, 600_000)

test('workerd keeps what came of an upload whose connection was cut in the middle', () => {
  const { said, stderr } = days(['--real', '--from', '7', '--seeds', '1', '--threads', '1'])
  expect(said.broken, stderr).toBe(0)
  expect(said.sometimes['keptOfCutPiece']).toBeGreaterThan(0)
}, 600_000)

test('in two hundred days no promise is broken, and every bad thing happened', () => {
  const { said, stderr } = days(['--seeds', '200'])

  expect(said.broken, stderr).toBe(0)
  expect(Object.keys(said.sometimes)).toEqual(expect.arrayContaining(badThings))
}, 1_200_000)

test('every deliberate bug still finds the line that it changes', () => {
  const lost = mutants.filter(({ file, good }) => readFileSync(join(root, file), 'utf8').split(good).length !== 2)
  expect(lost.map(({ name }) => name)).toEqual([])
})

const root = join(import.meta.dirname, '../..')

/** All that must have happened, or the days were too easy. */
const badThings = [
  ...['answerCut', 'answerLost', 'broken', 'forbidden', 'hangs', 'late', 'lateArrived', 'offline', 'otherVersion'],
  ...[
    'partOfNewsCame',
    'restOfAnswer',
    'anotherAnswer',
    'piece',
    'pieceCut',
    'keptOfCutPiece',
    'portal',
    'reordered',
    'wokeInTheMidst',
    'requestCut',
    'requestLost',
    'slow',
    'tooLarge',
    'tooMany',
    'twice',
  ],
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
  ...[
    'secondDevice',
    'secondDeviceWrote',
    'takenBackFromAnotherDevice',
    'oneDatabase',
    'sideBySide',
    'wroteToTwoHousesOfOneDatabase',
  ],
  ...['evicted', 'evictedWithWaiting', 'cameBackAfterEviction'],
  ...['turnNeverReleased', 'withoutWebLocks', 'workedByItself', 'drainedByItself'],
  ...['housesMovedOn', 'appMovedOn', 'appMovedOnFirst', 'olderAppOnNewerHouse', 'newerAppWaited', 'olderTab'],
  ...['accountSwitchedInSync', 'tieEnded', 'tieEndedInSync', 'undone', 'takenBack', 'longLetter'],
  ...['made:approve', 'made:return', 'made:withhold', 'made:recall', 'made:consent', 'made:deliver', 'made:read'],
  ...['made:appeal', 'refused:not_allowed', 'refused:stale'],
]
