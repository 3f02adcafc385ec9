// A list of the people inside, as a house keeps it in a spreadsheet: how its cells are read, and what it would change.
// Both are pure: the tablet reads the file, and the server alone decides, on what it knows, what comes of it.
import * as v from 'valibot'
import { Born } from './claim.ts'
import { AdmitPerson } from './house.ts'
import type { Id } from './id.ts'
import type { Leaving } from './matter.ts'
import type { Status } from './settings.ts'

export const columns = ['number', 'name', 'status', 'cell', 'born', 'because'] as const
export type Column = (typeof columns)[number]

/** What a column may be called, the likeliest first. */
const headings: Readonly<Record<Column, readonly string[]>> = {
  number: ['编号', '人员编号', '在押人员编号', '被拘留人编号', '番号', 'number', 'no.', 'no'],
  name: ['姓名', '名字', '在押人员', '被拘留人', 'name', 'full name'],
  status: ['法律状态', '状态/诉讼阶段', '诉讼阶段', '诉讼环节', '状态', 'legal status', 'status', 'stage'],
  cell: ['监室', '监室号', '监房', '监号', '拘室', 'cell', 'room'],
  born: ['出生日期', '出生年月日', '生日', 'day of birth', 'date of birth', 'born'],
  because: ['离所原因', '出所原因', '离所', '出所', 'why they leave', 'reason for leaving', 'left because'],
}

const statusWords: Readonly<Record<Status, readonly string[]>> = {
  untried: [
    '未决',
    '未决犯',
    '侦查',
    '侦查阶段',
    '审查起诉',
    '起诉',
    '审判',
    '一审',
    '二审',
    '死刑复核',
    '等待决定',
    'awaiting a decision',
    'untried',
  ],
  serving: [
    '留所服刑',
    '服刑',
    '已决',
    '已决犯',
    '执行',
    '执行拘留',
    '行政拘留',
    '司法拘留',
    '拘留',
    'serving',
    'serving here',
    'in detention',
  ],
}
const leavingWords: Readonly<Record<Leaving, readonly string[]>> = {
  released: ['释放', '刑满释放', '取保候审', '期满', '期满解除', '解除拘留', '出所', 'released'],
  transferred: ['转所或投送监狱', '转所', '投送监狱', '送监', '投监', '调出', 'transferred'],
  died: ['死亡', 'died'],
}

const plain = (text: string): string => text.normalize('NFKC').replace(/\s/g, '').toLowerCase()
const byWord = <Meaning extends string>(words: Readonly<Record<Meaning, readonly string[]>>) =>
  new Map(
    Object.entries<readonly string[]>(words).flatMap(([meaning, all]) =>
      all.map((word) => [plain(word), meaning as Meaning] as const),
    ),
  )
const statusOf = byWord(statusWords)
const leavingOf = byWord(leavingWords)

/** One row as it stands in the file; what its cell leaves empty is not there. */
export type RawRow = { readonly row: number } & { readonly [Name in Column]?: string | undefined }

/** No cell of ours is longer: what is, is cut, and then refused by its row and column. */
export const cellLimit = 200
/** A large house has some thousand people inside. */
export const rowsAtMost = 5000

export type Table =
  | { readonly rows: readonly RawRow[]; readonly ignored: readonly string[] }
  /** there is no heading row, nothing below it, or more than anybody could look through */
  | { readonly unread: 'headings' | 'empty' | 'tooMany' }

/**
 * Reads a table whose columns stand in any order, below a title or not.
 *
 * @param cells every row of the sheet from its first, so that the rows keep the numbers that the house sees
 */
export function readTable(cells: readonly (readonly string[])[]): Table {
  const at = cells.slice(0, 20).findIndex((row) => {
    const found = row.flatMap((cell) => columnOf(cell) ?? [])
    return found.includes('number') && new Set(found).size > 1
  })
  const heading = cells[at]
  if (!heading) return { unread: 'headings' }

  const places = new Map<Column, number>()
  for (const [place, cell] of heading.entries()) {
    const column = columnOf(cell)
    const before = column && places.get(column)
    if (column && (before === undefined || rank(column, cell) < rank(column, heading[before] ?? '')))
      places.set(column, place)
  }
  const taken = new Set(places.values())
  const ignored = heading.map((cell) => cell.trim()).filter((cell, place) => cell !== '' && !taken.has(place))

  const rows = cells.slice(at + 1).flatMap((row, nth): RawRow[] => {
    const said = [...places].flatMap(([column, place]) => {
      const text = unguarded(row[place] ?? '')
      return text === '' ? [] : [[column, text] as const]
    })
    return said.length === 0 ? [] : [{ row: at + nth + 2, ...Object.fromEntries(said) }]
  })
  if (rows.length === 0) return { unread: 'empty' }
  if (rows.length > rowsAtMost) return { unread: 'tooMany' }
  return { rows, ignored }
}

const namesOf = new Map(
  columns.flatMap((column) => headings[column].map((name, nth) => [plain(name), { column, nth }] as const)),
)
const named = (heading: string) => namesOf.get(plain(heading).replace(/[*:]+$/, ''))
const columnOf = (heading: string): Column | undefined => named(heading)?.column
const rank = (column: Column, heading: string): number => {
  const found = named(heading)
  return found?.column === column ? found.nth : Infinity
}

/** A cell that would have been taken for a formula was written with a quote before it. */
const unguarded = (cell: string): string =>
  [...cell.trim().replace(/^'(?='*[=+\-@])/, '')].slice(0, cellLimit).join('').trim()

/**
 * A list as CSV, for a spreadsheet. A tab keeps Excel from making a number of `0231` or a day of `3-02`; a quote keeps
 * it from reckoning with what begins like a formula. `readTable` takes both away again.
 */
export function csvOf(rows: readonly (readonly string[])[]): string {
  const field = (text: string): string => {
    const kept = /^'*[=+\-@]/.test(text) ? `'${text}` : /^\d[\d\s./-]*$/.test(text) ? `\t${text}` : text
    return `"${kept.replaceAll('"', '""')}"`
  }
  return `\uFEFF${rows.map((row) => `${row.map(field).join(',')}\r\n`).join('')}`
}

/** Somebody whom the house knows, inside or not any more. */
export interface Known {
  readonly id: Id
  readonly number: string
  readonly name: string
  readonly status: Status
  readonly cell: string
  /** `1990-03-07`; null where it is not known */
  readonly born: string | null
  /** UTC milliseconds; null while inside */
  readonly leftAt: number | null
}

/** What a list may change of somebody. */
export type Place = Pick<Known, 'status' | 'cell' | 'born'>

interface Inside {
  readonly person: Id
  readonly number: string
  readonly name: string
  readonly was: Place
}

/** Why a row cannot be taken: where it is, and what is wrong. */
export interface Problem {
  readonly row: number
  readonly column: Column
  readonly why:
    | 'missing' // somebody new needs it
    | 'wrong' // not of the shape that the form of the administration wants
    | 'word' // a status or a reason that nobody has taught us
    | 'date' // Excel made a day of a cell
    | 'twice' // the number stands in other rows too
    | 'zeros' // Excel took the zeros before a number away, and the name does not say whose it is
    | 'otherName' // the number is somebody else's
    | 'left' // the number is that of somebody who has left
    | 'unknown' // somebody leaves who is not here
  /** what stands there */
  readonly text: string
  /** the other rows, the name or the number that it is about */
  readonly about?: string
}

/** What a list would change. The same list and the same house make the same plan. */
export interface Plan {
  readonly add: readonly (AdmitPerson & { readonly row: number })[]
  readonly change: readonly (Inside & { readonly row: number; readonly now: Place })[]
  readonly leave: readonly (Inside & { readonly row: number; readonly because: Leaving })[]
  /** who is inside and in no row of a list that is said to be whole: proposed, and never taken for granted */
  readonly missing: readonly Inside[]
  /** how many rows say what the house knows */
  readonly unchanged: number
  readonly refused: readonly Problem[]
}

/**
 * @param people everybody whom the house knows, in any order
 * @param whole whether the list names all who are inside
 */
export function planOf(rows: readonly RawRow[], people: readonly Known[], whole: boolean): Plan {
  const known = new Map(people.map((person) => [person.number, person]))
  const withoutZeros = new Map<string, Known[]>()
  for (const person of people)
    if (person.number.startsWith('0')) {
      const bare = person.number.replace(/^0+/, '')
      withoutZeros.set(bare, [...(withoutZeros.get(bare) ?? []), person])
    }

  const read = rows.map((raw) => {
    const number = normal(raw.number)
    if (known.has(number)) return { raw, number, lost: undefined }
    const lost = withoutZeros
      .get(number)
      ?.filter(({ leftAt }) => leftAt === null)
      .sort(byNumber)
    const same = lost?.filter(({ name }) => name === normal(raw.name))
    return same?.length === 1 && same[0] ? { raw, number: same[0].number, lost: undefined } : { raw, number, lost }
  })
  const rowsOf = new Map<string, number[]>()
  for (const { raw, number } of read) rowsOf.set(number, [...(rowsOf.get(number) ?? []), raw.row])

  const plan = {
    add: [] as Plan['add'][number][],
    change: [] as Plan['change'][number][],
    leave: [] as Plan['leave'][number][],
    unchanged: 0,
    refused: [] as Problem[],
  }
  for (const { raw, number, lost } of read) {
    const others = (rowsOf.get(number) ?? []).filter((row) => row !== raw.row)
    const taken = takeRow(raw, number, known.get(number), { others, lost: lost?.[0] })
    if ('problems' in taken) plan.refused.push(...taken.problems)
    else if ('add' in taken) plan.add.push(taken.add)
    else if ('change' in taken) plan.change.push(taken.change)
    else if ('leave' in taken) plan.leave.push(taken.leave)
    else plan.unchanged += 1
  }

  const mentioned = new Set(read.flatMap(({ number, lost }) => [number, ...(lost ?? []).map((one) => one.number)]))
  const missing = whole
    ? people
        .filter((person) => person.leftAt === null && !mentioned.has(person.number))
        .map(insideOf)
        .sort(byNumber)
    : []
  return { ...plan, missing }
}

const byNumber = (one: { readonly number: string }, other: { readonly number: string }): number =>
  one.number < other.number ? -1 : 1

type Taken =
  | { readonly problems: readonly Problem[] }
  | { readonly add: Plan['add'][number] }
  | { readonly change: Plan['change'][number] }
  | { readonly leave: Plan['leave'][number] }
  | { readonly unchanged: true }

function takeRow(
  raw: RawRow,
  number: string,
  person: Known | undefined,
  { others, lost }: { others: readonly number[]; lost: Known | undefined },
): Taken {
  const problems: Problem[] = []
  const wrong = (column: Column, why: Problem['why'], about?: string) =>
    void problems.push({ row: raw.row, column, why, text: raw[column] ?? '', ...(about !== undefined && { about }) })

  const checked = (column: 'number' | 'name' | 'cell', text: string | undefined): string | undefined => {
    if (text === undefined) return undefined
    const answer = v.safeParse(AdmitPerson.entries[column], text)
    if (answer.success && !isDay(column, text)) return answer.output
    wrong(column, isDay(column, text) ? 'date' : 'wrong')
    return undefined
  }
  const word = <Meaning>(column: 'status' | 'because', meanings: ReadonlyMap<string, Meaning>) => {
    const text = raw[column]
    const meaning = text === undefined ? undefined : meanings.get(plain(text))
    if (text !== undefined && meaning === undefined) wrong(column, 'word')
    return meaning
  }

  if (raw.number === undefined) wrong('number', 'missing')
  else if (checked('number', number) !== undefined) {
    if (others.length > 0) wrong('number', 'twice', others.join(', '))
    else if (lost) wrong('number', 'zeros', `${lost.number} ${lost.name}`)
  }
  const name = checked('name', raw.name)
  const born = raw.born === undefined ? undefined : dayOf(raw.born)
  if (raw.born !== undefined && born === undefined) wrong('born', 'wrong')
  const cell = checked('cell', raw.cell)
  const status = word('status', statusOf)
  const because = word('because', leavingOf)
  const { row } = raw

  if (person) {
    if (raw.name !== undefined && name !== undefined && name !== person.name) wrong('name', 'otherName', person.name)
    if (person.leftAt !== null && raw.because === undefined) wrong('number', 'left', person.name)
    if (problems.length > 0) return { problems }
    if (person.leftAt !== null) return { unchanged: true }
    const inside = insideOf(person)
    if (because) return { leave: { row, ...inside, because } }
    const now = { status: status ?? person.status, cell: cell ?? person.cell, born: born ?? person.born }
    const same = now.status === person.status && now.cell === person.cell && now.born === person.born
    return same ? { unchanged: true } : { change: { row, ...inside, now } }
  }

  if (raw.because !== undefined && raw.number !== undefined) wrong('number', 'unknown')
  else for (const column of ['name', 'status', 'cell'] as const) if (raw[column] === undefined) wrong(column, 'missing')
  if (problems.length > 0 || name === undefined || status === undefined || cell === undefined) return { problems }
  return { add: { row, number, name, status, cell, ...(born !== undefined && { born }) } }
}

const insideOf = ({ id, number, name, status, cell, born }: Known): Inside => ({
  person: id,
  number,
  name,
  was: { status, cell, born },
})

/** As the forms of the administration read it. */
const normal = (text: string | undefined): string => (text ?? '').normalize('NFC').trim()

/** A day of birth, as spreadsheets and people write it. */
function dayOf(text: string): string | undefined {
  const parts = /^(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?:T.*|日)?$/.exec(text)
  const day = parts
    ?.slice(1)
    .map((part) => part.padStart(2, '0'))
    .join('-')
  return v.is(Born, day) ? day : undefined
}

/** How a spreadsheet writes a day: what was `3-02` before it was opened there. */
const isDay = (column: Column, text: string): boolean =>
  column !== 'name' && /^\d{4}-\d\d-\d\dT|^\d{1,2}月\d{1,2}日$|^\d{1,2}-[A-Z][a-z]{2}$/.test(text)

/** How many steps go into one write: all of it is done, or nothing. */
export const stepsAtOnce = 1000
