// Codes on paper and on screens: invites and enrolments. They name their house, so that the right ledger is asked,
// and carry enough chance that nobody guesses one. Only their hash is kept.
import { eq } from 'drizzle-orm'
import { directory } from '#db/directory.ts'
import type { Id } from '#db/id.ts'
import { facility } from '#db/tables/directory.ts'
import type { Env } from '../env.ts'

// Crockford's base 32: nothing in it is mistaken for another when it is read out or written by hand.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const BITS_PER_CHARACTER = 5

/** @returns such as `qingshan-9k2m…`, with at least `bits` of chance */
export function newCode(houseCode: string, bits: number): string {
  const random = crypto.getRandomValues(new Uint8Array(Math.ceil(bits / BITS_PER_CHARACTER)))
  return `${houseCode}-${[...random].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('')}`
}

/** A code as it was made, from how somebody typed it. */
export function normalCode(typed: string): string {
  const [houseCode = '', ...rest] = typed.normalize('NFKC').toLowerCase().replace(/\s/g, '').split('-')
  return `${houseCode}-${rest.join('').replaceAll('o', '0').replace(/[il]/g, '1')}`
}

/** @returns SHA-256 of a code or token, base64url: what is kept of it */
export async function hashOf(code: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(code)))
  return btoa(String.fromCharCode(...hash))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** @returns the house that a code names, or undefined where there is none */
export async function houseOfCode(env: Env, code: string): Promise<Id | undefined> {
  const [found] = await directory(env)
    .select({ id: facility.id })
    .from(facility)
    .where(eq(facility.code, code.slice(0, code.indexOf('-'))))
  return found?.id
}
