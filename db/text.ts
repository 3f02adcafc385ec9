// Text at the door: well-formed Unicode, NFC, counted in graphemes as a reader counts.
import * as v from 'valibot'

/**
 * What a field of plain text must be.
 *
 * @param graphemes how many characters a reader may count; a family emoji is one
 * @param bytes how long it may be in UTF-8: one grapheme can be hundreds of bytes
 */
export const text = ({ graphemes, bytes, mayBeEmpty }: { graphemes: number; bytes: number; mayBeEmpty?: true }) =>
  v.pipe(
    v.string(),
    v.maxLength(bytes), // before anything that costs: no UTF-16 unit is less than one byte
    v.check(wellFormed, 'well-formed'),
    v.transform((written) => written.normalize('NFC')),
    v.check((written) => mayBeEmpty === true || written.trim() !== '', 'empty'),
    v.maxBytes(bytes),
    // no grapheme is less than one UTF-16 unit: most letters are short enough without being taken apart
    v.check((written) => written.length <= graphemes || countGraphemes(written) <= graphemes, 'too long'),
  )

/** A lone surrogate has no UTF-8 form: it would be lost on the wire without a word. */
export const wellFormed = (written: string): boolean => !LONE_SURROGATE.test(written)

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:[^\uD800-\uDBFF]|^)[\uDC00-\uDFFF]/

/**
 * How many characters a reader sees. Where the browser has no `Intl.Segmenter` (Chrome < 87, Firefox < 125) code
 * points are counted: never fewer than graphemes, so the phone is stricter than the server, never laxer.
 */
export function countGraphemes(written: string): number {
  if (typeof Intl.Segmenter !== 'function') return [...written].length
  segmenter ??= new Intl.Segmenter('zh', { granularity: 'grapheme' })
  let count = 0
  for (const _ of segmenter.segment(written)) count += 1
  return count
}
let segmenter: Intl.Segmenter | undefined
