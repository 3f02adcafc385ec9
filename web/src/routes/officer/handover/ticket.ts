// The square code on a printed cover: which letter, which edition. It opens a page; a tap there hands over.
import * as v from 'valibot'
import { Id, reference } from '#db/id.ts'

export interface Ticket {
  readonly matter: Id
  readonly edition: number
}

/** After `#`, so that it reaches no server and no log. */
export const ticketFragment = ({ matter, edition }: Ticket): string => `${matter}.${edition}`

export const ticketLink = (origin: string, ticket: Ticket): string =>
  `${origin}/officer/handover#${ticketFragment(ticket)}`

/**
 * @param scanned what a camera read, or a fragment with or without its `#`
 * @returns undefined for any other code in the world
 */
export function readTicket(scanned: string): Ticket | undefined {
  const found = /^(?:.*\/officer\/handover)?#?([0-9a-f-]{36})\.(\d{1,9})$/.exec(scanned.trim())
  const matter = v.safeParse(Id, found?.[1])
  return matter.success ? { matter: matter.output, edition: Number(found?.[2]) } : undefined
}

/**
 * What somebody typed of the number printed on the cover, as the end of an id; spaces and case do not matter.
 *
 * @returns 8 hex digits, or undefined
 */
export function readReference(typed: string): string | undefined {
  const digits = typed.replace(/[\s-]/g, '').toLowerCase()
  return /^[0-9a-f]{8}$/.test(digits) ? digits : undefined
}

export const hasReference = (id: Id, digits: string): boolean => reference(id).replace(' ', '').toLowerCase() === digits
