// Commands of older apps, read as this version reads them: a phone that was switched off for a year sends what it made.

/** How a command of each version reads in the next one, the oldest first. Each is pure and leaves alone what it does not know. */
const steps: readonly ((command: unknown) => unknown)[] = [
  (command) => command, // 2 added `needs`: what version 1 could say, it said in the same words
]

/** The version of this protocol. The server upcasts older ones; a newer one is refused `wrong_version`. */
export const protocol = steps.length + 1

/** @param from the version in which it was made, from 1 to `protocol` */
export const upcast = (command: unknown, from: number): unknown =>
  steps.slice(from - 1).reduce((older, step) => step(older), command)
