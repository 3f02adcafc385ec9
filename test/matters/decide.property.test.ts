// What must hold of every decision, whatever comes in: any kind, any move, any role, any words.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { officerRoles, type Actor, type Role } from '#db/actor.ts'
import type { Command } from '#db/command.ts'
import { decide, movesOpenTo, readingOf, type Circumstances, type Done } from '#db/decide.ts'
import type { Id } from '#db/id.ts'
import type { Matter, Tie } from '#db/matter.ts'
import { kinds, matters, type Kind } from '#db/matters/index.ts'
import { reasons } from '#db/matters/letter.ts'
import type { EventBody } from '#db/record.ts'
import { refusalCodes } from '#db/refusal.ts'
import { accesses, defaults } from '#db/settings.ts'
import { folded } from '#worker/record/legal.ts'

const id = (nth: number) => `01a20ada-2c00-7000-8000-${String(nth).padStart(12, '0')}` as Id
/** Few of each, so that people meet their own matters, and others'. */
const [accounts, houses, people, ties] = [10, 20, 30, 40].map((from) => [id(from), id(from + 1), id(from + 2)]) as [
  Id[],
  Id[],
  Id[],
  Id[],
]
const account = fc.constantFrom(...accounts)
const house = fc.constantFrom(...houses)
const person = fc.constantFrom(...people)
const words = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('妈妈很好。', 'e\u0301', '👨‍👩‍👧‍👦') },
  fc.constantFrom('a'.repeat(600), '', ' ', '\u0000', '\ud800'),
)
const garbage = fc.oneof(
  fc.dictionary(fc.constantFrom('to', 'body', 'marks', 'reasons', 'note', '__proto__', 'constructor'), fc.anything()),
  fc.constant(JSON.parse('{"__proto__":{"to":1},"constructor":1}') as Record<string, unknown>),
)

type Said = ReadonlyMap<string, fc.Arbitrary<Record<string, unknown>>>
/** What is said with the moves that say something, right in its shape; a new kind needs a line here. */
const said: Readonly<Record<Kind, Said>> = {
  letter: new Map<string, fc.Arbitrary<Record<string, unknown>>>([
    ['submit', fc.record({ to: fc.constantFrom(...ties), body: words })],
    [
      'return',
      fc.record({
        marks: fc.array(
          fc.record({ from: fc.nat(5), to: fc.nat(9), reason: fc.constantFrom(...reasons), advice: words }),
          { maxLength: 3 },
        ),
      }),
    ],
    ['withhold', fc.record({ reasons: fc.subarray([...reasons]), note: words })],
    ['appeal', fc.record({ why: words })],
    ['consent', fc.record({ document: words, until: fc.option(fc.nat()) })],
    [
      'close',
      fc.record({ because: fc.constantFrom('released', 'transferred', 'died', 'tieEnded', 'notOpen', 'toString') }),
    ],
  ]),
}
const kind = fc.constantFrom(...(Object.keys(matters) as Kind[]))
const strange = fc.constantFrom('constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'letters', '提交')

const roles: readonly Role[] = ['relative', 'kiosk', 'system', ...officerRoles]
const actor: fc.Arbitrary<Actor> = fc
  .record({ account, facility: house, roles: fc.subarray([...roles]), people: fc.subarray([...people]) })
  .map(({ people, ...who }) => (who.roles.includes('kiosk') ? { ...who, people } : who))

const tie: fc.Arbitrary<Tie> = fc.record({
  id: fc.constantFrom(...ties),
  house: house.map((id) => ({ id, name: '青山看守所', telephone: '0', hours: '' })),
  detainee: person,
  name: fc.constant('王强'),
  kin: fc.constant('parent'),
  access: fc.constantFrom(...accesses).map((letter) => ({ letter })),
  consented: fc.boolean().map((letter) => ({ letter })),
  ended: fc.boolean(),
})
const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  now: fc.nat(2 ** 31),
  ties: fc.array(tie, { maxLength: 4 }),
  settings: fc.constantFrom(defaults.detention, defaults.administrative),
})

const matter: fc.Arbitrary<Matter> = kind.chain((kind) =>
  fc
    .record({
      id: fc.constant(id(1)),
      facility: house,
      kind: fc.constant(kind),
      tie: fc.constantFrom(...ties),
      detainee: person,
      account,
      state: fc.constantFrom<string>(...matters[kind].states),
      edition: fc.integer({ min: 1, max: 4 }),
      since: fc.nat(2 ** 31),
      due: fc.option(fc.nat(2 ** 31)),
      decider: fc.option(account),
      appealed: fc.boolean(),
      more: fc.nat(3),
    })
    .map(({ more, ...rest }) => ({ ...rest, version: rest.edition + more })),
)

const command: fc.Arbitrary<Command> = fc
  .record({
    kind: fc.oneof(kind as fc.Arbitrary<string>, strange),
    move: fc.oneof(fc.constantFrom(...[...kinds.values()].flatMap(({ moves }) => [...moves.keys()])), strange),
    input: fc.option(garbage, { nil: undefined }),
    base: fc.nat(4),
    at: fc.nat(2 ** 31),
    facility: house,
  })
  .map(({ input, ...rest }) => ({ id: id(2), matter: id(1), ...rest, ...(input && { input }) }))

type Given = [before: Matter | undefined, command: Command, who: Actor, house: Circumstances]
const anything: fc.Arbitrary<Given> = fc.tuple(fc.option(matter, { nil: undefined }), command, actor, circumstances)

/** Somebody who wants what can be done, and is mostly the one who may: else nearly everything would be refused. */
const sensible: fc.Arbitrary<Given> = fc
  .tuple(anything, fc.nat(), fc.subarray([...roles], { minLength: 5 }), fc.boolean())
  .chain(([[before, command, who, house], nth, roles, own]) => {
    const kind = before?.kind ?? 'letter'
    const able = [...matters[kind].moves].filter(([, { from }]) => from.includes(stateBefore(before)))
    const move = able[nth % Math.max(1, able.length)]?.[0] ?? command.move
    const input = said[kind].get(move) ?? fc.constant(undefined)
    const facility = before?.facility ?? who.facility
    const account = before && own ? before.account : who.account
    const open = house.ties.map((tie) => ({ ...tie, house: { ...tie.house, id: facility } }))
    return input.map((input): Given => [
      before,
      { ...without(command, 'input'), kind, move, base: before?.edition ?? 0, ...(input && { input }) },
      { ...who, account, facility, roles, people },
      { ...house, ties: open },
    ])
  })
const given = fc.oneof(anything, { weight: 2, arbitrary: sensible })
const runs = { numRuns: 3000 }

function without<Thing extends object, Name extends keyof Thing>(thing: Thing, name: Name): Omit<Thing, Name> {
  const { [name]: _, ...rest } = thing
  return rest
}

/** What stood there before the move: for what has never been sent, a draft of whoever sends it. */
const stateBefore = (before: Matter | undefined) => before?.state ?? 'draft'

test('a decision is always an answer, always the same one, and touches nothing that it was given', () => {
  fc.assert(
    fc.property(given, ([before, command, who, circumstances]) => {
      for (const part of [before, command, who, circumstances]) freeze(part)
      const decision = decide(before, command, who, circumstances)
      expect(decide(before, command, who, circumstances)).toEqual(decision)
      if ('refused' in decision) expect(refusalCodes).toContain(decision.refused.code)
    }),
    runs,
  )
})

test('only what the table names happens: from there, to there, by them, one step at a time', () => {
  let done = 0
  fc.assert(
    fc.property(given, ([before, command, who, circumstances]) => {
      const after = doneOf(decide(before, command, who, circumstances))
      if (!after) return
      done += 1
      const move = kinds.get(command.kind)?.moves.get(command.move)
      expect(move?.from).toContain(stateBefore(before))
      expect([move?.to, ...(move?.asks ? ['awaitingConsent'] : [])]).toContain(after.matter.state)
      expect(after.matter.version).toBe((before?.version ?? 0) + 1)
      expect(after.matter.edition).toBe(move?.writes ? after.matter.version : before?.edition)
      expect(after.matter).toMatchObject({
        id: command.matter,
        kind: command.kind,
        facility: who.facility,
        account: before?.account ?? who.account,
        ...(before && { tie: before.tie, detainee: before.detainee }),
      })
      if (before) expect(movesOpenTo(who, before).has(command.move)).toBe(true)
      expect(after.content === undefined).toBe(move?.input === undefined)
    }),
    runs,
  )
  expect(done).toBeGreaterThan(50) // or these were no decisions
})

test('unknown and forbidden look alike: no word more, whichever it is', () => {
  fc.assert(
    fc.property(given, ([before, command, who, circumstances]) => {
      const nowhere = decide(before, { ...command, move: 'nosuchmove' }, who, circumstances)
      expect(nowhere).toEqual({ refused: { code: 'not_allowed' } })
      if (before && !movesOpenTo(who, before).has(command.move))
        expect(decide(before, command, who, circumstances)).toEqual(nowhere)
    }),
    runs,
  )
})

test('names that every object has are no kinds and no moves', () => {
  fc.assert(
    fc.property(given, strange, ([before, command, who, circumstances], name) => {
      const refused = { refused: { code: 'not_allowed' } }
      expect(decide(before, { ...command, move: name }, who, circumstances)).toEqual(refused)
      expect(decide(before, { ...command, kind: name }, who, circumstances)).toEqual(refused)
    }),
  )
})

test('nobody moves or reads anything of another house', () => {
  fc.assert(
    fc.property(matter, command, actor, circumstances, (before, command, who, circumstances) => {
      fc.pre(who.facility !== before.facility)
      expect(decide(before, command, who, circumstances)).toEqual({ refused: { code: 'not_allowed' } })
      expect(readingOf(who, before)).toBeUndefined()
    }),
    runs,
  )
})

test('after an appeal whoever decided before never decides again', () => {
  fc.assert(
    fc.property(given, ([before, command, who, circumstances]) => {
      if (!before) return
      const appealed = { ...before, appealed: true, decider: who.account }
      const after = doneOf(decide(appealed, command, who, circumstances))
      if (after) expect(kinds.get(command.kind)?.moves.get(command.move)?.decides).toBeUndefined()
    }),
    runs,
  )
})

test('what must be seen is decided only as it was seen', () => {
  fc.assert(
    fc.property(given, ([before, command, who, circumstances]) => {
      if (!before) return
      const after = doneOf(decide(before, command, who, circumstances))
      if (after && kinds.get(command.kind)?.moves.get(command.move)?.needs === 'sees')
        expect(command.base).toBe(before.edition)
    }),
    runs,
  )
})

test('a request goes on only where its kind is open or consented, and waits where a consent is missing', () => {
  fc.assert(
    fc.property(given, ([before, command, who, circumstances]) => {
      const after = doneOf(decide(before, command, who, circumstances))
      const move = kinds.get(command.kind)?.moves.get(command.move)
      if (!after || !move?.asks) return
      const tie = circumstances.ties.find(({ id }) => id === after.matter.tie)
      const access = tie?.access[after.matter.kind]
      expect(tie?.ended).toBe(false)
      expect(access).not.toBe('closed')
      const waits = access === 'consent' && tie?.consented[after.matter.kind] === false
      expect(after.matter.state).toBe(waits ? 'awaitingConsent' : move.to)
    }),
    runs,
  )
})

test('a relative reads their own matters, a kiosk those of its cell, and nobody what their role may not', () => {
  fc.assert(
    fc.property(matter, actor, (before, who) => {
      const reading = readingOf(who, before)
      const outside = who.roles.every((role) => role === 'relative' || role === 'kiosk')
      if (!reading || !outside) return
      const own = who.roles.includes('relative') && before.account === who.account
      expect(own || who.people?.includes(before.detainee)).toBe(true)
    }),
    runs,
  )
})

test('folding the events of a matter gives the matter, however its people went about it', () => {
  let longest = 0
  const step = fc.record({
    nth: fc.nat(),
    who: actor,
    roles: fc.subarray([...roles], { minLength: 4 }),
    own: fc.boolean(),
  })
  const inputs = fc.record(
    Object.fromEntries(
      [...kinds.values()]
        .flatMap(({ moves }) => [...moves.keys()])
        .map((move) => [move, said.letter.get(move) ?? fc.constant(undefined)]),
    ),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(step, inputs), { maxLength: 12 }), account, circumstances, (steps, writer, house) => {
      const facility = houses[0] as Id
      const ties = house.ties.map((tie) => ({ ...tie, house: { ...tie.house, id: facility } }))
      let standing: Matter | undefined
      for (const [{ nth, who, roles, own }, inputs] of steps) {
        const before: Matter | undefined = standing
        const someone = { ...who, facility, roles, people, account: own ? writer : who.account }
        const able = [...matters.letter.moves].filter(([, { from }]) => from.includes(stateBefore(before)))
        const move = able[nth % Math.max(1, able.length)]?.[0] ?? 'submit'
        const input = inputs[move]
        const base = before?.edition ?? 0
        const command: Command = {
          id: id(2),
          matter: id(1),
          facility,
          kind: 'letter',
          move,
          base,
          at: 0,
          ...(input && { input }),
        }
        const after = doneOf(decide(before, command, someone, { ...house, ties }))
        if (!after) continue
        const result = folded(before, eventOf(before, command, someone, after), facility)
        if ('wrong' in result) throw new Error(result.wrong)
        expect(result.matter).toEqual(after.matter)
        standing = result.matter
      }
      longest = Math.max(longest, standing?.version ?? 0)
    }),
    { numRuns: 2000 },
  )
  expect(longest).toBeGreaterThan(4) // or these were no lives
})

const doneOf = (decision: ReturnType<typeof decide>): Done | undefined =>
  'done' in decision ? decision.done : undefined

/** What the record says of a step. */
function eventOf(
  before: Matter | undefined,
  command: Command,
  who: Actor,
  { matter, facts, content }: Done,
): EventBody {
  const by = kinds.get(matter.kind)?.moves.get(command.move)?.by ?? {}
  const standing = before ?? { ...matter, state: 'draft' }
  return {
    v: 1,
    matter: matter.id,
    seq: matter.version,
    at: matter.since,
    actor: who.account,
    role: who.roles.find((role) => by[role]?.(who, standing)) ?? 'system',
    move: command.move,
    state: matter.state,
    facts,
    due: matter.due,
    opens: before ? null : { kind: matter.kind, tie: matter.tie, detainee: matter.detainee },
    content: content ? 'a hash' : null,
    command: command.id,
    digest: null,
  }
}

function freeze(thing: unknown): void {
  if (typeof thing !== 'object' || thing === null || Object.isFrozen(thing)) return
  Object.freeze(thing)
  for (const part of Object.values(thing)) freeze(part)
}
