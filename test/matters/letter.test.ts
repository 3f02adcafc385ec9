// What a letter may become, and at whose hand: the pure decision that phone and server share.
import { expect, test } from 'vitest'
import type { Actor, Role } from '#db/actor.ts'
import type { Command } from '#db/command.ts'
import { decide, movesOpenTo, readingOf } from '#db/decide.ts'
import { newId } from '#db/id.ts'
import type { Matter, Tie } from '#db/matter.ts'
import { defaults, type Access } from '#db/settings.ts'

const facility = newId()
const [mother, reviewer, second, detainee, matter] = [newId(), newId(), newId(), newId(), newId()]
const HOUR_MS = 3_600_000
const now = Date.UTC(2026, 10, 24, 8)

const tie = (access: Access, consented = false, ended = false): Tie => ({
  id: newId(),
  house: { id: facility, name: '青山看守所', telephone: '0000', hours: '9–17' },
  detainee,
  name: '王强',
  kin: 'parent',
  access: { letter: access },
  consented: { letter: consented },
  ended,
})
const as = (role: Role, account = role === 'relative' ? mother : reviewer, people?: Matter['detainee'][]): Actor => ({
  account,
  facility,
  roles: [role],
  ...(people && { people }),
})

function makes(before: Matter | undefined, move: string, who: Actor, ties: Tie[], input?: object, base?: number) {
  const command: Command = {
    id: newId(),
    facility,
    matter,
    kind: 'letter',
    move,
    base: base ?? before?.edition ?? 0,
    at: now,
    ...(input && { input: input as Record<string, unknown> }),
  }
  return decide(before, command, who, { now, ties, settings: defaults.detention })
}
function after(...step: Parameters<typeof makes>): Matter {
  const decision = makes(...step)
  if ('refused' in decision) throw new Error(`refused: ${decision.refused.code} ${decision.refused.field ?? ''}`)
  return decision.done.matter
}
const refusal = (...step: Parameters<typeof makes>) => {
  const decision = makes(...step)
  return 'refused' in decision ? decision.refused : undefined
}

const open = tie('open')
const sent = (body = '天冷了，多穿点。') => after(undefined, 'submit', as('relative'), [open], { to: open.id, body })

test('a letter that is sent is owed an answer within 48 hours', () => {
  expect(sent()).toMatchObject({ state: 'submitted', version: 1, edition: 1, due: now + 48 * HOUR_MS, detainee })
})

test('a letter waits where consent is missing, goes on where it was given, and is refused where letters are closed', () => {
  const to = (tie: Tie) => makes(undefined, 'submit', as('relative'), [tie], { to: tie.id, body: '你好' })
  expect(to(tie('consent'))).toMatchObject({ done: { matter: { state: 'awaitingConsent' } } })
  expect(to(tie('consent', true))).toMatchObject({ done: { matter: { state: 'submitted' } } })
  expect(to(tie('closed'))).toEqual({ refused: { code: 'closed' } })
})

test('nobody writes to somebody who is not theirs, or no longer', () => {
  const ended = tie('open', false, true)
  expect(refusal(undefined, 'submit', as('relative'), [open], { to: newId(), body: '你好' })).toEqual({
    code: 'not_allowed',
  })
  expect(refusal(undefined, 'submit', as('relative'), [ended], { to: ended.id, body: '你好' })).toEqual({
    code: 'not_allowed',
  })
})

test('a letter can be taken back until an officer has decided it, by its writer alone', () => {
  expect(after(sent(), 'withdraw', as('relative'), [open])).toMatchObject({ state: 'withdrawn', due: null })
  expect(refusal(sent(), 'withdraw', as('relative', newId()), [open])).toEqual({ code: 'not_allowed' })
  const approved = after(sent(), 'approve', as('reviewer'), [])
  expect(refusal(approved, 'withdraw', as('relative'), [open])).toEqual({ code: 'not_allowed' })
})

test('a decision is about the text that was looked at', () => {
  const marks = [{ from: 0, to: 1, reason: 'caseTalk', advice: '请删去' }]
  const returned = after(sent(), 'return', as('reviewer'), [], { marks })
  const fixed = after(returned, 'submit', as('relative'), [open], { to: open.id, body: '改好了' })
  expect(refusal(fixed, 'approve', as('reviewer'), [], undefined, 1)).toEqual({ code: 'stale' })
  expect(after(fixed, 'approve', as('reviewer'), [], undefined, fixed.edition).state).toBe('approved')
})

test('after an appeal somebody else must decide', () => {
  const withheld = after(sent(), 'withhold', as('reviewer'), [], { reasons: ['threat'], note: '' })
  const appealed = after(withheld, 'appeal', as('relative'), [open], { why: '请再看一次' })
  expect(movesOpenTo(as('reviewer'), appealed).has('approve')).toBe(false)
  expect(after(appealed, 'approve', as('reviewer', second), []).state).toBe('approved')
})

test('only the one who approved may take it back, and only until it was handed over', () => {
  const approved = after(sent(), 'approve', as('reviewer'), [])
  expect(after(approved, 'recall', as('reviewer'), []).state).toBe('submitted')
  expect(refusal(approved, 'recall', as('reviewer', second), [])).toEqual({ code: 'not_allowed' })
  const delivered = after(approved, 'deliver', as('duty'), [])
  expect(refusal(delivered, 'recall', as('reviewer'), [])).toEqual({ code: 'not_allowed' })
})

test('a kiosk shows the letters of its own cell and of no other', () => {
  const approved = after(sent(), 'approve', as('reviewer'), [])
  const theirs = as('kiosk', newId(), [detainee])
  const other = as('kiosk', newId(), [newId()])
  expect([readingOf(theirs, approved), readingOf(other, approved), readingOf(theirs, sent())]).toEqual([
    'all',
    undefined,
    undefined,
  ])
  expect(after(after(approved, 'deliver', theirs, []), 'read', theirs, []).state).toBe('read')
  expect(refusal(approved, 'deliver', other, [])).toEqual({ code: 'not_allowed' })
})

test('the desk knows who waits for consent, and not what they wrote', () => {
  const consent = tie('consent')
  const waiting = after(undefined, 'submit', as('relative'), [consent], { to: consent.id, body: '你好' })
  expect(readingOf(as('desk'), waiting)).toBe('cover')
  expect(refusal(waiting, 'consent', as('desk'), [], { document: ' ', until: null })).toEqual({
    code: 'check_input',
    field: 'document',
  })
  expect(after(waiting, 'consent', as('desk'), [], { document: '公办〔2026〕1号', until: null }).state).toBe(
    'submitted',
  )
})

test('2,000 family emoji are a letter, one more is too long, and a lone surrogate is no text', () => {
  const family = '👨‍👩‍👧‍👦'
  const write = (body: string) => refusal(undefined, 'submit', as('relative'), [open], { to: open.id, body })
  expect(write(family.repeat(2000))).toBeUndefined()
  expect(write(family.repeat(2001))).toEqual({ code: 'check_input', field: 'body' })
  expect(write('坏\ud83d字')).toEqual({ code: 'check_input', field: 'body' })
  expect(write('𠀀𠮷〢'.repeat(100))).toBeUndefined()
  expect(write('字'.repeat(22_000))).toEqual({ code: 'check_input', field: 'body' })
})

test('a move that takes no words takes none, and what nobody named does not exist', () => {
  expect(refusal(sent(), 'approve', as('reviewer'), [], { note: 'x' })?.code).toBe('check_input')
  for (const move of ['constructor', '__proto__', 'toString', 'delete'])
    expect(refusal(sent(), move, as('reviewer'), [])).toEqual({ code: 'not_allowed' })
})
