// Somebody is transferred to another house of the same installation: told by two admins and a mother.
import { beforeAll, expect, test } from 'vitest'
import type { HouseView } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { admit, letter, recordOf, soon, stateIn, tied } from '#test/house/family.ts'
import { admin, at, house, served, withNewHouse } from '#test/newHouse.ts'
import { hires, HOUR_MS, opens, passes, type Visitor } from '#test/server.ts'

withNewHouse()

let there: { admin: Visitor; house: Id; at: string }
beforeAll(async () => {
  there = await opens(served.url, 'linxi')
})

const viewOf = async (who: Visitor, path: string) => (await who.ask('GET', path)).said as HouseView
const transfers = (person: Id, to: Id = there.house) =>
  admin.post(`${at}/people/${person}/leave`, { because: 'transferred', to })
const comes = async (person: Id) => {
  const known = async () => (await viewOf(admin, at)).people.find(({ id }) => id === person)?.moved
  await soon(known, 'announced')
}
const numberOf = async (person: Id) => (await viewOf(admin, at)).people.find(({ id }) => id === person)?.number
const arrivalOf = async (person: Id) => {
  const number = await numberOf(person)
  return (await viewOf(there.admin, there.at)).arrivals.find((one) => one.number === number)
}

test('her letter goes on in the house to which he is taken, where an admin has given him a cell', async () => {
  const { person, mother, tie } = await tied('serving')
  const written = letter(tie)
  expect((await mother.syncs(written)).results).toMatchObject([{ done: { state: 'submitted' } }])
  expect((await viewOf(admin, at)).others).toContainEqual({ id: there.house, name: '松岭看守所' })
  expect((await transfers(person)).status).toBe(200)
  await comes(person)
  expect((await viewOf(admin, at)).people.find(({ id }) => id === person)).toMatchObject({ movedTo: '松岭看守所' })

  const arrival = await arrivalOf(person)
  expect(arrival).toMatchObject({ name: '欧阳强', from: '松岭看守所', status: 'serving' })
  const answer = await there.admin.post(`${there.at}/arrivals/${arrival?.id}/admit`, { number: '8001', cell: '1-01' })
  expect(answer).toMatchObject({ status: 201, said: { pin: expect.stringMatching(/^\d{6}$/) as string } })
  await soon(async () => (await viewOf(admin, at)).people.find(({ id }) => id === person)?.moved, 'arrived')

  // the pass of her phone is five minutes old at most, and then it looks there as well
  await passes(served.url, HOUR_MS / 10)
  const seen = await mother.syncs()
  const states = seen.changes.flatMap((change) =>
    'matter' in change ? [[change.matter.facility, change.matter.state, change.contents.length]] : [],
  )
  expect(states).toEqual(
    expect.arrayContaining([
      [house, 'closed', expect.any(Number)],
      [there.house, 'submitted', 1],
    ]),
  )
  expect(await recordOf(person)).toMatchObject([
    { move: 'admit' },
    { move: 'invite' },
    { move: 'leave', role: 'admin', facts: { because: 'transferred', to: there.house } },
    { move: 'announced', role: 'system', facts: { to: there.house } },
    { move: 'arrived', role: 'system' },
  ])
  expect(await recordOf(arrival?.id as Id)).toMatchObject([
    { move: 'expect', role: 'system', facts: { from: house } },
    { move: 'admit', role: 'admin', facts: { from: house } },
  ])
  expect((await viewOf(there.admin, there.at)).ties).toMatchObject([{ person: arrival?.id, name: '李芳' }])
})

test('two admins who tap at once admit him once, and a number that is taken is named', async () => {
  const person = await admit()
  await transfers(person)
  await comes(person)
  const arrival = await arrivalOf(person)
  const path = `${there.at}/arrivals/${arrival?.id}/admit`
  await there.admin.post(`${there.at}/people`, { number: '8100', name: '王强', status: 'serving', cell: '1-01' })
  expect(await there.admin.post(path, { number: '8100', cell: '1-01' })).toMatchObject({
    status: 409,
    said: { refused: { code: 'taken', field: 'number' } },
  })
  expect(await there.admin.post(path, { number: '8101', cell: ' ' })).toMatchObject({
    status: 400,
    said: { refused: { code: 'check_input', field: 'cell' } },
  })
  const form = { number: '8101', cell: '1-01' }
  const answers = await Promise.all([there.admin.post(path, form), there.admin.post(path, form)])
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 403])
})

test('where he has not come, the old house and the family hear so', async () => {
  const { person, mother, tie } = await tied('serving')
  await mother.syncs(letter(tie))
  await transfers(person)
  await comes(person)
  const arrival = await arrivalOf(person)
  expect((await there.admin.post(`${there.at}/arrivals/${arrival?.id}/refuse`)).status).toBe(200)
  await soon(async () => (await viewOf(admin, at)).people.find(({ id }) => id === person)?.moved, 'lapsed')
  expect(await arrivalOf(person)).toBeUndefined()
  expect(stateIn(await mother.syncs())).toBe('closed')
})

test('nobody is sent to the same house, to none, or anywhere for another reason', async () => {
  const person = await admit()
  for (const body of [
    { because: 'transferred', to: house },
    { because: 'transferred', to: newId() },
    { because: 'released', to: there.house },
  ])
    expect(await admin.post(`${at}/people/${person}/leave`, body)).toMatchObject({
      status: 400,
      said: { refused: { code: 'check_input', field: 'to' } },
    })
  const keeper = await hires(there.admin, there.at, '赵民警', ['keeper'])
  expect(await viewOf(keeper, there.at)).toMatchObject({ arrivals: [], others: [] })
})
