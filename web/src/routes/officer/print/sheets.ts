// A letter cut into A4 sheets of its own: a browser's page counter counts the whole print, and each letter of a batch
// must say "1 of 3" for itself. What fits is asked of the browser; how to cut is said here.
import { directionOf, graphemes } from '#web/parts/passages.ts'

/** A paragraph, or the part of it that stands on one sheet. */
export interface Part {
  readonly text: string
  readonly direction: 'ltr' | 'rtl'
  /** the paragraph began on the sheet before: no new indent */
  readonly goesOn: boolean
}

/**
 * @param fits whether these parts, one below the other, are no higher than a sheet
 * @returns at least one sheet; every character of the letter is on exactly one
 */
export function sheetsOf(body: string, fits: (parts: readonly Part[]) => boolean): Part[][] {
  const sheets: Part[][] = []
  let sheet: Part[] = []
  const turn = () => {
    sheets.push(sheet)
    sheet = []
  }
  for (const line of body.split('\n')) {
    const direction = directionOf(line)
    let rest: Part = { text: line, direction, goesOn: false }
    while (!fits([...sheet, rest])) {
      const cut = longestThatFits(rest, (part) => fits([...sheet, part]))
      if (cut.length > 0) sheet.push({ ...rest, text: cut })
      else if (sheet.length === 0) break // higher than a whole sheet on its own: let it run over rather than lose it
      if (cut.length > 0) rest = { text: rest.text.slice(cut.length), direction, goesOn: true }
      turn()
    }
    sheet.push(rest)
  }
  turn()
  return sheets
}

/** By halves over whole characters: a letter of 2,000 asks eleven times. */
function longestThatFits(part: Part, fits: (part: Part) => boolean): string {
  const characters = graphemes(part.text)
  let low = 0
  let high = characters.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits({ ...part, text: characters.slice(0, middle).join('') })) low = middle
    else high = middle - 1
  }
  return characters.slice(0, low).join('')
}
