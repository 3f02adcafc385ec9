// Families of a new house, and what their phones are told.
import { expect, vi } from 'vitest'
import type { Command, SyncAnswer } from '#db/command.ts'
import { newId, type Id } from '#db/id.ts'
import type { Tie } from '#db/matter.ts'
import { admin, at, house, served } from '#test/newHouse.ts'
import { hires as gives, Visitor } from '#test/server.ts'

let numbers = 0
const newPhone = () => `+8615200${String((numbers += 1)).padStart(6, '0')}`
export const anybody = () => Visitor.signedIn(served.url, newPhone())
export const admit = async (status: 'serving' | 'untried' = 'serving', more: object = {}) => {
  const person = { number: String((numbers += 1)), name: '欧阳强', status, cell: '3-02', ...more }
  return ((await admin.post(`${at}/people`, person)).said as { id: Id }).id
}
export const invite = async (person: Id) => {
  const { said } = await admin.post(`${at}/invites`, { person, kin: 'parent', name: '李芳' })
  return (said as { code: string }).code
}
export const take = (who: Visitor, code: string) => who.post('/api/invites/take', { code })
export const tied = async (status: 'serving' | 'untried') => {
  const person = await admit(status)
  const mother = await anybody()
  const { tie } = (await take(mother, await invite(person))).said as { tie: Tie }
  return { person, mother, tie }
}
export const hires = (...roles: string[]) => gives(admin, at, '赵民警', roles)
export const letter = (tie: Tie): Command => ({
  id: newId(),
  facility: house,
  matter: newId(),
  kind: 'letter',
  move: 'submit',
  base: 0,
  at: Date.now(),
  input: { to: tie.id, body: '天冷了，多穿点。' },
})
/** What somebody does with a letter that is there. */
export const step = (of: Command, move: string, input?: Record<string, unknown>): Command => ({
  id: newId(),
  facility: of.facility,
  matter: of.matter,
  kind: of.kind,
  move,
  base: 1,
  at: Date.now(),
  ...(input && { input }),
})
export const tieIn = ({ changes }: SyncAnswer) =>
  changes.flatMap((change) => ('tie' in change ? [change.tie] : [])).at(-1)
export const stateIn = ({ changes }: SyncAnswer) =>
  changes.flatMap((change) => ('matter' in change ? [change.matter.state] : [])).at(-1)
/** What comes by itself, with the house's minute. */
export const soon = <Value>(look: () => Promise<Value>, value: Value) =>
  vi.waitFor(async () => expect(await look()).toBe(value), { timeout: 10_000, interval: 200 })
/** The steps of one chain of the record: what was done, as whom. */
export const recordOf = async (subject: Id) =>
  (
    await served.db
      .prepare('SELECT body FROM event WHERE matter = ? ORDER BY seq')
      .bind(subject)
      .all<{ body: string }>()
  ).results.map(({ body }) => {
    const { move, role, facts, actor } = JSON.parse(body) as { move: string; role: string; facts: object; actor: Id }
    return { move, role, facts, actor }
  })
