// A request that is too heavy for one connection: the house keeps of its body what has come, and the phone goes on from
// there. What it is known by is the hash of the whole, so that pieces of two requests are never mixed.
import type { Range } from './ranges.ts'

/** On a request whose body is a piece of another's: `hash from of`. */
export const uploadHeader = 'x-etongban-upload'

/** Where a piece belongs. One without a byte only asks what has come. */
export interface Piece {
  /** SHA-256 of the whole body as it travels, base64 */
  readonly hash: string
  readonly from: number
  /** how long the whole body is */
  readonly of: number
}

/** The answer to a piece after which some are still missing. */
export interface Have {
  readonly have: readonly Range[]
}

export const pieceText = ({ hash, from, of }: Piece): string => [hash, from, of].join(' ')
