// A body that comes in pieces, over connections that break: each piece is kept as far as it came, until the whole is
// there and is read as if it had come at once.
import * as v from 'valibot'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { base64, sha256, unbase64 } from '#db/record.ts'
import { joined, missing, type Range } from '#db/ranges.ts'
import type { Have, Piece } from '#db/upload.ts'
import { maxBodyBytes } from '#db/command.ts'
import type { Env, Me } from '#worker/env.ts'
import { logFault } from '#worker/fault.ts'
import { deadlineMs } from './visit.ts'

/** how much of one account is kept at a time in one ledger, and in how many pieces */
const mostBytes = 2 * maxBodyBytes
const mostPieces = 400
/** Another request of the same account that has not gone on for so long is given up. */
const abandonedMs = 3_600_000
/** Nobody comes back for what has lain so long; what was carried out lies a little longer, should its answer be lost. */
const forgottenMs = 24 * 3_600_000
const answeredMs = 600_000

const bytes = v.pipe(v.string(), v.regex(/^\d{1,7}$/), v.transform(Number), v.maxValue(maxBodyBytes))
const Written = v.pipe(
  v.tuple([v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/)), bytes, bytes]),
  v.check(([, from, of]) => from <= of),
)

/** @returns undefined where it is none */
export function readPiece(text: string): Piece | undefined {
  const read = v.safeParse(Written, text.split(' '))
  if (!read.success) return undefined
  const [hash, from, of] = read.output
  return { hash, from, of }
}

const keepSql = `
  INSERT INTO part (account, hash, start, facility, size, bytes, at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
  WHERE (SELECT coalesce(sum(size), 0) FROM part WHERE account = ?1) + ?5 <= ${mostBytes}
    AND (SELECT count(*) FROM part WHERE account = ?1) < ${mostPieces}
  ON CONFLICT (account, hash, start) DO UPDATE SET size = excluded.size, bytes = excluded.bytes, at = excluded.at
    WHERE excluded.size > part.size`

/** Where nothing is missing any more, all of it: what comes last finds in its own trip what came before. */
const keptSql = `
  SELECT start, size, CASE WHEN sum(size) OVER () >= ?3 THEN bytes END AS bytes FROM part WHERE account = ?1 AND hash = ?2`

const abandonSql = `DELETE FROM part WHERE account = ?1 AND hash <> ?2 AND at < ?3 - ${abandonedMs}`

export const forgetPartsSql = `DELETE FROM part WHERE facility = ?1 AND at < ?2 - ${forgottenMs}`

type Body = Pick<Request, 'headers' | 'body'>

export type Received =
  | { readonly whole: Body; readonly done: () => Promise<unknown> }
  | Have
  | { readonly problem: string; readonly status: 413 }

/**
 * @param me whose it is: the pieces lie in the ledger of a house of theirs
 * @param piece where the body of this request belongs
 * @param now UTC milliseconds
 * @returns `whole`, to be read like any other body, and `done`, to be called when it has been carried out
 */
export async function receive(env: Env, me: Me, raw: Body, piece: Piece, now: number): Promise<Received> {
  const { bytes, cut } = await read(raw.body, piece.of - piece.from)
  if (bytes === undefined) return { problem: 'too_large', status: 413 }
  const isWhole = !cut && bytes.byteLength === piece.of && base64(sha256(bytes)) === piece.hash
  if (isWhole) return { whole: bodyOf(raw, bytes), done: () => Promise.resolve() }

  // Where the ledger of one house is down, the pieces lie in that of another: what they bring may be for any.
  for (const facility of [...me.facilities].sort()) {
    const joining = joins(ledger(env, facility), { account: me.account, facility, piece, bytes, now }, raw)
    const received = await inTime(joining).catch((fault: unknown) => {
      logFault('upload', fault, { facility })
    })
    if (received) return received
  }
  return { have: [] }
}

/** @returns undefined where it takes too long */
async function inTime<Done>(work: Promise<Done>): Promise<Done | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), deadlineMs)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

async function joins(database: D1Database, come: Come, raw: Body): Promise<Received> {
  const { account, piece, bytes, now } = come
  const parts = await keep(database, come)
  const have = joined(parts.map(({ start, size }): Range => [start, start + size]))
  const end = piece.from + bytes.byteLength
  const kept = bytes.byteLength === 0 || have.some(([from, to]) => from <= piece.from && end <= to)
  if (!kept) return { problem: 'too_large', status: 413 }
  if (missing(have, piece.of).length > 0) return { have }

  const whole = assembled(parts, piece)
  if (base64(sha256(whole)) !== piece.hash) {
    await database.prepare('DELETE FROM part WHERE account = ?1 AND hash = ?2').bind(account, piece.hash).run()
    return { have: [] }
  }
  const forgotten = database
    .prepare('UPDATE part SET at = ?3 WHERE account = ?1 AND hash = ?2')
    .bind(account, piece.hash, now + answeredMs - forgottenMs)
  return { whole: bodyOf(raw, whole), done: () => forgotten.run() }
}

interface PartRow {
  readonly start: number
  readonly size: number
  /** base64; null as long as all that has come is too little for the whole */
  readonly bytes: string | null
}

/** Bytes that have come, and where they belong. */
interface Come {
  readonly account: Id
  readonly facility: Id
  readonly piece: Piece
  readonly bytes: Uint8Array
  readonly now: number
}

/** @returns all that has come of this body so far */
async function keep(database: D1Database, { account, facility, piece, bytes, now }: Come): Promise<PartRow[]> {
  const { hash, from, of } = piece
  const kept = database.prepare(keptSql).bind(account, hash, of)
  if (bytes.byteLength === 0) return (await kept.all<PartRow>()).results
  const answers = await database.batch<PartRow>([
    database.prepare(abandonSql).bind(account, hash, now),
    database.prepare(keepSql).bind(account, hash, from, facility, bytes.byteLength, base64(bytes), now),
    kept,
  ])
  return answers[2]?.results ?? []
}

function assembled(parts: readonly PartRow[], { of }: Piece): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(of)
  for (const { start, bytes } of parts) whole.set(unbase64(bytes ?? ''), start)
  return whole
}

/** @returns what has come, and whether it broke off; no bytes where it is longer than it may be */
async function read(
  body: Request['body'],
  most: number,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer> | undefined; readonly cut: boolean }> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  let cut = false
  const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>> | null)?.getReader()
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      length += next.value.byteLength
      if (length > most) return { bytes: undefined, cut }
      chunks.push(next.value)
    }
  } catch {
    cut = true // its sender is gone
  }
  return { bytes: new Uint8Array(await new Blob(chunks).arrayBuffer()), cut }
}

const bodyOf = ({ headers }: Body, bytes: Uint8Array<ArrayBuffer>): Body => ({
  headers,
  body: new Response(bytes).body,
})
