// The registry of lawyers' licences (执业证). The contract is our own and small, beside this file as
// licences.openapi.json; a province puts a gateway of its registry behind it.
import * as v from 'valibot'
import type { DocumentKind } from '#db/document.ts'
import { standings, type Grade, type Standing } from '#db/licence.ts'
import type { Env } from '../env.ts'
import { overTls, signatureHeader, signMessage, timeHeader } from './signed.ts'

/** Who somebody says they are. The registry compares: it tells nothing of its holders that was not said to it. */
export interface Licensee {
  readonly grade: Grade
  readonly licence: string
  readonly name: string
  readonly document: { readonly kind: DocumentKind; readonly number: string }
}

/** `firm`: where the registry has them practise; only of who is who they say. */
export interface Heard {
  readonly standing: Standing
  readonly firm?: string | undefined
}

/** `silent`: no answer of the registry's came, which says nothing about anybody. */
export type Registered = Heard | 'silent'

export interface Registry {
  readonly ask: (licensee: Licensee) => Promise<Registered>
}

const PATIENCE_MS = 4000
/** It only reads: asking twice is safe. */
const TRIES = 2

const Answer = v.object({ standing: v.picklist(standings), firm: v.optional(v.pipe(v.string(), v.maxLength(200))) })

/**
 * The registry behind `REGISTRY_URL`: `POST <url>/licences/check`, signed as text messages are. Its answer is signed over
 * the time of the question and its own body, so that no answer serves for another moment. Without it every answer is
 * `silent`: nobody is taken for a lawyer, and nobody is told that they are none.
 */
export const registry = (
  env: Pick<Env, 'REGISTRY_URL' | 'REGISTRY_SECRET'>,
  { patienceMs = PATIENCE_MS, pauseMs = 300 } = {},
): Registry => ({
  async ask(licensee) {
    const { REGISTRY_URL: url, REGISTRY_SECRET: secret } = env
    if (!url || !secret) return 'silent'
    overTls('REGISTRY_URL', url)
    for (let tried = 1; ; tried += 1) {
      const heard = await askOnce(url, secret, JSON.stringify(licensee), patienceMs)
      if (heard !== 'again') return heard
      if (tried === TRIES) return 'silent'
      await new Promise((later) => setTimeout(later, pauseMs))
    }
  },
})

async function askOnce(url: string, secret: string, body: string, patienceMs: number): Promise<Registered | 'again'> {
  const time = String(Date.now())
  try {
    const answer = await fetch(`${url}/licences/check`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [timeHeader]: time,
        [signatureHeader]: await signMessage(secret, time, body),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
    })
    const said = await answer.text()
    if (answer.status === 200 && answer.headers.get(signatureHeader) === (await signMessage(secret, time, said)))
      return v.parse(Answer, JSON.parse(said))
    if (answer.status >= 500 || answer.status === 429) return 'again'
    // A secret that is not theirs, or another contract: for who runs the server, and nobody's licence.
    console.error(JSON.stringify({ at: 'registry', fault: `an answer that is none: ${answer.status}` }))
    return 'silent'
  } catch {
    return 'again'
  }
}
