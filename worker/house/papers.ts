// Photos of papers that come with a claim. Under its hash a photo says nothing of another account's; officers read it
// only through their session, and each look is on the record. It is forgotten with its claim.
import { Hono, type Context } from 'hono'
import { mostPapers, paperBytes } from '#db/claim.ts'
import { directory } from '#db/directory.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { hex, idFrom, sha256 } from '#db/record.ts'
import { refuse } from '../checked.ts'
import { only } from '../doors.ts'
import type { Env, Signed } from '../env.ts'
import { HOUR_MS, later, tooMany } from '../identity/limit.ts'
import { append } from '../record/append.ts'
import { looksChain } from '../record/looks.ts'
import { forbidden, idIn, may, type InHouse } from './may.ts'

const keyOf = (facility: string, account: string, hash: string) => `${facility}/${account}/${hash}`
const isHash = (text: string | undefined): text is string => /^[0-9a-f]{64}$/.test(text ?? '')

/** `/api/claims/:house/:claim/papers/:hash`: the same photo sent twice is one. */
export const papers = new Hono<Signed>().put('/:house/:claim/papers/:hash', ...only('relatives'), async (c) => {
  const { account, facilities } = c.var.me
  const [facility, claim, hash] = [idIn(c, 'house'), idIn(c, 'claim'), c.req.param('hash')]
  const limit = { what: `paper:${account}`, most: 60, windowMs: 24 * HOUR_MS }
  const waitMs = await tooMany(directory(c.env), [limit], Date.now())
  if (waitMs > 0) return later(c, waitMs)
  if (!facility || !claim || !isHash(hash) || !facilities.includes(facility)) return forbidden(c)
  const db = ledger(c.env, facility)
  const open = await db
    .prepare(`SELECT 1 FROM claim WHERE id = ? AND facility = ? AND account = ? AND decided_at IS NULL`)
    .bind(claim, facility, account)
    .first()
  if (!open) return forbidden(c)

  const bytes = await read(c)
  if (!bytes) return refuse(c, 'too_large', 'paper', 413)
  if (!isJpeg(bytes) || hex(sha256(bytes)) !== hash) return refuse(c, 'check_input', 'paper')
  await c.env.FILES.put(keyOf(facility, account, hash), bytes)
  const entry = { subject: claim, move: 'paper', command: idFrom(`${claim} ${hash}`) }
  try {
    await append(c.env, facility, { account, role: 'relative' }, [entry], () => [
      db.prepare(addSql).bind(claim, hash, Date.now()),
    ])
  } catch (error) {
    if (String(error).includes('paper.hash')) return refuse(c, 'too_many', 'paper', 409)
    throw error
  }
  return c.json({})
})

/** A hash may not be null: where there are enough already, the whole batch comes to nothing. */
const addSql = `
  INSERT INTO paper (claim, hash, at)
  SELECT ?1, iif((SELECT count(*) FROM paper WHERE claim = ?1) < ${mostPapers}, ?2, NULL), ?3`

/** @returns undefined for more than a photo may have */
async function read(c: Context): Promise<Uint8Array | undefined> {
  if (Number(c.req.header('content-length') ?? 0) > paperBytes) return undefined
  const parts: Uint8Array[] = []
  let size = 0
  const body: AsyncIterable<Uint8Array> | null = c.req.raw.body
  for await (const part of body ?? []) {
    size += part.byteLength
    if (size > paperBytes) return undefined
    parts.push(part)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}

const isJpeg = (bytes: Uint8Array) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff

/** `/api/houses/:facility/claims/:claim/papers/:hash`: a picture and nothing else, whatever its bytes say. */
export const shown = new Hono<InHouse>().get('/:claim/papers/:hash', ...may('claims'), async (c) => {
  const facility = c.var.post.house.id
  const [claim, hash] = [idIn(c, 'claim'), c.req.param('hash')]
  const row = await ledger(c.env, facility)
    .prepare(
      `SELECT claim.account FROM paper JOIN claim ON claim.id = paper.claim
       WHERE paper.claim = ? AND paper.hash = ? AND claim.facility = ? AND claim.decided_at IS NULL`,
    )
    .bind(claim ?? '', hash, facility)
    .first<{ account: Id }>()
  const file = row && (await c.env.FILES.get(keyOf(facility, row.account, hash)))
  if (!claim || !file) return forbidden(c)

  await append(c.env, facility, c.var.actor, [{ subject: looksChain(claim), move: 'read', facts: { claim } }])
  return c.body(file.body, 200, {
    'content-type': 'image/jpeg',
    'content-disposition': 'inline; filename="paper.jpg"',
    'content-security-policy': "default-src 'none'; sandbox",
  })
})

/** Takes photos away before what names them. */
export async function forgetPapers(env: Env, facility: Id, before: number): Promise<void> {
  const db = ledger(env, facility)
  const { results } = await db
    .prepare(
      `SELECT paper.claim, paper.hash, claim.account FROM claim JOIN paper ON paper.claim = claim.id
       WHERE claim.facility = ? AND claim.decided_at < ? LIMIT 500`,
    )
    .bind(facility, before)
    .all<{ claim: Id; hash: string; account: Id }>()
  if (results.length === 0) return
  await env.FILES.delete(results.map(({ account, hash }) => keyOf(facility, account, hash)))
  await db
    .prepare(`DELETE FROM paper WHERE claim IN (SELECT value FROM json_each(?))`)
    .bind(JSON.stringify(results.map(({ claim }) => claim)))
    .run()
}
