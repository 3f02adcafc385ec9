// A kiosk is whoever signs with the key that was made on it when it was enrolled. A copy of anything that ever travelled
// is worth nothing: each signature is good for one request, once, within a few minutes.
import { eq, lt, and, sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { maxBodyBytes } from '#db/command.ts'
import { directory } from '#db/directory.ts'
import { digestOf, publicKey, readSignature, signatureWindowMs, verifies, type Signable } from '#db/kioskSignature.ts'
import { kioskKey, kioskNonce } from '#db/tables/directory.ts'
import { uploadHeader } from '#db/upload.ts'
import { readWire } from '../body.ts'
import type { Me, Signed } from '../env.ts'

/**
 * @param meant as whom the request says that it comes
 * @param now UTC milliseconds
 * @returns who it is; or 401, and what time it is where only the clock was wrong: `{ signIn: true, clock? }`
 */
export async function signedKiosk(c: Context<Signed>, meant: string | undefined, now: number): Promise<Me | Response> {
  const nobody = (why: object = {}) => c.json({ signIn: true, ...why }, 401)
  const claimed = readSignature(c.req.raw.headers)
  if (!claimed || (meant !== undefined && meant !== claimed.signer)) return nobody()

  const db = directory(c.env)
  const [known] = await db
    .select()
    .from(kioskKey)
    .where(sql`${kioskKey.kiosk} = ${claimed.signer}`)
  if (!known || !(await verifies(await publicKey(known.publicKey), claimed, signableOf(c)))) return nobody()

  const { kiosk, facility, cell } = known
  const { nonce, created } = claimed
  if (Math.abs(now - created) > signatureWindowMs) return nobody({ clock: now })
  const [, first] = await db.batch([
    db.delete(kioskNonce).where(and(eq(kioskNonce.kiosk, kiosk), lt(kioskNonce.until, now))),
    db
      .insert(kioskNonce)
      .select((from) =>
        from
          .select({
            kiosk: kioskKey.kiosk,
            nonce: sql<string>`${nonce}`.as('nonce'),
            until: sql<number>`${created + signatureWindowMs}`.as('until'),
          })
          .from(kioskKey)
          .where(eq(kioskKey.publicKey, known.publicKey)),
      )
      .onConflictDoNothing()
      .returning({ nonce: kioskNonce.nonce }),
  ])
  if (first.length === 0) return nobody() // it has come before, or the kiosk was taken away just now
  // A piece may break off: what has come of it is held against the hash of the whole (worker/sync/upload.ts).
  if (claimed.covers === 'content-digest' && !(await isWhole(c))) return nobody()
  return { account: kiosk, officer: false, kiosk: { id: kiosk, facility, cell }, facilities: [facility] }
}

/** What of this request is signed. */
export function signableOf(c: Context): Signable {
  const { pathname, search } = new URL(c.req.url)
  return {
    method: c.req.method,
    path: pathname + search,
    upload: c.req.header(uploadHeader) ?? null,
    digest: c.req.header('content-digest') ?? '',
  }
}

/** Whether the body has the digest that its request names; who comes after this reads it as it came. */
export async function isWhole(c: Context): Promise<boolean> {
  const { raw } = c.req
  const body = await readWire(raw.body, maxBodyBytes)
  if (!body || (await digestOf(body)) !== c.req.header('content-digest')) return false
  if (raw.body) c.req.raw = new Request(raw.url, { method: raw.method, headers: raw.headers, body })
  return true
}
