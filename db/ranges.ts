// Which bytes of a body have come, and which are missing.

/** Bytes of a body: from the first one, up to the one behind the last. */
export type Range = readonly [from: number, to: number]

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
