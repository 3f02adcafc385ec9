// What a writer changed between two editions, told in whole characters: a family emoji is never half new.
import { DIFF_DELETE, DIFF_EQUAL, diff, diffCleanupSemantic } from 'diff-match-patch-es'
import { graphemes } from './passages.ts'

/** What changed in a text, in UTF-16 units of the newer edition. */
export interface Changes {
  /** passages that the older edition did not have */
  readonly added: readonly { readonly from: number; readonly to: number }[]
  /** what the older edition had, and where it stood */
  readonly removed: readonly { readonly at: number; readonly text: string }[]
}

/** Two letters with nothing in common cost most, and their difference says least: by then it is called rewritten. */
const LIMIT_SECONDS = 0.08

/** Below this share of kept characters a reader does better with both editions side by side. */
const KEPT_SHARE = 0.2

/**
 * @returns the changes, or `rewritten` where so little was kept that only reading both says anything
 */
export function changesBetween(older: string, newer: string): Changes | 'rewritten' {
  const names = new Naming()
  const before = names.of(older)
  const after = names.of(newer)
  if (names.tooMany) return 'rewritten'

  const pieces = diff(before, after, { diffTimeout: LIMIT_SECONDS })
  diffCleanupSemantic(pieces)

  const added: { from: number; to: number }[] = []
  const removed: { at: number; text: string }[] = []
  let at = 0
  let kept = 0
  for (const [operation, piece] of pieces) {
    const text = names.back(piece)
    if (operation === DIFF_DELETE) {
      removed.push({ at, text })
      continue
    }
    if (operation === DIFF_EQUAL) kept += piece.length
    else added.push({ from: at, to: at + text.length })
    at += text.length
  }
  const longer = Math.max(before.length, after.length)
  return longer > SHORT && kept < longer * KEPT_SHARE ? 'rewritten' : { added, removed }
}

/** A line or two reads well however much of it changed. */
const SHORT = 60

/** Gives each different grapheme one UTF-16 unit as its name, below the surrogates, so that the diff never cuts one. */
class Naming {
  readonly #names = new Map<string, string>()
  readonly #graphemes: string[] = []

  get tooMany(): boolean {
    return this.#graphemes.length >= 0xd800
  }

  of(text: string): string {
    let named = ''
    for (const grapheme of graphemes(text)) {
      let name = this.#names.get(grapheme)
      if (name === undefined) {
        name = String.fromCharCode(this.#graphemes.length)
        this.#names.set(grapheme, name)
        this.#graphemes.push(grapheme)
      }
      named += name
    }
    return named
  }

  back(named: string): string {
    let text = ''
    for (let index = 0; index < named.length; index += 1) text += this.#graphemes[named.charCodeAt(index)] ?? ''
    return text
  }
}
