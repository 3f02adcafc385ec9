// Text messages. The contract is our own and small; a house or its province puts a gateway of any provider behind it.
import type { Env } from '../env.ts'
import { overTls, signatureHeader, signMessage, timeHeader } from './signed.ts'

export interface Message {
  /** the gateway sends a message with the same id once */
  readonly id: string
  /** E.164, such as `+8613800000000` */
  readonly to: string
  readonly text: string
  /** the one-time code that `text` says, for gateways that only send fixed templates */
  readonly code?: string
}

/**
 * `taken`: somebody is answerable for it now. `refused`: it will never go (wrong number, blocked). `unreachable`: it
 * is not known whether it went; sending it again with the same id is safe.
 */
export type Sent = 'taken' | 'refused' | 'unreachable'

export interface Sms {
  send(message: Message): Promise<Sent>
}

const PATIENCE_MS = 4000

/**
 * The gateway at `SMS_GATEWAY_URL`: `POST` of `{ id, to, text, code? }` as JSON. `x-etongban-time` is UTC milliseconds,
 * `x-etongban-signature` the lower-case hex of HMAC-SHA-256 under `SMS_GATEWAY_SECRET` over `<time>.<body>`; the
 * gateway refuses what is older than five minutes. 2xx is taken, 4xx refused, all else unreachable.
 */
export const gateway = (env: Pick<Env, 'SMS_GATEWAY_URL' | 'SMS_GATEWAY_SECRET'>, patienceMs = PATIENCE_MS): Sms => ({
  async send(message) {
    if (!env.SMS_GATEWAY_URL || !env.SMS_GATEWAY_SECRET)
      throw new Error('SMS_GATEWAY_URL and SMS_GATEWAY_SECRET are not set')
    overTls('SMS_GATEWAY_URL', env.SMS_GATEWAY_URL)
    const body = JSON.stringify(message)
    const time = String(Date.now())
    try {
      const answer = await fetch(env.SMS_GATEWAY_URL, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [timeHeader]: time,
          [signatureHeader]: await signMessage(env.SMS_GATEWAY_SECRET, time, body),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(patienceMs),
      })
      await answer.body?.cancel()
      if (answer.ok) return 'taken'
      return answer.status >= 400 && answer.status < 500 ? 'refused' : 'unreachable'
    } catch {
      return 'unreachable'
    }
  },
})
