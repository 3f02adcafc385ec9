// Passkeys, as the browser makes and uses them: what the house asks is handed to the browser, and its answer to the
// house. Needs a network.
import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  type PublicKeyCredentialCreationOptionsJSON as ToMake,
  type PublicKeyCredentialRequestOptionsJSON as ToSign,
} from '@simplewebauthn/browser'
import type { Id } from '#db/id.ts'
import type { Refusal } from '#db/refusal.ts'
import { passkey } from '#db/words/zh/passkey.ts'
import { words } from '#web/look/words.svelte.ts'
import { ask, type Asked } from '#web/parts/ask.ts'
import { ask as askAs, type Outcome } from './house/house.svelte.ts'

export const passkeyText = words(passkey, () => import('#db/words/en/passkey.ts').then((en) => en.passkey))

export type Trouble = keyof typeof passkey.trouble
export type Impossible = keyof typeof passkey.impossible

/** Why this browser can have no passkey for this page, where that is so. */
export function whyNot(): Impossible | undefined {
  if (/^[\d.]+$|^\[/.test(location.hostname)) return 'address'
  if (!isSecureContext) return 'insecure'
  return browserSupportsWebAuthn() ? undefined : 'unsupported'
}

/** @returns what kept it from coming about */
export async function signIn(): Promise<Trouble | undefined> {
  const asked = await ask<ToSign>('/api/identity/passkeys/sign-in/options', {})
  if (!('answer' in asked)) return troubleIn(asked)
  const signed = await inBrowser(() => startAuthentication({ optionsJSON: asked.answer }))
  if ('trouble' in signed) return signed.trouble
  const done = await ask('/api/identity/passkeys/sign-in', { credential: signed.credential })
  return 'answer' in done ? undefined : troubleIn(done)
}

/** @param code that the house gave this officer */
export async function enrol(code: string): Promise<Trouble | undefined> {
  const asked = await ask<ToMake>('/api/identity/enrolment/options', { code })
  if (!('answer' in asked)) return troubleIn(asked)
  const made = await inBrowser(() => startRegistration({ optionsJSON: asked.answer }))
  if ('trouble' in made) return made.trouble
  const done = await ask('/api/identity/enrolment/take', { code, credential: made.credential })
  return 'answer' in done ? undefined : troubleIn(done)
}

/** Opens a house with the operator's code. */
export async function found(house: object): Promise<Outcome<{ id: Id }> | { readonly trouble: Trouble }> {
  const asked = await ask<ToMake>('/api/houses/found/options', house)
  if (!('answer' in asked)) return outcomeOf(asked)
  const made = await inBrowser(() => startRegistration({ optionsJSON: asked.answer }))
  if ('trouble' in made) return made
  const done = await ask<{ id: Id }>('/api/houses/found', { house, credential: made.credential })
  return 'answer' in done ? { said: done.answer } : outcomeOf(done)
}

/** First one that is there has to agree; the browser wants a tap before each of the two. */
export async function confirm(account: Id): Promise<{ readonly toMake: ToMake } | { readonly trouble: Trouble }> {
  const asked = await askAs<ToSign>(account, 'POST', '/api/identity/passkeys/confirm', {})
  if (!('said' in asked)) return { trouble: troubleOf(asked) }
  const signed = await inBrowser(() => startAuthentication({ optionsJSON: asked.said }))
  if ('trouble' in signed) return signed
  const body = { credential: signed.credential }
  const next = await askAs<ToMake>(account, 'POST', '/api/identity/passkeys/options', body)
  return 'said' in next ? { toMake: next.said } : { trouble: troubleOf(next) }
}

/** @returns what kept it from coming about */
export async function add(account: Id, toMake: ToMake): Promise<Trouble | undefined> {
  const made = await inBrowser(() => startRegistration({ optionsJSON: toMake }))
  if ('trouble' in made) return made.trouble
  const done = await askAs(account, 'POST', '/api/identity/passkeys', { credential: made.credential })
  return 'said' in done ? undefined : troubleOf(done)
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

const troubleIn = (asked: Exclude<Asked<unknown>, { answer: unknown }>): Trouble =>
  'refused' in asked ? refusedAs(asked.refused) : 'signedOut' in asked ? 'wrong' : 'silent'

const troubleOf = (outcome: Exclude<Outcome<unknown>, { said: unknown }>): Trouble =>
  'refused' in outcome ? refusedAs(outcome.refused) : 'silent'

const refusedAs = ({ code }: Refusal): Trouble =>
  code === 'too_many' ? 'tooMany' : code === 'wrong_code' ? 'code' : 'wrong'

const outcomeOf = (asked: Exclude<Asked<unknown>, { answer: unknown }>): Outcome<never> =>
  'refused' in asked ? asked : { silent: true }
