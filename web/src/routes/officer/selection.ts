// What a finger or a mouse has selected, as a passage of the letter: only its own text counts, not what was taken out.
import type { Passage } from '#web/parts/passages.ts'

// Written out in LetterText.svelte: attributes by a variable name would bring a relative's phone 2 kB of framework.
/** Each paragraph carries this: where in the letter it begins. */
const PARAGRAPH = 'data-from'
/** Text on the screen that is no longer in the letter. */
const GONE = 'data-gone'

/** @returns undefined where nothing of the letter is selected */
export function selectedPassage(letter: Element, selection: Selection | null): Passage | undefined {
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return undefined
  const range = selection.getRangeAt(0)
  if (!range.intersectsNode(letter)) return undefined

  const whole = document.createRange()
  whole.selectNodeContents(letter)
  const startsBefore = range.compareBoundaryPoints(Range.START_TO_START, whole) < 0
  const endsAfter = range.compareBoundaryPoints(Range.END_TO_END, whole) > 0
  const from = startsBefore ? 0 : offsetAt(letter, range.startContainer, range.startOffset)
  const to = endsAfter ? Infinity : offsetAt(letter, range.endContainer, range.endOffset)
  return from < to ? { from, to } : undefined
}

function offsetAt(letter: Element, node: Node, offset: number): number {
  const element = node instanceof Element ? node : node.parentElement
  const paragraph = element?.closest(`[${PARAGRAPH}]`)
  if (!paragraph) {
    // Between paragraphs: the one behind the boundary begins there, or the letter has ended.
    const next = letter.children[offset]
    return next ? Number(next.getAttribute(PARAGRAPH)) : Infinity
  }
  const before = document.createRange()
  before.setStart(paragraph, 0)
  before.setEnd(node, offset)
  const text = before.cloneContents()
  for (const gone of text.querySelectorAll(`[${GONE}]`)) gone.remove()
  return Number(paragraph.getAttribute(PARAGRAPH)) + (text.textContent ?? '').length
}
