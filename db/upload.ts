// A request that is too heavy for one connection: the house keeps of its body what has come, and the phone goes on from
// there. What it is known by is the hash of the whole, so that pieces of two requests are never mixed.

/** On a request whose body is a piece of another's: `hash from of`. */
export const uploadHeader = 'x-etongban-upload'

/** Bytes of a body: from the first one, up to the one behind the last. */
export type Range = readonly [from: number, to: number]

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

/** In order, and none touching another. */
export function joined(ranges: readonly Range[]): Range[] {
  const whole: Range[] = []
  for (const [from, to] of [...ranges].sort(([one], [next]) => one - next)) {
    const last = whole.at(-1)
    if (from >= to) continue
    if (last && from <= last[1]) whole[whole.length - 1] = [last[0], Math.max(last[1], to)]
    else whole.push([from, to])
  }
  return whole
}

/** What is not among them, of a body of so many bytes. */
export function missing(have: readonly Range[], of: number): Range[] {
  const gaps: Range[] = []
  let at = 0
  for (const [from, to] of joined(have)) {
    if (from > at) gaps.push([at, from])
    at = to
  }
  if (at < of) gaps.push([at, of])
  return gaps
}

export const sizeOf = (ranges: readonly Range[]): number =>
  joined(ranges).reduce((sum, [from, to]) => sum + to - from, 0)
