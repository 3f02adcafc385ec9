// An answer that broke off in the middle: all that came whole counts, and nothing else.
import type { Cursor, Places, SyncAnswer } from '#db/command.ts'

/**
 * What came, as an answer of its own: it tells the fates that came, and after it the phone stands where the first change
 * that did not come begins.
 *
 * @param text the beginning of an answer as the house writes it, in lines
 * @throws SyntaxError where not even its first line came whole
 */
export function asFarAsItCame(text: string): SyncAnswer {
  const whole = text.slice(0, Math.max(0, text.lastIndexOf('\n'))).replace(/,$/, '')
  const { cursor = {}, places = [], ...came } = JSON.parse(`${whole}]}`) as Pick<SyncAnswer, 'v'> & Partial<SyncAnswer>
  const { changes = [] } = came
  return { ...empty, ...came, cursor: cursorAt(changes.length, cursor, places), more: true }
}

const empty = { asked: [], results: [], gone: [], now: 0, changes: [] }

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
