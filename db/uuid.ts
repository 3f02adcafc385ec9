// How ids are made. Apart from their check (id.ts), so that the letter page can carry it in its HTML.
import type { Id } from './id.ts'

/** A new id. Its first 48 bits are this device's clock in milliseconds: good for order, no proof of time. */
export const newId = (): Id => idAt(Date.now())

/** A new id that sorts behind `last`, even where this device's clock has been set back since that one was made. */
export function newIdAfter(last: Id | undefined): Id {
  const id = newId()
  if (last === undefined || id > last) return id
  return idAt(parseInt(last.slice(0, 8) + last.slice(9, 13), 16) + 1)
}

let latestMs = 0
let count = 0
/** A clock that was set back by more than this (ms) is believed; by less, ids go on counting so that order holds. */
const ROLLBACK_MS = 10_000
const MOST = 0xfff

/**
 * Source: RFC 9562 §5.7 and §6.2 method 1: 48 bits of milliseconds, 12 that count within one millisecond, 62 of chance.
 * Ours, because it is inlined in the letter page, where a library for it would be the largest part.
 *
 * @param now UTC milliseconds
 */
function idAt(now: number): Id {
  const [high = 0, low = 0, variant = 0, ...chance] = crypto.getRandomValues(new Uint8Array(10))
  if (now > latestMs || now < latestMs - ROLLBACK_MS) {
    latestMs = now
    count = ((high & 0x07) << 8) | low // half of the room is left to count in
  } else if (count < MOST) count += 1
  else {
    latestMs += 1
    count = 0
  }
  const time = latestMs.toString(16).padStart(12, '0')
  const tail = hex([(variant & 0x3f) | 0x80, ...chance])
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count.toString(16).padStart(3, '0')}-${tail.slice(0, 4)}-${tail.slice(4, 16)}` as Id
}

const hex = (bytes: readonly number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
