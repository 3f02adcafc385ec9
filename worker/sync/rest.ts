// Only the rest of a change of which a phone has the beginning.
import type { Change } from '#db/matter.ts'
import { base64, sha256 } from '#db/record.ts'
import { hashLength, type Begun } from '#db/rest.ts'

/** @returns undefined where it is none */
export function readBegun(text: string): Begun | undefined {
  const [, length, hash] = /^(\d{1,7}) ([A-Za-z0-9+/]{22})$/.exec(text) ?? []
  return length && hash ? { length: Number(length), hash } : undefined
}

/** @returns the changes, of the first one only what is missing, as text, where it still begins as the phone knows it */
export function restOf(changes: readonly Change[], { length, hash }: Begun): readonly (Change | string)[] {
  const [first, ...others] = changes
  const text = JSON.stringify(first ?? '')
  const begun = new TextEncoder().encode(text.slice(0, length))
  const same = length < text.length && base64(sha256(begun)).slice(0, hashLength) === hash
  return same ? [text.slice(length), ...others] : changes
}
