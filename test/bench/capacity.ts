// What a link can carry, as a function of time: pure, so that the link itself and the best it allows are reckoned alike.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * When bytes have left, one way.
 *
 * @param fromMs when the first of them may go, milliseconds since the link came up
 * @returns when the last has gone, on the same clock
 */
export type Capacity = (fromMs: number, bytes: number) => number

export const steady =
  (bytesPerSecond: number): Capacity =>
  (fromMs, bytes) =>
    fromMs + (bytes / bytesPerSecond) * 1000

const rowMs = 100

/**
 * A recorded link, again from its beginning after its end. Within a row bytes flow evenly.
 *
 * @param rows bytes that get through in each 100 ms
 * @param offsetMs where in the recording the link comes up, a multiple of 100
 */
export const recorded =
  (rows: readonly number[], offsetMs: number): Capacity =>
  (fromMs, bytes) => {
    let at = fromMs
    let left = bytes
    for (;;) {
      const row = Math.floor((at + offsetMs) / rowMs)
      const endsMs = (row + 1) * rowMs - offsetMs
      const perMs = (rows[row % rows.length] ?? 0) / rowMs
      if (perMs > 0 && left <= perMs * (endsMs - at)) return at + left / perMs
      left -= perMs * (endsMs - at)
      at = endsMs
    }
  }

/**
 * @param name of a file in `traces/`, without its ending
 * @param divisor for the edge of a weaker cell: each row is divided by it
 */
export function readTrace(name: string, divisor: number): { down: number[]; up: number[] } {
  const [, ...lines] = readFileSync(join(import.meta.dirname, 'traces', `${name}.csv`), 'utf8')
    .trim()
    .split('\n')
  const rows = lines.map((line) => line.split(',').map((bytes) => Number(bytes) / divisor))
  return { down: rows.map(([down]) => down ?? 0), up: rows.map(([, up]) => up ?? 0) }
}
