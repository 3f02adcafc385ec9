// How fast the work could be done at all, by somebody who knows the link beforehand.
import { steady, type Capacity } from '../capacity.ts'
import type { LinkShape } from '../link.ts'

/** What a browser and a server say at least for one request: lines and headers without a cookie, measured. */
const head = { up: 460, down: 120 }
/** A handshake of TLS 1.3 as Node and Chromium make it (X25519MLKEM768, an ECDSA certificate), measured. */
const handshake = { up: 1570, down: 1850 }

/**
 * The best possible: all texts gzipped as one, without an envelope, ids or a word too many; every connection is opened
 * the moment the link is up or was reset, and its window is filled to the last byte that still arrives. A window of
 * length P carries up, over TCP,
 *
 *     (P − delay) × rate − head,        over TLS   (P − 3 × delay − hello up / rate − hello down / rate) × rate − head
 *
 * and what is left over goes into the next. Of the last window the answer's way back is part; where that answer does
 * not fit any more it is asked for in the next. A connection of TCP opens at once, as the link's do.
 *
 * @param bytes of the texts, gzipped as one
 * @param way `up` to the server; `down` to a second device, which asks first
 * @returns seconds from the link's coming up until the last acknowledgement, or the last text, is on the phone
 */
export function best(shape: LinkShape, tls: boolean, bytes: number, way: 'up' | 'down'): number {
  const { capacity = { up: steady(Infinity), down: steady(Infinity) }, delayMs = 0, resetEveryMs = Infinity } = shape
  let left = bytes
  for (let window = 0; ; window += 1) {
    const beginsMs = resetEveryMs === Infinity ? 0 : window * resetEveryMs
    const endsMs = beginsMs + resetEveryMs
    let at = beginsMs
    if (tls) {
      at = capacity.up(at, handshake.up) + delayMs
      at = capacity.down(at, handshake.down) + delayMs
    }
    const [upBytes, downBytes] = way === 'up' ? [left, 0] : [0, left]
    const arrivedMs = capacity.up(at, head.up + upBytes) + delayMs
    const answeredMs = capacity.down(arrivedMs, head.down + downBytes) + delayMs
    if (answeredMs <= endsMs) return answeredMs / 1000

    if (way === 'up') left = Math.max(0, left - mostBy(endsMs - delayMs, at, capacity.up, head.up))
    else {
      const asked = capacity.up(at, head.up) + delayMs
      left = Math.max(0, left - mostBy(endsMs - delayMs, asked, capacity.down, head.down))
    }
    if (window > 10_000) throw new Error('a link that carries nothing')
  }
}

/** How many bytes beyond `first` have gone by `endMs`, if they start at `fromMs`. */
function mostBy(endMs: number, fromMs: number, capacity: Capacity, first: number): number {
  let [fits, over] = [0, 2 ** 24]
  while (over - fits > 1) {
    const tried = Math.floor((fits + over) / 2)
    if (capacity(fromMs, first + tried) <= endMs) fits = tried
    else over = tried
  }
  return fits
}
