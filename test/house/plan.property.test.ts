// What a list would change, whatever stands in it and whoever is inside.
import fc from 'fast-check'
import { parse } from 'papaparse'
import { expect, test } from 'vitest'
import type { Id } from '#db/id.ts'
import { csvOf, planOf, readTable, type Known, type Plan, type RawRow } from '#db/roster.ts'

const numbers = ['0231', '0232', '231', '7', 'A-1', '007']
const names = ['张伟', '李强', '王磊']
const cells = ['3-02', '3-05', '=1+1']
const maybe = <Value>(values: readonly Value[]) => fc.option(fc.constantFrom(...values), { nil: undefined })

const rows: fc.Arbitrary<RawRow[]> = fc
  .array(
    fc.record({
      number: maybe([...numbers, '编号', '１２']),
      name: maybe([...names, '\ud800', '']),
      status: maybe(['未决', '一审', '留所服刑', '在押', 'constructor']),
      cell: maybe([...cells, '2026-03-02T00:00:00.000Z', '3月2日', 'x'.repeat(21)]),
      born: maybe([
        '1990-03-07',
        '1990/3/7',
        '1990年3月7日',
        '1990-03-07T00:00:00.000Z',
        '19900307',
        '1990-02-30',
        '今天',
      ]),
      because: maybe(['释放', '送监', '不知道']),
    }),
    { maxLength: 8 },
  )
  .map((rows) =>
    rows.map((row, nth) => ({
      row: nth + 2,
      ...Object.fromEntries(Object.entries(row).filter(([, text]) => text !== undefined)),
    })),
  )
const people: fc.Arbitrary<Known[]> = fc
  .uniqueArray(
    fc.record({
      number: fc.constantFrom(...numbers),
      name: fc.constantFrom(...names),
      status: fc.constantFrom('untried' as const, 'serving' as const),
      cell: fc.constantFrom(...cells),
      born: fc.constantFrom(null, '1990-03-07', '1991-01-01'),
      leftAt: fc.constantFrom(null, null, 1),
    }),
    { selector: ({ number }) => number },
  )
  .map((people) => people.map((person) => ({ id: `id of ${person.number}` as Id, ...person })))

const rowsIn = ({ add, change, leave, refused }: Plan) => [
  ...new Set([...add, ...change, ...leave, ...refused].map(({ row }) => row)),
]
const holds = (promise: (rows: RawRow[], people: Known[], whole: boolean) => void) =>
  fc.assert(fc.property(rows, people, fc.boolean(), promise), { numRuns: 2000 })

test('the same list and the same house make the same plan, in whatever order the house remembers', () =>
  holds((rows, people, whole) => {
    expect(planOf(rows, [...people].reverse(), whole)).toEqual(planOf(rows, people, whole))
  }))

test('every row is taken, known already, or named with what is wrong with it', () =>
  holds((rows, people, whole) => {
    const plan = planOf(rows, people, whole)
    expect(rowsIn(plan).length + plan.unchanged).toBe(rows.length)
    const taken = [...plan.add, ...plan.change, ...plan.leave].map(({ row }) => row)
    for (const { row } of plan.refused) expect(taken).not.toContain(row)
  }))

test('a number comes in once, and nobody is changed twice', () =>
  holds((rows, people, whole) => {
    const { add, change, leave, missing } = planOf(rows, people, whole)
    const all = [...add, ...change, ...leave, ...missing].map(({ number }) => number)
    expect(new Set(all).size).toBe(all.length)
    const known = new Set(people.map(({ number }) => number))
    for (const { number } of add) expect(known.has(number)).toBe(false)
  }))

test('only a whole list asks after those who are not in it, and never after somebody whom a row names', () =>
  holds((rows, people, whole) => {
    const { missing } = planOf(rows, people, whole)
    if (!whole) expect(missing).toEqual([])
    const said = new Set(rows.map(({ number }) => number))
    for (const { number, person } of missing) {
      expect(said.has(number)).toBe(false)
      expect(people.find(({ id }) => id === person)?.leftAt).toBeNull()
    }
    if (whole)
      for (const { number, leftAt } of people)
        if (leftAt === null && !said.has(number) && !said.has(number.replace(/^0+/, '')))
          expect(missing.map((one) => one.number)).toContain(number)
  }))

test('a list that was taken changes nothing a second time', () =>
  holds((rows, people) => {
    const plan = planOf(rows, people, false)
    const after = people.map((person) => {
      const change = plan.change.find((one) => one.person === person.id)
      const left = plan.leave.some((one) => one.person === person.id)
      return { ...person, ...change?.now, leftAt: left ? 2 : person.leftAt }
    })
    const came = plan.add.map(({ row: _row, ...person }) => ({
      id: `id of ${person.number}` as Id,
      leftAt: null,
      ...person,
      born: person.born ?? null,
    }))
    const again = planOf(rows, [...after, ...came], false)
    expect([again.add, again.change, again.leave]).toEqual([[], [], []])
  }))

test('the list that a house downloads is read back as it was', () => {
  const text = fc.constantFrom(
    '0231',
    '3-02',
    '=1+1',
    '-A1',
    '@x',
    "'=1",
    '张“伟”',
    'a,b"c',
    "'",
    "O'Neil",
    '2026-01-02',
  )
  fc.assert(
    fc.property(
      fc.array(fc.record({ number: text, name: text, cell: text }), { minLength: 1, maxLength: 5 }),
      (list) => {
        const csv = csvOf([['姓名', '编号', '监室'], ...list.map(({ number, name, cell }) => [name, number, cell])])
        expect(csv).not.toMatch(/(^|,)"[=+\-@]/m)
        const table = readTable(parse<string[]>(csv.replace('\uFEFF', '')).data)
        expect(table).toEqual({ ignored: [], rows: list.map((row, nth) => ({ row: nth + 2, ...row })) })
      },
    ),
  )
})

test('the headings may stand below a title, in any order and in English, and other columns are named', () => {
  const cells = [
    ['青山看守所 在押人员名单', '', '', ''],
    ['', '', '', ''],
    ['No.', ' Cell ', '入所日期', '姓 名：'],
    ['0231', '3-02', '2026-01-01', '张伟'],
    ['', '', '合计 1 人', ''],
    ['0232', '', '', '李强'],
  ]
  expect(readTable(cells)).toEqual({
    ignored: ['入所日期'],
    rows: [
      { row: 4, number: '0231', cell: '3-02', name: '张伟' },
      { row: 6, number: '0232', name: '李强' },
    ],
  })
  expect(readTable([['张伟', '3-02']])).toEqual({ unread: 'headings' })
  expect(
    readTable([
      ['编号', '姓名'],
      ['', ''],
    ]),
  ).toEqual({ unread: 'empty' })
})

test('a number whose zeros Excel took away is known by the name beside it, and asked after where that says nothing', () => {
  const zhang: Known = {
    id: 'z' as Id,
    number: '0231',
    name: '张伟',
    status: 'serving',
    cell: '3-02',
    born: null,
    leftAt: null,
  }
  const say = (row: object) => planOf([{ row: 2, number: '231', cell: '3-05', status: '未决', ...row }], [zhang], true)
  expect(say({ name: '张伟' })).toMatchObject({ change: [{ number: '0231' }], missing: [], refused: [] })
  expect(say({ name: '王五' })).toMatchObject({
    add: [],
    missing: [],
    refused: [{ row: 2, column: 'number', why: 'zeros', about: '0231 张伟' }],
  })
})
