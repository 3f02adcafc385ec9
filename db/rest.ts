// A change that is too long for one connection: the phone says how it begins, and hears only the rest of it.

/** On a request: how many characters of the first change have come, as JSON, and what they hash to. */
export const restHeader = 'x-etongban-rest'

/** base64 characters of a SHA-256: nobody is to be kept out by it, only two states of a change told apart */
export const hashLength = 22

/** What has come of a change. */
export interface Begun {
  readonly length: number
  readonly hash: string
}

export const begunText = ({ length, hash }: Begun): string => `${length} ${hash}`
