// Photos of papers that come with a claim, or with a lawyer's engagement. Under its hash a photo says nothing of another
// account's; officers read it only through their session and by a link of their own that ends in minutes, and each look is
// on the record. It is forgotten with what it came with.
import { Hono, type Context } from 'hono'
import { mostPapers, paperBytes } from '#db/claim.ts'
import { directory } from '#db/directory.ts'
import { Nothing, type HouseAction } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { hex, idFrom, sha256 } from '#db/record.ts'
import { checked, refuse } from '../checked.ts'
import { only } from '../doors.ts'
import type { Env, Signed } from '../env.ts'
import { HOUR_MS, later, tooMany } from '../identity/limit.ts'
import { append } from '../record/append.ts'
import { looksChain } from '../record/looks.ts'
import { forbidden, idIn, may, type InHouse } from './may.ts'
import { isLinked, linkTo } from './links.ts'
import { photoKey, pictureHeaders } from './photos.ts'

export const isHash = (text: string | undefined): text is string => /^[0-9a-f]{64}$/.test(text ?? '')

/** What papers come with: its table, theirs, while which it takes more, while which officers look, and when it is over. */
const kinds = {
  claim: {
    table: 'paper',
    role: 'relative',
    takes: 'decided_at IS NULL',
    shows: 'decided_at IS NULL',
    over: 'decided_at < ?2',
  },
  engagement: {
    table: 'engagement_paper',
    role: 'lawyer',
    takes: "state = 'checking'",
    shows: "state IN ('checking', 'accepted')",
    over: "(ended_at < ?2 OR (state = 'declined' AND decided_at < ?2))",
  },
} as const
export type WithPapers = keyof typeof kinds

/** `/api/claims/:house/:claim/papers/:hash`: the same photo sent twice is one. */
export const papersOf = (kind: WithPapers) =>
  new Hono<Signed>().put(`/:house/:${kind}/papers/:hash`, ...only('relatives'), async (c) => {
    const { table, role, takes } = kinds[kind]
    const { account, facilities } = c.var.me
    const [facility, of, hash] = [idIn(c, 'house'), idIn(c, kind), c.req.param('hash')]
    const limit = { what: `paper:${account}`, most: 60, windowMs: 24 * HOUR_MS }
    const waitMs = await tooMany(directory(c.env), [limit], Date.now())
    if (waitMs > 0) return later(c, waitMs)
    if (!facility || !of || !isHash(hash) || !facilities.includes(facility)) return forbidden(c)
    const db = ledger(c.env, facility)
    const open = await db
      .prepare(`SELECT 1 FROM ${kind} WHERE id = ? AND facility = ? AND account = ? AND ${takes}`)
      .bind(of, facility, account)
      .first()
    if (!open) return forbidden(c)

    const bytes = await readPhoto(c)
    if (!bytes) return refuse(c, 'too_large', 'paper', 413)
    if (!isJpeg(bytes) || hex(sha256(bytes)) !== hash) return refuse(c, 'check_input', 'paper')
    await c.env.FILES.put(photoKey(facility, account, hash), bytes)
    const entry = { subject: of, move: 'paper', command: idFrom(`${of} ${hash}`) }
    try {
      await append(c.env, facility, { account, role }, [entry], () => [
        db.prepare(addSql(table, kind)).bind(of, hash, Date.now()),
      ])
    } catch (error) {
      if (String(error).includes(`${table}.hash`)) return refuse(c, 'too_many', 'paper', 409)
      throw error
    }
    return c.json({})
  })

/** A hash may not be null: where there are enough already, the whole batch comes to nothing. */
const addSql = (table: string, kind: WithPapers) => `
  INSERT INTO ${table} (${kind}, hash, at)
  SELECT ?1, iif((SELECT count(*) FROM ${table} WHERE ${kind} = ?1) < ${mostPapers}, ?2, NULL), ?3`

/** @returns undefined for more than a photo may have */
export async function readPhoto(c: Context): Promise<Uint8Array | undefined> {
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

export const isJpeg = (bytes: Uint8Array) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff

/** `/api/houses/:facility/claims/:claim/papers`: links to each, and behind each a picture and nothing else, whatever its bytes say. */
export const shownOf = (kind: WithPapers, action: HouseAction) =>
  new Hono<InHouse>()
    .post(`/:${kind}/papers`, ...may(action), checked(Nothing), async (c) => {
      const facility = c.var.post.house.id
      const of = idIn(c, kind)
      const { table, shows } = kinds[kind]
      const { results } = await ledger(c.env, facility)
        .prepare(
          `SELECT p.hash FROM ${table} p JOIN ${kind} o ON o.id = p.${kind}
           WHERE p.${kind} = ? AND o.facility = ? AND o.${shows} ORDER BY p.at`,
        )
        .bind(of ?? '', facility)
        .all<{ hash: string }>()
      if (results.length === 0) return forbidden(c)
      const link = ({ hash }: { hash: string }) =>
        linkTo(c.env, `${c.req.path}/${hash}`, c.var.actor.account, Date.now())
      return c.json({ links: await Promise.all(results.map(link)) })
    })

    .get(`/:${kind}/papers/:hash`, ...may(action), async (c) => {
      const facility = c.var.post.house.id
      const { table, shows } = kinds[kind]
      const [of, hash] = [idIn(c, kind), c.req.param('hash')]
      if (!(await isLinked(c, c.var.actor.account, Date.now()))) return forbidden(c)
      const row = await ledger(c.env, facility)
        .prepare(
          `SELECT o.account FROM ${table} p JOIN ${kind} o ON o.id = p.${kind}
           WHERE p.${kind} = ? AND p.hash = ? AND o.facility = ? AND o.${shows}`,
        )
        .bind(of ?? '', hash, facility)
        .first<{ account: Id }>()
      const file = row && (await c.env.FILES.get(photoKey(facility, row.account, hash)))
      if (!of || !file) return forbidden(c)

      await append(c.env, facility, c.var.actor, [{ subject: looksChain(of), move: 'read', facts: { [kind]: of } }])
      return c.body(file.body, 200, pictureHeaders)
    })

/** Takes photos away before what names them; one that came with something else as well stays for that. */
export async function forgetPapersOf(kind: WithPapers, env: Env, facility: Id, before: number): Promise<void> {
  const db = ledger(env, facility)
  const { table, over } = kinds[kind]
  const { results } = await db
    .prepare(
      `SELECT o.id, p.hash, o.account, EXISTS (SELECT 1 FROM ${table} q JOIN ${kind} r ON r.id = q.${kind}
           WHERE q.hash = p.hash AND r.account = o.account AND r.id <> o.id) AS elsewhere
       FROM (SELECT * FROM ${kind} WHERE facility = ?1 AND ${over}) o JOIN ${table} p ON p.${kind} = o.id LIMIT 500`,
    )
    .bind(facility, before)
    .all<{ id: Id; hash: string; account: Id; elsewhere: number }>()
  if (results.length === 0) return
  const last = results.filter(({ elsewhere }) => elsewhere === 0)
  if (last.length > 0) await env.FILES.delete(last.map(({ account, hash }) => photoKey(facility, account, hash)))
  await db
    .prepare(`DELETE FROM ${table} WHERE ${kind} IN (SELECT value FROM json_each(?))`)
    .bind(JSON.stringify(results.map(({ id }) => id)))
    .run()
}
