// Who may do what, and who may read what, for every kind: read out of the lifecycles, and changed by a decision only.
import { expect, test } from 'vitest'
import { permits as inHouse } from '#db/house.ts'
import { kinds } from '#db/matters/index.ts'
import type { Lifecycle } from '#db/lifecycle.ts'
import { forWhom, routes } from './permits/routes.ts'

function permits(kind: string, { moves, awaits, reads, finished, states }: Lifecycle): string[] {
  const steps = [...moves].flatMap(([name, { from, to, by, needs, asks }]) =>
    Object.entries(by).map(
      ([role, relation]) =>
        `${role}: ${from.join(' | ')} --${name}--> ${to}${asks ? ' | awaitingConsent' : ''} (${relation.name}, ${needs})`,
    ),
  )
  const readers = [...reads].map(
    ([role, { states, what }]) => `${role} reads ${what}: ${states === 'all' ? 'in every state' : states.join(', ')}`,
  )
  const waits = [...awaits].map(([state, role]) => `${state} waits for ${role}`)
  return [
    kind,
    ...states.filter((state) => finished.has(state)).map((state) => `${state} is an end`),
    ...waits,
    ...steps.sort(),
    ...readers.sort(),
  ]
}

test('who may run what in a house is what was decided', async () => {
  const lines = Object.entries(inHouse).map(([action, roles]) => `${action}: ${roles.join(', ')}`)
  await expect(`${lines.sort().join('\n')}\n`).toMatchFileSnapshot('permits.house.snapshot.txt')
})

test('who may do what is what was decided', async () => {
  const all = [...kinds].flatMap(([kind, lifecycle]) => permits(kind, lifecycle))
  await expect(`${all.join('\n')}\n`).toMatchFileSnapshot('permits.snapshot.txt')
})

test('every way in says whom it is for, and that is what was decided', async () => {
  const open = routes().filter(({ door }) => door === undefined)
  expect(
    open.map(({ name }) => name),
    'These routes name nobody, so they answer 404 to everybody. Begin each with a guard: `anybody` or `...only(…)` of ' +
      'worker/doors.ts, or `...may(…)` of worker/house/may.ts for what an officer does in a house.',
  ).toEqual([])
  const lines = routes().map((route) => `${route.name}: ${forWhom(route)}`)
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('permits.routes.snapshot.txt')
})
