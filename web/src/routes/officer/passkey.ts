// Officers and their passkeys: the way in, the first one by a code, another one by one that is there.
import type { Id } from '#db/id.ts'
import { passkey } from '#db/words/zh/passkey.ts'
import { words } from '#web/look/words.svelte.ts'
import { ask, type Asked } from '#web/parts/ask.ts'
import {
  makes,
  refusedAs,
  signs,
  signsAt,
  troubleIn,
  type ToMake,
  type ToSign,
  type Trouble,
} from '#web/parts/passkey.ts'
import { ask as askAs, type Outcome } from './house/house.svelte.ts'

export const passkeyText = words(passkey, () => import('#db/words/en/passkey.ts').then((en) => en.passkey))

/** @returns what kept it from coming about */
export const signIn = (): Promise<Trouble | undefined> => signsAt('/api/identity/passkeys/sign-in')

/** @param code that the house gave this officer */
export async function enrol(code: string): Promise<Trouble | undefined> {
  const asked = await ask<ToMake>('/api/identity/enrolment/options', { code })
  if (!('answer' in asked)) return troubleIn(asked)
  const made = await makes(asked.answer)
  if ('trouble' in made) return made.trouble
  const done = await ask('/api/identity/enrolment/take', { code, credential: made.credential })
  return 'answer' in done ? undefined : troubleIn(done)
}

/** Opens a house with the operator's code. */
export async function found(house: object): Promise<Outcome<{ id: Id }> | { readonly trouble: Trouble }> {
  const asked = await ask<ToMake>('/api/houses/found/options', house)
  if (!('answer' in asked)) return outcomeOf(asked)
  const made = await makes(asked.answer)
  if ('trouble' in made) return made
  const done = await ask<{ id: Id }>('/api/houses/found', { house, credential: made.credential })
  return 'answer' in done ? { said: done.answer } : outcomeOf(done)
}

/** A passkey agrees that this officer sets a PIN. @returns what the house keeps it as, and what lies under it */
export async function confirmPin(
  account: Id,
): Promise<{ readonly made: { id: Id; token: string; seal: string } } | { readonly trouble: Trouble }> {
  const asked = await askAs<ToSign>(account, 'POST', '/api/identity/passkeys/confirm', {})
  if (!('said' in asked)) return { trouble: troubleOf(asked) }
  const signed = await signs(asked.said)
  if ('trouble' in signed) return signed
  const body = { credential: signed.credential }
  const done = await askAs<{ id: Id; token: string; seal: string }>(account, 'POST', '/api/identity/tablets', body)
  return 'said' in done ? { made: done.said } : { trouble: troubleOf(done) }
}

/** First one that is there has to agree; the browser wants a tap before each of the two. */
export async function confirm(account: Id): Promise<{ readonly toMake: ToMake } | { readonly trouble: Trouble }> {
  const asked = await askAs<ToSign>(account, 'POST', '/api/identity/passkeys/confirm', {})
  if (!('said' in asked)) return { trouble: troubleOf(asked) }
  const signed = await signs(asked.said)
  if ('trouble' in signed) return signed
  const body = { credential: signed.credential }
  const next = await askAs<ToMake>(account, 'POST', '/api/identity/passkeys/options', body)
  return 'said' in next ? { toMake: next.said } : { trouble: troubleOf(next) }
}

/** @returns what kept it from coming about */
export async function add(account: Id, toMake: ToMake): Promise<Trouble | undefined> {
  const made = await makes(toMake)
  if ('trouble' in made) return made.trouble
  const done = await askAs(account, 'POST', '/api/identity/passkeys', { credential: made.credential })
  return 'said' in done ? undefined : troubleOf(done)
}

const troubleOf = (outcome: Exclude<Outcome<unknown>, { said: unknown }>): Trouble =>
  'refused' in outcome ? refusedAs(outcome.refused) : 'silent'

const outcomeOf = (asked: Exclude<Asked<unknown>, { answer: unknown }>): Outcome<never> =>
  'refused' in asked ? asked : { silent: true }
