import { describe, expect, test } from 'vitest'
import * as v from 'valibot'
import { Mark } from '#db/matters/letter.ts'
import { addMark, changeMark, lackingAdvice, maxMarks, removeMark } from '#web/routes/officer/marks.ts'

const body = '案子的事你别怕，那个人说了。天冷多穿点。'
const ready = (reason: string) => (reason === 'other' ? '' : `advice for ${reason}`)

describe('marking a letter', () => {
  test('a passage gets its reason and the ready advice, fit to be sent', () => {
    const { marks, at } = addMark([], body, { from: 0, to: 7 }, 'caseTalk', '请删去这一段')
    expect(at).toBe(0)
    expect(v.parse(v.array(Mark), marks)).toEqual([{ from: 0, to: 7, reason: 'caseTalk', advice: '请删去这一段' }])
  })

  test('marking more of the same sentence for the same reason makes one mark, and keeps what was written for it', () => {
    const first = addMark([], body, { from: 0, to: 5 }, 'caseTalk', 'mine').marks
    const { marks } = addMark(first, body, { from: 3, to: 9 }, 'caseTalk', 'ready')
    expect(marks).toEqual([{ from: 0, to: 9, reason: 'caseTalk', advice: 'mine' }])
  })

  test('a passage that joins two marks makes one of three', () => {
    let marks = addMark([], body, { from: 0, to: 2 }, 'abuse', 'a').marks
    marks = addMark(marks, body, { from: 6, to: 8 }, 'abuse', 'b').marks
    marks = addMark(marks, body, { from: 1, to: 7 }, 'abuse', 'c').marks
    expect(marks).toEqual([{ from: 0, to: 8, reason: 'abuse', advice: 'a' }])
  })

  test('two reasons may lie over each other, in the order of the letter', () => {
    const first = addMark([], body, { from: 4, to: 9 }, 'caseTalk', 'x').marks
    const { marks, at } = addMark(first, body, { from: 0, to: 6 }, 'contact', 'y')
    expect(marks.map(({ reason }) => reason)).toEqual(['contact', 'caseTalk'])
    expect(at).toBe(0)
  })

  test('white space cannot be marked, and the list ends where the server would end it', () => {
    expect(addMark([], '甲 \n乙', { from: 1, to: 3 }, 'abuse', 'x').at).toBeUndefined()
    const long = '字'.repeat(300)
    let marks: readonly Mark[] = []
    for (let at = 0; at < maxMarks + 5; at += 1)
      marks = addMark(marks, long, { from: at * 4, to: at * 4 + 2 }, 'abuse', 'x').marks
    expect(marks).toHaveLength(maxMarks)
  })

  test('another reason brings its own advice, unless the officer wrote one', () => {
    const marks = addMark([], body, { from: 0, to: 5 }, 'caseTalk', ready('caseTalk')).marks
    expect(changeMark(marks, 0, { reason: 'abuse' }, ready)[0]?.advice).toBe('advice for abuse')
    const own = changeMark(marks, 0, { advice: '别写这个' }, ready)
    expect(changeMark(own, 0, { reason: 'abuse' }, ready)[0]?.advice).toBe('别写这个')
  })

  test('“other” waits for words, and a mark can be taken away', () => {
    const marks = addMark([], body, { from: 0, to: 5 }, 'other', ready('other')).marks
    expect(lackingAdvice(marks)).toEqual([0])
    expect(removeMark(marks, 0)).toEqual([])
  })
})
