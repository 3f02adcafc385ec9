// Passkeys, as a browser makes and uses them, for officers and relatives alike: what the house asks is handed to the
// browser, and its answer to the house. Needs a network.
import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
  type PublicKeyCredentialCreationOptionsJSON as ToMake,
  type PublicKeyCredentialRequestOptionsJSON as ToSign,
} from '@simplewebauthn/browser'
import type { Refusal } from '#db/refusal.ts'
import { ask, type Asked } from './ask.ts'

export type { ToMake, ToSign }

/** What kept it from coming about. */
export type Trouble = 'cancelled' | 'wrong' | 'known' | 'unable' | 'silent' | 'tooMany' | 'failed' | 'code'

export type Impossible = 'address' | 'insecure' | 'unsupported'

/** Why this browser can have no passkey for this page, where that is so. */
export function whyNot(): Impossible | undefined {
  if (/^[\d.]+$|^\[/.test(location.hostname)) return 'address'
  if (!isSecureContext) return 'insecure'
  return browserSupportsWebAuthn() ? undefined : 'unsupported'
}

/** Whether this browser can offer passkeys at the field that somebody is about to type in. */
export const canOfferAtField = browserSupportsWebAuthnAutofill

/** What was asked of the browser is asked no more: the page goes on. */
export const leaveOff = (): void => WebAuthnAbortService.cancelCeremony()

/**
 * @param path that takes what a passkey has signed; below it is `/options`, which asks
 * @param atField wait until somebody chooses one at the field marked `webauthn`
 */
export async function signsAt(path: string, atField = false): Promise<Trouble | undefined> {
  const asked = await ask<ToSign>(`${path}/options`, {})
  if (!('answer' in asked)) return troubleIn(asked)
  const signed = await signs(asked.answer, atField)
  if ('trouble' in signed) return signed.trouble
  const done = await ask(path, { credential: signed.credential })
  return 'answer' in done ? undefined : troubleIn(done)
}

export const signs = (toSign: ToSign, atField = false) =>
  inBrowser(() => startAuthentication({ optionsJSON: toSign, useBrowserAutofill: atField }))

export const makes = (toMake: ToMake) => inBrowser(() => startRegistration({ optionsJSON: toMake }))

/**
 * @param path that takes what was made; below it is `/options`, which asks
 * @param body what the asking needs
 * @returns `stale` where it has to be confirmed first who is there
 */
export async function makesAt(path: string, body: object): Promise<Trouble | 'stale' | undefined> {
  const asked = await ask<ToMake>(`${path}/options`, body)
  if ('refused' in asked && asked.refused.field === 'session') return 'stale'
  if (!('answer' in asked)) return troubleIn(asked)
  const made = await makes(asked.answer)
  if ('trouble' in made) return made.trouble
  const done = await ask(path, { credential: made.credential })
  return 'answer' in done ? undefined : troubleIn(done)
}

async function inBrowser<Credential>(
  does: () => Promise<Credential>,
): Promise<{ readonly credential: Credential } | { readonly trouble: Trouble }> {
  try {
    return { credential: await does() }
  } catch (fault) {
    const name = fault instanceof Error ? fault.name : ''
    return { trouble: troubles.get(name) ?? 'failed' }
  }
}

/** What browsers call what went wrong. */
const troubles: ReadonlyMap<string, Trouble> = new Map([
  ['NotAllowedError', 'cancelled'],
  ['AbortError', 'cancelled'],
  ['InvalidStateError', 'known'],
  ['ConstraintError', 'unable'],
  ['NotSupportedError', 'unable'],
])

export const troubleIn = (asked: Exclude<Asked<unknown>, { answer: unknown }>): Trouble =>
  'refused' in asked ? refusedAs(asked.refused) : 'signedOut' in asked ? 'wrong' : 'silent'

export const refusedAs = ({ code }: Refusal): Trouble =>
  code === 'too_many' ? 'tooMany' : code === 'wrong_code' ? 'code' : 'wrong'
