// Which of what waits may go now. Pure, and without Dexie: the service worker chooses by the same rules.
import { maxAsk, maxBodyBytes, maxCommands } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import type { Waiting } from './store.ts'

/** A decision is held for seconds: what claims to be held for longer was made before the clock was set back. */
const longestHoldMs = 60_000
/** leaves room for the envelope, the cursor and 200 questions */
export const mostRoom = maxBodyBytes - 64 * 1024
/** before the first answer nobody knows what a link is */
export const firstRoom = 8 * 1024

/** What a command weighs on its way, before it is gzipped. */
const bytesOf = ({ command }: Waiting): number => new TextEncoder().encode(JSON.stringify(command)).byteLength

export const isHeld = ({ notBefore }: Waiting, now: number): boolean =>
  notBefore > now && notBefore <= now + longestHoldMs

/**
 * A matter with a command of unknown fate sends no other, and one whose command is held sends none behind it: commands
 * of one matter keep their order, and no matter blocks another. What needs something that still waits, waits for it.
 * One request speaks one version: what an older app made goes first, and what this one made goes with the next.
 *
 * @param waiting the outbox, in order
 * @param now UTC milliseconds, this device's clock
 * @param room bytes of new commands that the link is trusted with: one goes even where it is larger
 */
export function choose(
  waiting: readonly Waiting[],
  now: number,
  room: number | 'nothing',
): { asked: Waiting[]; fresh: Waiting[] } {
  const most = room === 'nothing' ? 0 : maxCommands
  const roomBytes = room === 'nothing' ? 0 : Math.min(room, mostRoom)
  const asked = waiting.filter(({ state }) => state === 'sent')
  const blocked = new Set<Id>(asked.map(({ matter }) => matter))
  const unsettled = new Set(waiting.map(({ id }) => id))
  const fresh: Waiting[] = []
  let bytes = 0
  for (const entry of waiting) {
    if (blocked.has(entry.matter)) continue
    const size = bytesOf(entry)
    const otherVersion = entry.v !== (fresh[0] ?? entry).v
    const early = isHeld(entry, now) || otherVersion || (entry.command.needs ?? []).some((id) => unsettled.has(id))
    if (early || fresh.length >= most || (fresh.length > 0 && bytes + size > roomBytes)) {
      blocked.add(entry.matter)
      continue
    }
    bytes += size
    fresh.push(entry)
  }
  return { asked: asked.slice(0, maxAsk), fresh }
}
