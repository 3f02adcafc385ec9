// An answer that is longer than what a connection carries: the same request makes the same bytes, so that the next
// connection brings only those that have not come.

/** On a request: how many bytes of its answer have come, gzipped, and what they hash to. On an answer: it is the rest. */
export const restHeader = 'x-etongban-rest'

/** base64 characters of a SHA-256: nobody is to be kept out by it, only two answers told apart */
export const hashLength = 22

/** What has come of an answer. */
export interface Begun {
  readonly length: number
  readonly hash: string
}

export const begunText = ({ length, hash }: Begun): string => `${length} ${hash}`
