// Which of what waits may go now. Pure, and without Dexie: the service worker chooses by the same rules.
import { maxAsk, maxBodyBytes } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import type { Waiting } from './store.ts'

/** A decision is held for seconds: what claims to be held for longer was made before the clock was set back. */
const longestHoldMs = 60_000
/** leaves room for the envelope, the cursor and 200 questions */
const roomForCommands = maxBodyBytes - 64 * 1024

export const isHeld = ({ notBefore }: Waiting, now: number): boolean =>
  notBefore > now && notBefore <= now + longestHoldMs

/**
 * A matter with a command of unknown fate sends no other, and one whose command is held sends none behind it: commands
 * of one matter keep their order, and no matter blocks another.
 *
 * @param waiting the outbox, in order
 * @param now UTC milliseconds, this device's clock
 * @param most how many new commands the link is trusted with
 */
export function choose(waiting: readonly Waiting[], now: number, most: number): { asked: Waiting[]; fresh: Waiting[] } {
  const asked = waiting.filter(({ state }) => state === 'sent')
  const blocked = new Set<Id>(asked.map(({ matter }) => matter))
  const fresh: Waiting[] = []
  let bytes = 0
  for (const entry of waiting) {
    if (blocked.has(entry.matter)) continue
    const size = new TextEncoder().encode(JSON.stringify(entry.command)).byteLength
    if (isHeld(entry, now) || fresh.length >= most || (fresh.length > 0 && bytes + size > roomForCommands)) {
      blocked.add(entry.matter)
      continue
    }
    bytes += size
    fresh.push(entry)
  }
  return { asked: asked.slice(0, maxAsk), fresh }
}
