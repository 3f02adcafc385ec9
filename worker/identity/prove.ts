// `/api/identity/prove`: the other half of the way, after a code in a browser that is not known.
import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import * as v from 'valibot'
import { directory } from '#db/directory.ts'
import { normalNumber } from '#db/document.ts'
import { Code, Nothing } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { UsePasskey } from '#db/passkey.ts'
import { document } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { anybody } from '../doors.ts'
import type { Env } from '../env.ts'
import { retie } from '../house/invites.ts'
import { handOnNumber } from './accounts.ts'
import { browserOf } from './browser.ts'
import { endHalfway, halfwayOf } from './halfway.ts'
import { addressOf, HOUR_MS, later, mayCome, tooMany, type Limit } from './limit.ts'
import { openNumber } from './numbers.ts'
import { signIn } from './session.ts'
import { askToSign, passkeysOf, signedBy } from './webauthn.ts'

/** How somebody may prove that an account is theirs. */
export type Way = 'passkey' | 'lastSix' | 'invite'

/** Only what can be asked: whoever has stated no document cannot be asked for its number. */
export async function waysFor(env: Env, account: Id): Promise<Way[]> {
  const [number, passkeys] = await Promise.all([statedNumber(env, account), passkeysOf(env, account)])
  return [...(passkeys.length > 0 ? (['passkey'] as const) : []), ...(number ? (['lastSix'] as const) : []), 'invite']
}

const mostTries = 5
/** Of the account and not of the browser: a thief who asks for new codes gets no more tries. */
export const lastSixLimit = (account: Id): Limit => ({
  what: `six:${account}`,
  most: mostTries,
  windowMs: 24 * HOUR_MS,
})
const LastSix = v.pipe(v.string(), v.maxLength(20), v.transform(normalNumber), v.regex(/^[A-Z0-9]{6}$/))

export const proving = new Hono<{ Bindings: Env }>()
  .post('/last-six', anybody, checked(v.strictObject({ lastSix: LastSix })), async (c) => {
    const now = Date.now()
    const half = await halfwayOf(c, now)
    if (!half) return refuse(c, 'wrong_code', 'code')
    const waitMs = await tooMany(directory(c.env), [lastSixLimit(half.account)], now)
    if (waitMs > 0) return later(c, waitMs)

    const number = await statedNumber(c.env, half.account)
    if (number?.slice(-6) !== c.var.input.lastSix) return refuse(c, 'wrong_code', 'lastSix')
    if (!(await endHalfway(c))) return refuse(c, 'wrong_code', 'code')
    await signIn(c, await browserOf(c), half.account, now)
    return c.json({ signedIn: true })
  })

  // Which passkeys the account has is told to nobody who has only its number: the browser offers those that it knows.
  .post('/passkey/options', anybody, mayCome, checked(Nothing), async (c) =>
    (await halfwayOf(c, Date.now())) ? c.json(await askToSign(c, 'prove')) : refuse(c, 'wrong_code', 'code'),
  )

  .post('/passkey', anybody, mayCome, checked(UsePasskey), async (c) => {
    const now = Date.now()
    const half = await halfwayOf(c, now)
    if (!half) return refuse(c, 'wrong_code', 'code')
    if ((await signedBy(c, c.var.input.credential, 'prove')) !== half.account)
      return refuse(c, 'not_allowed', 'credential', 403)
    if (!(await endHalfway(c))) return refuse(c, 'wrong_code', 'code')
    await signIn(c, await browserOf(c), half.account, now)
    return c.json({ signedIn: true })
  })

  .post('/invite', anybody, checked(Code), async (c) => {
    const now = Date.now()
    const half = await halfwayOf(c, now)
    if (!half) return refuse(c, 'wrong_code', 'code')
    const limits = [
      { what: `invite:${half.account}`, most: 20, windowMs: HOUR_MS },
      { what: `invite:${addressOf(c)}`, most: 60, windowMs: HOUR_MS },
    ]
    const waitMs = await tooMany(directory(c.env), limits, now)
    if (waitMs > 0) return later(c, waitMs)

    if (!(await retie(c.env, half.account, c.var.input.code))) return refuse(c, 'wrong_code', 'invite')
    if (!(await endHalfway(c))) return refuse(c, 'wrong_code', 'code')
    await signIn(c, await browserOf(c), half.account, now)
    return c.json({ signedIn: true })
  })

  // The number belongs to somebody else now. What the account before holds stays, and opens no more by this number.
  .post('/anew', anybody, checked(Nothing), async (c) => {
    const now = Date.now()
    const half = await halfwayOf(c, now)
    if (!half || !(await endHalfway(c))) return refuse(c, 'wrong_code', 'code')
    await handOnNumber(c.env, half.phone, half.fresh, half.phoneSealed)
    await signIn(c, await browserOf(c), half.fresh, now)
    return c.json({ signedIn: true })
  })

async function statedNumber(env: Env, account: Id): Promise<string | undefined> {
  const [row] = await directory(env)
    .select({ sealed: document.numberSealed })
    .from(document)
    .where(eq(document.account, account))
  return row && openNumber(env.PEOPLE_SECRET, 'document', account, row.sealed)
}
