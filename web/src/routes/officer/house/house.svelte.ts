// The house that is being run: what its server says of it, and each step that an officer takes. Needs a network: what
// is done here counts for everybody at once.
import { accountHeader, marker } from '#db/command.ts'
import type { HouseView } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import type { Refusal } from '#db/refusal.ts'

/** What came of a step. `silent`: no answer of ours came; nothing is known to have happened. */
export type Outcome<Said> = { readonly said: Said } | { readonly refused: Refusal } | { readonly silent: true }

/** @param account who is meant to do it: where somebody else is signed in by now, nothing is done */
export async function ask<Said>(
  account: Id | undefined,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Outcome<Said>> {
  const answer = await fetch(path, {
    method,
    redirect: 'manual',
    headers: { ...(body && { 'content-type': 'application/json' }), ...(account && { [accountHeader]: account }) },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => undefined)
  if (!answer?.headers.has(marker)) return { silent: true }
  const said = (await answer.json().catch(() => ({}))) as Said & { readonly refused?: Refusal }
  if (answer.ok) return { said }
  return said.refused
    ? { refused: said.refused }
    : answer.status === 401
      ? { refused: { code: 'not_allowed' } }
      : { silent: true }
}

class Administration {
  view = $state.raw<HouseView>()
  /** why there is nothing to show */
  trouble = $state.raw<'failed' | 'forbidden'>()
  #account: Id | undefined
  #facility: Id | undefined

  async load(facility: Id, account: Id): Promise<void> {
    if (facility !== this.#facility) this.view = undefined
    this.#facility = facility
    this.#account = account
    const outcome = await ask<HouseView>(account, 'GET', `/api/houses/${facility}`)
    if (facility !== this.#facility) return
    this.trouble = 'refused' in outcome ? 'forbidden' : 'silent' in outcome ? 'failed' : undefined
    if ('said' in outcome) this.view = outcome.said
  }

  /** Asks something that changes nothing. */
  ask<Said>(path: string, body: object): Promise<Outcome<Said>> {
    return ask<Said>(this.#account, 'POST', `/api/houses/${this.#facility}${path}`, body)
  }

  /** Takes a step, and shows the house as it is after it. */
  async step<Said = object>(path: string, body: object = {}): Promise<Outcome<Said>> {
    const outcome = await this.ask<Said>(path, body)
    if ('said' in outcome) await this.again()
    return outcome
  }

  /** Hands over a photo. @returns false where no answer of ours said that it is there */
  async puts(path: string, photo: ArrayBuffer): Promise<boolean> {
    const answer = await fetch(`/api/houses/${this.#facility}${path}`, {
      method: 'PUT',
      redirect: 'manual',
      headers: { 'content-type': 'image/jpeg', ...(this.#account && { [accountHeader]: this.#account }) },
      body: photo,
    }).catch(() => undefined)
    return answer?.ok === true && answer.headers.has(marker)
  }

  /** Shows the house as it is now. */
  async again(): Promise<void> {
    if (this.#facility && this.#account) await this.load(this.#facility, this.#account)
  }
}

export const administration = new Administration()
