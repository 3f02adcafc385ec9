// A letter laid out for reading: paragraphs, each in its own direction, cut where a mark or a change begins or ends.
// Offsets are UTF-16 units into the whole letter, as marks hold them; what comes out is plain text, never markup.

export interface Passage {
  readonly from: number
  readonly to: number
}

/** A run of text over which nothing begins or ends. */
export interface Piece {
  readonly from: number
  readonly text: string
  /** which marks cover it, by their position in the list given */
  readonly marks: readonly number[]
  /** whether the writer added it since the edition before */
  readonly added: boolean
  /** whether it is being chosen for a mark right now */
  readonly chosen: boolean
  /** what the writer took out just before it */
  readonly removed: string
}

export interface Paragraph {
  readonly from: number
  readonly direction: 'ltr' | 'rtl'
  readonly pieces: readonly Piece[]
}

export interface Layers {
  readonly marks?: readonly Passage[]
  readonly added?: readonly Passage[]
  readonly removed?: readonly { readonly at: number; readonly text: string }[]
  readonly chosen?: Passage | undefined
}

export function paragraphsOf(body: string, layers: Layers = {}): Paragraph[] {
  const { marks = [], added = [], removed = [], chosen } = layers
  const cuts = new Set<number>()
  for (const passage of [...marks, ...added, ...(chosen ? [chosen] : [])]) cuts.add(passage.from).add(passage.to)
  for (const gone of removed) cuts.add(gone.at)
  const sorted = [...cuts].sort((one, other) => one - other)
  const goneAt = new Map(removed.map((gone) => [gone.at, gone.text]))

  const paragraphs: Paragraph[] = []
  let from = 0
  for (const line of body.split('\n')) {
    const end = from + line.length
    const edges = [from, ...sorted.filter((cut) => cut > from && cut < end), end]
    const pieces: Piece[] = []
    for (let index = 0; index + 1 < edges.length; index += 1) {
      const here: Passage = { from: edges[index] ?? from, to: edges[index + 1] ?? end }
      pieces.push({
        from: here.from,
        text: body.slice(here.from, here.to),
        marks: marks.flatMap((mark, position) => (covers(mark, here) ? [position] : [])),
        added: added.some((passage) => covers(passage, here)),
        chosen: chosen !== undefined && covers(chosen, here),
        removed: goneAt.get(here.from) ?? '',
      })
    }
    // What was taken out at the very end of a line stands before its line break, where no piece begins.
    const last = end > from ? goneAt.get(end) : undefined
    if (last !== undefined) pieces.push({ ...NOTHING, from: end, removed: last })
    paragraphs.push({ from, direction: directionOf(line), pieces })
    from = end + 1
  }
  return paragraphs
}

/**
 * Which way a paragraph reads, by its first strong letter, as `dir="auto"` does; said outright, because a paragraph
 * that is cut (by a mark, or at the end of a printed page) must not turn round.
 */
export function directionOf(line: string): 'ltr' | 'rtl' {
  const strong = /[\p{L}\p{Nl}]/u.exec(line)?.[0]
  return strong !== undefined && RIGHT_TO_LEFT.test(strong) ? 'rtl' : 'ltr'
}

/** The text as its reader counts it; without `Intl.Segmenter` by code points. */
export function graphemes(text: string): string[] {
  if (typeof Intl.Segmenter !== 'function') return [...text]
  segmenter ??= new Intl.Segmenter('zh', { granularity: 'grapheme' })
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}
let segmenter: Intl.Segmenter | undefined

/** The passage grown to whole characters, without the white space at its ends; undefined where nothing is left. */
export function wholeCharacters(body: string, passage: Passage): Passage | undefined {
  let from: number | undefined
  let to = 0
  let at = 0
  for (const grapheme of graphemes(body)) {
    const end = at + grapheme.length
    if (end > passage.from && at < passage.to && grapheme.trim() !== '') {
      from ??= at
      to = end
    }
    if (at >= passage.to) break
    at = end
  }
  return from === undefined ? undefined : { from, to }
}

/** The letter's sentences, in order, without the white space between them. */
export function sentencesOf(body: string): Passage[] {
  const sentences: Passage[] = []
  for (const found of body.matchAll(SENTENCE)) {
    const text = found[0].trim()
    if (text === '') continue
    const from = found.index + found[0].indexOf(text)
    sentences.push({ from, to: from + text.length })
  }
  return sentences
}

/** Up to and with the sign that ends it; a line break always ends it. A full stop inside 3.14 does not. */
const SENTENCE = /[^\n。！？!?；;…]*?(?:[。！？!?；;…]+[”’」』）)"']*|\.(?=\s|$)|(?=\n)|$)/gm

const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

const NOTHING: Piece = { from: 0, text: '', marks: [], added: false, chosen: false, removed: '' }

const covers = (outer: Passage, inner: Passage): boolean =>
  inner.from < inner.to && outer.from <= inner.from && outer.to >= inner.to
