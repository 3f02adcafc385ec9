// Text messages that go nowhere: they are kept here, so that whoever tries the product finds their code.
import type { Message, Sms } from '../outside/sms.ts'

export interface Kept extends Message {
  /** UTC milliseconds */
  readonly at: number
}

const MOST = 100

/** @returns an adapter, and what it was given, newest first */
export function newInbox(): Sms & { readonly kept: readonly Kept[] } {
  const kept: Kept[] = []
  return {
    kept,
    async send(message) {
      if (kept.some(({ id }) => id === message.id)) return 'taken'
      kept.unshift({ ...message, at: Date.now() })
      kept.length = Math.min(kept.length, MOST)
      return 'taken'
    },
  }
}
