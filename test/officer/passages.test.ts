import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changesBetween } from '#web/parts/changes.ts'
import { directionOf, graphemes, paragraphsOf, sentencesOf, wholeCharacters } from '#web/parts/passages.ts'

const family = '👨‍👩‍👧‍👦'

describe('a letter laid out', () => {
  test('gives back every character, whatever marks and changes lie over it', () => {
    const passages = fc.array(
      fc
        .tuple(fc.nat(60), fc.nat(60))
        .map(([one, other]) => ({ from: Math.min(one, other), to: Math.max(one, other) })),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), passages, passages, (body, marks, added) => {
        const paragraphs = paragraphsOf(body, { marks, added, chosen: marks[0] })
        const text = paragraphs.map(({ pieces }) => pieces.map((piece) => piece.text).join('')).join('\n')
        expect(text).toBe(body)
        for (const { pieces } of paragraphs)
          for (const piece of pieces) expect(body.slice(piece.from, piece.from + piece.text.length)).toBe(piece.text)
      }),
    )
  })

  test('shows both marks where two lie over each other', () => {
    const [paragraph] = paragraphsOf('甲乙丙丁', {
      marks: [
        { from: 0, to: 3 },
        { from: 2, to: 4 },
      ],
    })
    expect(paragraph?.pieces.map(({ text, marks }) => [text, marks])).toEqual([
      ['甲乙', [0]],
      ['丙', [0, 1]],
      ['丁', [1]],
    ])
  })

  test('keeps a mark that runs over a line break on both lines', () => {
    const paragraphs = paragraphsOf('甲乙\n丙', { marks: [{ from: 1, to: 4 }] })
    expect(paragraphs.map(({ pieces }) => pieces.map(({ text, marks }) => [text, marks.length]))).toEqual([
      [
        ['甲', 0],
        ['乙', 1],
      ],
      [['丙', 1]],
    ])
  })

  test('keeps each paragraph’s own direction, also where it begins with a number or a mark', () => {
    expect(directionOf('12、سلام')).toBe('rtl')
    expect(directionOf('妈妈 سلام')).toBe('ltr')
    expect(directionOf('')).toBe('ltr')
    expect(directionOf('שלום 妈妈')).toBe('rtl')
  })
})

test('a passage is never half a character, and never white space alone', () => {
  const body = `天${family}冷 \n了`
  expect(wholeCharacters(body, { from: 3, to: 4 })).toEqual({ from: 1, to: 1 + family.length })
  const blank = body.indexOf(' ')
  expect(wholeCharacters(body, { from: blank, to: blank + 2 })).toBeUndefined()
})

test('sentences end where a reader would end them', () => {
  const body = '天冷了，多穿点。“知道吗？”\n爸爸 3.14 元。Mum wrote. Bye\n\n完'
  expect(sentencesOf(body).map(({ from, to }) => body.slice(from, to))).toEqual([
    '天冷了，多穿点。',
    '“知道吗？”',
    '爸爸 3.14 元。',
    'Mum wrote.',
    'Bye',
    '完',
  ])
})

describe('what changed between two editions', () => {
  const apply = (older: string, newer: string) => {
    const changes = changesBetween(older, newer)
    if (changes === 'rewritten') return changes
    // put the older edition together again out of the newer one
    let text = ''
    let at = 0
    const steps = [
      ...changes.added.map(({ from, to }) => ({ from, to, text: '' })),
      ...changes.removed.map(({ at, text }) => ({ from: at, to: at, text })),
    ].sort((one, other) => one.from - other.from || one.to - other.to)
    for (const step of steps) {
      text += newer.slice(at, step.from) + step.text
      at = Math.max(at, step.to)
    }
    return text + newer.slice(at)
  }

  test('is told in whole characters', () => {
    const changes = changesBetween(`我们一家${family}都好`, '我们一家👨‍👩‍👧都好')
    expect(changes).toEqual({
      added: [{ from: 4, to: 4 + '👨‍👩‍👧'.length }],
      removed: [{ at: 4, text: family }],
    })
  })

  test('and the older edition can always be put together from it', () => {
    const text = fc.string({ unit: fc.constantFrom('天', '冷', '了', family, '，', '\n', 'a', '𠀀'), maxLength: 40 })
    fc.assert(
      fc.property(text, text, (older, newer) => {
        expect(apply(older, newer)).toBe(older)
      }),
    )
  })

  test('two letters with nothing in common are called rewritten, within a moment', () => {
    const one = Array.from({ length: 2000 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('')
    const other = Array.from({ length: 2000 }, (_, index) => String.fromCodePoint(0x6e00 + index * 3)).join('')
    expect(changesBetween(one, other)).toBe('rewritten')
    expect(graphemes(family)).toHaveLength(1)
  })
})
