// Ids: UUIDv7, made where the thing is made, so that they sort in the order in which things were done.
import * as v from 'valibot'

export { newId, newIdAfter } from './uuid.ts'

declare const brand: unique symbol
/** A UUID as 36 lower-case characters. Those made here are version 7. */
export type Id = string & { readonly [brand]: 'id' }

/** What an id from outside must look like. */
export const Id = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  v.transform((text) => text as Id),
)

/**
 * The number of a matter as people read it out over the telephone: the last 8 hex digits in two groups.
 * It is for speaking only; every look-up uses the whole id.
 */
export const reference = (id: Id): string => `${id.slice(-8, -4)} ${id.slice(-4)}`.toUpperCase()
