// The people inside from a list: what it would change, and what comes of it, at a real server and its database.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HouseView, PersonView } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import type { Plan, RawRow } from '#db/roster.ts'
import type { Step } from '#db/rosterSteps.ts'
import { serveCounted, type Counted } from '#test/bench/serveCounted.ts'
import { hires, opens, Visitor } from '#test/server.ts'
import { anyPin, newcomers, stepsOf } from './lists.ts'

let served: Counted
let admin: Visitor
let at: string
const dir = mkdtempSync(join(tmpdir(), 'etongban-'))

beforeAll(async () => {
  served = await serveCounted(dir, false)
  ;({ admin, at } = await opens(served.url, 'songling'))
}, 180_000)
afterAll(async () => {
  await served.stop()
  rmSync(dir, { recursive: true, force: true })
})

const plans = async (rows: readonly RawRow[], whole = false, who = admin): Promise<Plan> => {
  const { status, said } = await who.post(`${at}/roster/plan`, { rows, whole })
  expect(status).toBe(200)
  return said as Plan
}
const takes = (steps: readonly Step[], who = admin) => who.post(`${at}/roster`, { steps })
const imports = async (rows: readonly RawRow[]) => {
  const plan = await plans(rows)
  expect((await takes(stepsOf(plan))).status).toBe(200)
  return plan
}
const inside = async (number: string): Promise<PersonView | undefined> =>
  ((await admin.ask('GET', at)).said as HouseView).people.find((person) => person.number === number)
const eventsOf = async (subject: Id) =>
  (
    await served.db
      .prepare('SELECT body FROM event WHERE matter = ? ORDER BY seq')
      .bind(subject)
      .all<{ body: string }>()
  ).results.map(({ body }) => {
    const { move, facts } = JSON.parse(body) as { move: string; facts: object }
    return { move, facts }
  })
const stale = { status: 409, said: { refused: { code: 'stale' } } }
let numbers = 0
const newRow = (more: Partial<RawRow> = {}): RawRow => ({
  row: 2,
  number: `8${String((numbers += 1)).padStart(4, '0')}`,
  name: '王强',
  status: '未决',
  cell: '3-02',
  ...more,
})
/** A list with one person, who is taken in. */
const comesIn = async () => {
  const row = newRow()
  await imports([row])
  const { id } = (await inside(row.number ?? '')) as PersonView
  return { row, id }
}

test('who is new comes in, with the steps of the record that each would have alone', async () => {
  const row = newRow()
  const plan = await plans([row])
  expect(plan).toMatchObject({
    add: [{ row: 2, name: '王强', status: 'untried', cell: '3-02' }],
    change: [],
    leave: [],
    missing: [],
    unchanged: 0,
    refused: [],
  })
  expect(await inside(row.number ?? '')).toBeUndefined() // to look at a plan changes nothing
  expect((await takes(stepsOf(plan))).status).toBe(200)
  const person = await inside(row.number ?? '')
  expect(person).toMatchObject({ name: '王强', status: 'untried', cell: '3-02', leftAt: null })
  expect(await eventsOf(person?.id as Id)).toEqual([{ move: 'admit', facts: { status: 'untried' } }])
  expect(await plans([row])).toMatchObject({ add: [], unchanged: 1 })
})

test('a weekly list moves, changes and lets leave; relatives and kiosks hear of it as of single steps', async () => {
  const { row, id } = await comesIn()
  const mother = await Visitor.signedIn(served.url, '+8615900000001')
  const { code } = (await admin.post(`${at}/invites`, { person: id, kin: 'parent', name: '李芳' })).said as {
    code: string
  }
  await mother.post('/api/invites/take', { code })
  const enrolment = (await admin.post(`${at}/kiosks`, { name: '3-02', cell: '3-02' })).said as { code: string }
  const { device: kiosk } = await Visitor.kiosk(served.url, enrolment.code)
  await mother.syncs()
  const numbersAt = (changes: readonly object[]) =>
    changes.flatMap((change) => ('inmate' in change ? [(change.inmate as { number: string }).number] : []))
  expect(numbersAt((await kiosk.syncs()).changes)).toContain(row.number)

  await imports([{ row: 2, number: row.number, status: '留所服刑', cell: '4-01', born: '1990/3/7' }])
  expect(await inside(row.number ?? '')).toMatchObject({ status: 'serving', cell: '4-01', born: '1990-03-07' })
  expect((await mother.syncs()).changes).toMatchObject([{ tie: { access: { letter: 'open' } } }])
  expect((await kiosk.syncs()).gone).toEqual([id])

  await imports([{ row: 2, number: row.number, because: '送监' }])
  expect((await inside(row.number ?? ''))?.leftAt).not.toBeNull()
  expect((await mother.syncs()).changes).toMatchObject([{ tie: { access: { letter: 'closed' } } }])
  expect(await eventsOf(id)).toEqual([
    { move: 'admit', facts: { status: 'untried' } },
    { move: 'invite', facts: { kin: 'parent' } },
    { move: 'status', facts: { status: 'serving' } },
    { move: 'move', facts: {} },
    { move: 'born', facts: {} },
    { move: 'leave', facts: { because: 'transferred' } },
  ])
})

test('each bad cell is named by row, column and what is wrong, and the other rows are taken', async () => {
  const { row: known } = await comesIn()
  const good = newRow({ row: 3 })
  const twice = newRow({ row: 4 })
  const plan = await plans([
    good,
    twice,
    { ...twice, row: 5, name: '李四' },
    newRow({ row: 6, number: '编号' }),
    newRow({ row: 7, status: '在押', cell: undefined }),
    newRow({ row: 8, cell: '2026-03-02T00:00:00.000Z' }),
    { row: 9, name: '无名' },
    { row: 10, number: known.number, name: '别人' },
    newRow({ row: 11, because: '释放' }),
  ])
  expect(plan.add.map(({ row }) => row)).toEqual([3])
  expect(plan.refused.map(({ row, column, why, about }) => [row, column, why, about])).toEqual([
    [4, 'number', 'twice', '5'],
    [5, 'number', 'twice', '4'],
    [6, 'number', 'wrong', undefined],
    [7, 'status', 'word', undefined],
    [7, 'cell', 'missing', undefined],
    [8, 'cell', 'date', undefined],
    [9, 'number', 'missing', undefined],
    [9, 'status', 'missing', undefined],
    [9, 'cell', 'missing', undefined],
    [10, 'name', 'otherName', '王强'],
    [11, 'number', 'unknown', undefined],
  ])
  expect((await takes(stepsOf(plan))).status).toBe(200)
  expect(await inside(good.number ?? '')).toBeDefined()
})

test('who is not in a whole list is proposed, and leaves only where an admin says why', async () => {
  const { admin, at } = await opens(served.url, 'whole')
  const ask = async (rows: readonly RawRow[]) =>
    (await admin.post(`${at}/roster/plan`, { rows, whole: true })).said as Plan
  const [one, two] = [newRow(), newRow({ row: 3 })]
  await admin.post(`${at}/roster`, { steps: stepsOf(await ask([one, two])) })

  const plan = await ask([one])
  expect(plan.missing).toMatchObject([{ number: two.number, was: { status: 'untried', cell: '3-02' } }])
  expect(plan).toMatchObject({ unchanged: 1, leave: [] })
  const [missing] = plan.missing
  if (!missing) throw new Error('nobody is missing')
  const step: Step = { step: 'leave', person: missing.person, was: missing.was, because: 'released' }
  expect((await admin.post(`${at}/roster`, { steps: [step] })).status).toBe(200)
  expect((await ask([one])).missing).toEqual([])
  // the number of somebody who has left belongs to them
  expect((await ask([one, two])).refused).toMatchObject([{ row: 3, column: 'number', why: 'left', about: '王强' }])
})

test('what was seen and is so no longer is not done, and neither is anything beside it', async () => {
  const { row, id } = await comesIn()
  const other = newRow({ row: 3 })
  const steps = stepsOf(await plans([{ ...row, cell: '5-05' }, other]))
  expect((await admin.post(`${at}/people/${id}/move`, { cell: '4-04' })).status).toBe(200)
  expect(await takes(steps)).toMatchObject(stale)
  expect(await inside(other.number ?? '')).toBeUndefined()
  expect(await inside(row.number ?? '')).toMatchObject({ cell: '4-04' })

  // made anew it is seen as it is now
  const anew = await plans([{ ...row, cell: '5-05' }, other])
  expect(anew.change).toMatchObject([{ was: { cell: '4-04' }, now: { cell: '5-05' } }])
  expect((await takes(stepsOf(anew))).status).toBe(200)

  // somebody was admitted under the number meanwhile
  const taken = newRow()
  const admission = stepsOf(await plans([taken]))
  await admin.post(`${at}/people`, { number: taken.number, name: '李四', status: 'serving', cell: '1-01' })
  expect(await takes(admission)).toMatchObject(stale)
  expect(await inside(taken.number ?? '')).toMatchObject({ name: '李四' })
})

test('two admins who take the same list at once take it once', async () => {
  const rows = [newRow(), newRow({ row: 3 })]
  const plan = await plans(rows)
  const answers = await Promise.all([takes(stepsOf(plan)), takes(stepsOf(plan)), takes(stepsOf(plan))])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
  for (const { number } of rows)
    expect(await eventsOf((await inside(number ?? ''))?.id as Id)).toEqual([
      { move: 'admit', facts: { status: 'untried' } },
    ])
})

test('steps whose answer was lost are sent again, and nothing is done twice', async () => {
  const { row, id } = await comesIn()
  const leaving = await comesIn()
  const steps = stepsOf(
    await plans([
      { ...row, cell: '6-06' },
      newRow({ row: 3 }),
      { row: 4, number: leaving.row.number, because: '释放' },
    ]),
  )
  expect(steps).toHaveLength(3)
  for (let times = 0; times < 3; times += 1) expect((await takes(steps)).status).toBe(200)
  expect((await eventsOf(id)).map(({ move }) => move)).toEqual(['admit', 'move'])
  expect((await eventsOf(leaving.id)).map(({ move }) => move)).toEqual(['admit', 'leave'])
})

test('only an admin of the house looks at a plan or takes one', async () => {
  const { row, id } = await comesIn()
  const was = { status: 'untried', cell: '3-02', born: null } as const
  const steps: Step[] = [{ step: 'change', person: id, was, now: { ...was, cell: '9-09' } }]
  const keeper = await hires(admin, at, '孙梅', ['keeper', 'reviewer', 'leader'])
  const mother = await Visitor.signedIn(served.url, '+8615900000003')
  for (const who of [keeper, mother]) {
    expect((await who.post(`${at}/roster/plan`, { rows: [row], whole: true })).status).toBe(403)
    expect((await takes(steps, who)).status).toBe(403)
  }
  expect((await new Visitor(served.url).post(`${at}/roster`, { steps })).status).toBe(401)

  // nor the admin of another house, through their own, for somebody who is not in it
  const elsewhere = await opens(served.url, 'elsewhere')
  expect(await elsewhere.admin.post(`${elsewhere.at}/roster`, { steps })).toMatchObject(stale)
  expect(await inside(row.number ?? '')).toMatchObject({ cell: '3-02' })
})

test('what no tablet of ours sends is refused, with its field', async () => {
  const { id } = await comesIn()
  const was = { status: 'untried', cell: '3-02', born: null }
  const change = { step: 'change', person: id, was, now: { ...was, cell: '4-04' } }
  const admission = { step: 'admit', number: '1', name: '王', status: 'serving', cell: '1', pin: anyPin() }
  for (const steps of [
    [],
    [change, change],
    [{ ...change, now: { ...was, cell: '' } }],
    [{ ...admission, pin: { salt: '', hash: '' } }],
    [{ ...admission, number: '编号' }],
    [{ step: 'leave', person: id, was, because: 'constructor' }],
    Array.from({ length: 1001 }, () => ({ ...change, person: newId() })),
  ])
    expect(await admin.post(`${at}/roster`, { steps })).toMatchObject({
      status: 400,
      said: { refused: { code: 'check_input' } },
    })
  expect((await admin.post(`${at}/roster/plan`, { rows: [], whole: true })).status).toBe(400)
  expect((await admin.post(`${at}/roster/plan`, { rows: newcomers(5001), whole: true })).status).toBe(400)
  expect((await admin.post(`${at}/roster/plan`, { rows: newcomers(5000), whole: true })).status).toBe(200)
})

test('a thousand people come in within twenty trips to the database, and are found to be unchanged then', async () => {
  const own = await opens(served.url, 'large')
  const rows = newcomers(1000)
  await served.spent()
  const plan = (await own.admin.post(`${own.at}/roster/plan`, { rows, whole: true })).said as Plan
  expect(plan.add).toHaveLength(1000)
  expect((await own.admin.post(`${own.at}/roster`, { steps: stepsOf(plan) })).status).toBe(200)
  expect(((await own.admin.ask('GET', own.at)).said as HouseView).people).toHaveLength(1000)
  const { trips, rowsRead } = await served.spent()
  expect(trips).toBeLessThanOrEqual(20)
  expect(rowsRead).toBeLessThan(40_000) // each person some times, and none of them as often as there are people

  const again = (await own.admin.post(`${own.at}/roster/plan`, { rows, whole: true })).said as Plan
  expect(again).toEqual({ add: [], change: [], leave: [], missing: [], unchanged: 1000, refused: [] })
  const events = await served.db
    .prepare(`SELECT count(*) AS events FROM event WHERE facility = ? AND json_extract(body, '$.move') = 'admit'`)
    .bind(own.house)
    .first()
  expect(events).toEqual({ events: 1000 })
})
