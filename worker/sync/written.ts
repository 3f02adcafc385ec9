// An answer as it travels: in lines, so that a phone reads a broken one as far as it came, and to a phone that has the
// beginning of it only the rest.
import { gzipSync } from 'node:zlib'
import type { SyncAnswer } from '#db/command.ts'
import { base64, sha256 } from '#db/record.ts'
import { hashLength, restHeader, type Begun } from '#db/rest.ts'

/** The changes come last. */
export function inLines({ v, asked, results, changes, ...rest }: SyncAnswer): string {
  const lines = (list: readonly unknown[]) => `[\n${list.map((one) => JSON.stringify(one)).join(',\n')}\n]`
  const open = JSON.stringify(rest).slice(1, -1)
  return `{"v":${v},"asked":${lines(asked)},"results":${lines(results)},${open},"changes":${lines(changes)}}`
}

/**
 * @param begun what the request says under `restHeader`
 * @returns the answer whole; to a phone that knows how it begins its other bytes, gzipped as one; or 412 where it no
 * longer begins so
 */
export function written(answer: SyncAnswer, begun: string | undefined): Response {
  const text = inLines(answer)
  const known = readBegun(begun ?? '')
  if (!known) return new Response(text, { headers: { 'content-type': 'application/json' } })
  const bytes = gzipSync(text)
  const came = bytes.subarray(0, known.length)
  if (came.length < known.length || base64(sha256(came)).slice(0, hashLength) !== known.hash)
    return Response.json({ problem: 'another_answer' }, { status: 412 })
  // Not said to be zipped: nobody but the phone knows where this begins.
  const headers = { 'content-type': 'application/octet-stream', [restHeader]: String(known.length) }
  return new Response(bytes.subarray(known.length), { headers })
}

function readBegun(text: string): Begun | undefined {
  const [, length, hash] = /^(\d{1,7}) ([A-Za-z0-9+/]{22})$/.exec(text) ?? []
  return length && hash ? { length: Number(length), hash } : undefined
}
