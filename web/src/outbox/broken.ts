// An answer that broke off in the middle: all that came whole counts, and of the change in which it broke its beginning.
import type { Cursor, Places, SyncAnswer } from '#db/command.ts'
import type { Change } from '#db/matter.ts'
import { begunText, hashLength, restHeader } from '#db/rest.ts'
import { canHash, hashOf } from './hash.ts'

/** The beginning of the change that comes next, and how the house is told of it. */
export interface Rest {
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
}

/** Less of a change than this is not worth a header. */
const leastChars = 200

/**
 * What came, as an answer of its own: it tells the fates that came, and after it the phone stands where the first change
 * that did not come begins.
 *
 * @param text an answer as the house writes it, in lines, or the beginning of one
 * @param before what was told to the house as already here: of its first change the answer may then hold only the rest
 * @throws SyntaxError where not even its first line came whole
 */
export async function asFarAsItCame(
  text: string,
  before: Rest | undefined,
): Promise<{ answer: SyncAnswer; broke?: true; rest?: Rest | undefined; further?: boolean }> {
  const whole = readWhole(text)
  if (whole) return { answer: withFirst(whole, before) }
  const end = Math.max(0, text.lastIndexOf('\n'))
  const {
    cursor = {},
    places = [],
    ...came
  } = JSON.parse(`${text.slice(0, end).replace(/,$/, '')}]}`) as Partial<SyncAnswer> & Pick<SyncAnswer, 'v'>
  const { changes = [] } = came
  const answer = { ...empty, ...came, cursor: cursorAt(changes.length, cursor, places), more: true }
  // A character of which only a part came is read as a mark.
  const line = text.slice(end + 1).replace(/\uFFFD+$/, '')
  const next = came.changes ? begins(line, changes.length === 0 ? before : undefined) : before?.text
  const further = next !== undefined && next.length > (changes.length === 0 ? (before?.text.length ?? 0) : 0)
  return { answer: withFirst(answer, before), broke: true, rest: await restAt(next), further }
}

const empty = { asked: [], results: [], gone: [], now: 0, changes: [] }

function readWhole(text: string): SyncAnswer | undefined {
  try {
    return JSON.parse(text) as SyncAnswer
  } catch {
    return undefined
  }
}

/** Its first change whole, where only the rest of it came. */
function withFirst(answer: SyncAnswer, before: Rest | undefined): SyncAnswer {
  const [first, ...others] = answer.changes as readonly unknown[]
  if (typeof first !== 'string' || !before) return answer
  return { ...answer, changes: [JSON.parse(before.text + first) as Change, ...(others as Change[])] }
}

/** How the next change begins, where its line broke off; after the beginning that was here, where it is the rest of it. */
function begins(line: string, before: Rest | undefined): string | undefined {
  if (!before || !line.startsWith('"')) return line.startsWith('{') ? line : before?.text
  // A text that breaks off within an escape is read up to it.
  for (let end = line.length; end > Math.max(0, line.length - 6); end -= 1)
    try {
      return before.text + (JSON.parse(`${line.slice(0, end)}"`) as string)
    } catch {
      continue
    }
  return before.text
}

/** Where there is no HTTPS browsers hash nothing: there a change comes whole or not at all. */
async function restAt(text: string | undefined): Promise<Rest | undefined> {
  if (!text || text.length < leastChars || !canHash()) return undefined
  const hash = (await hashOf(new TextEncoder().encode(text))).slice(0, hashLength)
  return { text, headers: { [restHeader]: begunText({ length: text.length, hash }) } }
}

/** Houses of whose changes none came are left out: what is said of them is as good as unsaid. */
function cursorAt(came: number, cursor: Cursor, places: readonly Places[]): Cursor {
  const reached: Cursor = { ...cursor }
  let before = 0
  for (const { facility, since, apart } of places) {
    const here = Math.min(apart.length, Math.max(0, came - before))
    before += apart.length
    if (here === 0) delete reached[facility]
    else if (here < apart.length) reached[facility] = [sum(apart.slice(0, here + 1)), since]
  }
  return reached
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
