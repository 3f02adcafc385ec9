// The marks of one reviewer on one letter, while they are being made: a list that is always fit to be sent.
import type { Mark, Reason } from '#db/matters/letter.ts'
import { wholeCharacters, type Passage } from '#web/parts/passages.ts'

/** `Return` takes no more (db/matters/letter.ts). */
export const maxMarks = 50

/**
 * The list with one more passage marked. It grows to whole characters. Where it touches a mark with the same reason
 * the two become one, because two notes on one sentence only confuse its writer; another reason stands beside it.
 *
 * @returns the marks in the order of the letter, and which of them holds the passage; the list as it was, and
 *   undefined, where the passage is only white space or the list is full
 */
export function addMark(
  marks: readonly Mark[],
  body: string,
  passage: Passage,
  reason: Reason,
  advice: string,
): { marks: readonly Mark[]; at: number | undefined } {
  const whole = wholeCharacters(body, passage)
  if (!whole) return { marks, at: undefined }

  const touches = (mark: Mark) => mark.reason === reason && mark.from <= whole.to && mark.to >= whole.from
  const touched = marks.filter(touches)
  if (touched.length === 0 && marks.length >= maxMarks) return { marks, at: undefined }

  const grown: Mark = {
    from: Math.min(whole.from, ...touched.map((mark) => mark.from)),
    to: Math.max(whole.to, ...touched.map((mark) => mark.to)),
    reason,
    // What the officer already wrote for it stays.
    advice: touched[0]?.advice ?? advice,
  }
  const list = [...marks.filter((mark) => !touches(mark)), grown].sort(inLetterOrder)
  return { marks: list, at: list.indexOf(grown) }
}

/** The list with one mark's reason or advice changed. Advice that was only the old reason's ready one follows along. */
export function changeMark(
  marks: readonly Mark[],
  at: number,
  change: Partial<Pick<Mark, 'reason' | 'advice'>>,
  readyAdvice: (reason: Reason) => string,
): readonly Mark[] {
  return marks.map((mark, position) => {
    if (position !== at) return mark
    const changed = { ...mark, ...change }
    const untouched = change.reason !== undefined && mark.advice === readyAdvice(mark.reason)
    return untouched ? { ...changed, advice: readyAdvice(changed.reason) } : changed
  })
}

export const removeMark = (marks: readonly Mark[], at: number): readonly Mark[] =>
  marks.filter((_, position) => position !== at)

/** Which marks still lack the advice that their writer is owed; the letter goes back only when none does. */
export const lackingAdvice = (marks: readonly Mark[]): number[] =>
  marks.flatMap((mark, position) => (mark.advice.trim() === '' ? [position] : []))

const inLetterOrder = (one: Mark, other: Mark): number => one.from - other.from || one.to - other.to
