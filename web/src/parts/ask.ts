// One question to the house, outside of the outbox: signing in, invites. Nothing is kept of it, so it needs a network.
import { marker } from '#db/command.ts'
import type { Refusal } from '#db/refusal.ts'
import { whose } from '#web/outbox/whose.ts'
import { language } from '#web/look/words.svelte.ts'

/** An answer, a refusal with its code, or none: no network, a portal's page, a server in trouble. */
export type Asked<Answer> =
  | { readonly answer: Answer }
  | { readonly refused: Refusal }
  | { readonly signedOut: true }
  | { readonly silence: true }

/** @param body what is said; without it something is only read */
export async function ask<Answer>(path: string, body?: object): Promise<Asked<Answer>> {
  // Nothing is asked in the name of somebody who has left, and whoever signs in next stays signed in.
  const ended = () => import('#web/outbox/leave.ts').then(({ endSession }) => endSession())
  if (whose() === 'nobody' && !(await ended().catch(() => false))) return { silence: true }
  const heard = await fetch(path, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: { ...(body && { 'content-type': 'application/json' }), 'accept-language': language() },
    redirect: 'manual',
  }).catch(() => undefined)
  // What comes without our marker is a portal's page, whatever it claims to be.
  if (!heard?.headers.has(marker)) return { silence: true }
  if (heard.status === 401) return { signedOut: true }
  const said: unknown = await heard.json().catch(() => undefined)
  if (heard.ok) return { answer: said as Answer }
  const refused = (said as { refused?: Refusal } | undefined)?.refused
  return refused ? { refused } : { silence: true }
}
