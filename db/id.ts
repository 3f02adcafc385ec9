// Ids: UUIDv7, made where the thing is made, so that they sort in the order in which things were done.
import { uuidv7obj, V7Generator } from 'uuidv7'
import * as v from 'valibot'

declare const brand: unique symbol
/** A UUID as 36 lower-case characters. Those made here are version 7. */
export type Id = string & { readonly [brand]: 'id' }

/** What an id from outside must look like. */
export const Id = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  v.transform((text) => text as Id),
)

/** A new id. Its first 48 bits are this device's clock in milliseconds: good for order, no proof of time. */
export const newId = (): Id => uuidv7obj().toString() as Id

/** A new id that sorts behind `last`, even where this device's clock has been set back since that one was made. */
export function newIdAfter(last: Id | undefined): Id {
  const id = newId()
  if (last === undefined || id > last) return id
  const lastMs = parseInt(last.slice(0, 8) + last.slice(9, 13), 16)
  return new V7Generator().generateOrResetCore(lastMs + 1, 0).toString() as Id
}

/**
 * The number of a matter as people read it out over the telephone: the last 8 hex digits in two groups.
 * It is for speaking only; every look-up uses the whole id.
 */
export const reference = (id: Id): string => `${id.slice(-8, -4)} ${id.slice(-4)}`.toUpperCase()
