// `/api/identity/copy`: a relative gets all that is held about them, once they have proved anew that it is them. A code by
// text message is no proof: whoever holds the phone reads it.
import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { AskForCopy } from '#db/copy.ts'
import { directory } from '#db/directory.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { document } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { copyOfRelative } from '../copy/copy.ts'
import { copied } from '../copy/page.ts'
import { only } from '../doors.ts'
import type { Env, Signed } from '../env.ts'
import { append } from '../record/append.ts'
import { HOUR_MS, later, tooMany } from './limit.ts'
import { openNumber } from './numbers.ts'
import { lastSixLimit } from './prove.ts'
import { passkeysOf, signedBy } from './webauthn.ts'

const DAY_MS = 24 * HOUR_MS
const mostCopies = 5
/** Whoever has somebody's phone could state a document of their own, and prove with that. */
const restMs = 3 * DAY_MS

export const copies = new Hono<Signed>()
  .get('/', ...only('relatives'), async (c) => {
    const { account } = c.var.me
    const [number, passkeys] = await Promise.all([restedNumber(c.env, account, Date.now()), passkeysOf(c.env, account)])
    return c.json({ passkey: passkeys.length > 0, lastSix: number !== undefined })
  })

  .post('/', ...only('relatives'), checked(AskForCopy), async (c) => {
    const { account, facilities } = c.var.me
    const { lastSix, credential } = c.var.input
    const now = Date.now()
    const limits = [
      { what: `copy:${account}`, most: mostCopies, windowMs: DAY_MS },
      ...(lastSix === undefined ? [] : [lastSixLimit(account)]),
    ]
    const waitMs = await tooMany(directory(c.env), limits, now)
    if (waitMs > 0) return later(c, waitMs)

    if (credential) {
      if (!(await signedBy(c, credential, 'confirm', account))) return refuse(c, 'not_allowed', 'credential', 403)
    } else if (lastSix === undefined || (await restedNumber(c.env, account, now))?.slice(-6) !== lastSix)
      return refuse(c, 'wrong_code', 'lastSix')

    for (const facility of facilities) await record(c.env, facility, account)
    return c.json(copied(await copyOfRelative(c.env, account, now), c.req.header('accept-language')))
  })

/** With each of their ties, as long as it stands. */
async function record(env: Env, facility: Id, account: Id): Promise<void> {
  const { results } = await ledger(env, facility)
    .prepare(`SELECT id FROM kinship WHERE account = ? AND facility = ? AND ended_at IS NULL`)
    .bind(account, facility)
    .all<{ id: Id }>()
  const entries = results.map(({ id }) => ({ subject: id, move: 'copy' }))
  if (entries.length > 0) await append(env, facility, { account, role: 'relative' }, entries)
}

/** The number of a document that an officer has seen, or that was stated some days ago. */
async function restedNumber(env: Env, account: Id, now: number): Promise<string | undefined> {
  const [row] = await directory(env).select().from(document).where(eq(document.account, account))
  if (!row || (row.checkedAt === null && now - row.statedAt < restMs)) return undefined
  return openNumber(env.PEOPLE_SECRET, 'document', account, row.numberSealed)
}
