// Signing in with a phone number and a one-time code, signing out, and who is signed in. No answer tells whether an
// account exists. Of the library's many routes only the three that we use are reachable.
import { eq } from 'drizzle-orm'
import { Hono, type Context } from 'hono'
import * as v from 'valibot'
import type { OfficerRole } from '#db/actor.ts'
import { directory } from '#db/directory.ts'
import type { Id } from '#db/id.ts'
import { newId } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { HouseCard } from '#db/matter.ts'
import { masked, Phone } from '#db/phone.ts'
import type { HouseKind } from '#db/settings.ts'
import { user } from '#db/tables/directory.ts'
import { messages as en } from '#db/words/en/messages.ts'
import { messages as zh } from '#db/words/zh/messages.ts'
import { checked, refuse } from '../checked.ts'
import type { Env, Outside, Signed } from '../env.ts'
import { addressHeader, auth, basePath, codeMinutes, isSecure } from './auth.ts'
import { HOUR_MS, tooMany, type Limit } from './limit.ts'
import { dropPass, signedIn } from './signedIn.ts'

const AskForCode = v.strictObject({ phoneNumber: Phone })
const Verify = v.strictObject({ phoneNumber: Phone, code: v.pipe(v.string(), v.trim(), v.regex(/^\d{6}$/)) })

/** Routes under `/api/identity`. */
export const identity = (outside: Outside) =>
  new Hono<{ Bindings: Env }>()
    .post('/phone-number/send-otp', checked(AskForCode), async (c) => {
      const { phoneNumber } = c.var.input
      const waitMs = await tooMany(directory(c.env), askLimits(phoneNumber, addressOf(c)), Date.now())
      if (waitMs > 0) return later(c, waitMs)

      const words = /^en\b/i.test(c.req.header('accept-language') ?? '') ? en : zh
      let sent = false
      await library(c, '/phone-number/send-otp', { phoneNumber }, async ({ phone, code }) => {
        const text = words.code(code, codeMinutes)
        sent = (await outside.sms.send({ id: newId(), to: phone, text, code })) === 'taken'
      })
      return sent ? c.json({ sent: true }) : refuse(c, 'unreachable', undefined, 503)
    })

    .post('/phone-number/verify', checked(Verify), async (c) => {
      const { phoneNumber } = c.var.input
      const waitMs = await tooMany(directory(c.env), guessLimits(phoneNumber, addressOf(c)), Date.now())
      if (waitMs > 0) return later(c, waitMs)

      const answer = await library(c, '/phone-number/verify', c.var.input)
      if (!answer.ok) return refuse(c, 'wrong_code', 'code')
      passCookies(c, answer)
      dropPass(c)
      return c.json({ signedIn: true }) // and not the session's token, which no script may hold
    })

    .post('/sign-out', async (c) => {
      const answer = await library(c, '/sign-out', {})
      if (!answer.ok) return refuse(c, 'not_allowed', undefined, 403)
      passCookies(c, answer)
      dropPass(c)
      return c.json({ signedOut: true })
    })

/** An officer's place in a house, as their own screens need it. */
export interface Post {
  readonly house: HouseCard & { readonly code: string; readonly kind: HouseKind }
  readonly name: string
  readonly roles: readonly OfficerRole[]
}

/** `GET /api/me`: who is signed in. The one place where a session in use is made to last longer. */
export const me = new Hono<Signed>().get('/', signedIn, async (c) => {
  const { account, facilities, kiosk } = c.var.me
  if (kiosk) return c.json({ signIn: true }, 401)

  passCookies(c, await library(c, '/get-session'))
  const [person] = await directory(c.env).select().from(user).where(eq(user.id, account))
  if (!person) return c.json({ signIn: true }, 401)
  const posts = person.officer ? await postsOf(c.env, account, facilities) : []
  return c.json({
    account,
    name: person.name,
    phone: masked(person.phoneNumber ?? ''),
    officer: person.officer,
    posts,
  })
})

async function postsOf(env: Env, account: Id, facilities: readonly Id[]): Promise<Post[]> {
  const found = await Promise.all(
    facilities.map((facility) =>
      ledger(env, facility)
        .prepare(
          `SELECT house.id, house.code, house.name, house.kind, house.telephone, house.hours,
                  officer.name AS officer, officer.roles
           FROM officer JOIN house ON house.id = officer.facility
           WHERE officer.facility = ? AND officer.account = ? AND officer.disabled_at IS NULL`,
        )
        .bind(facility, account)
        .first<Post['house'] & { officer: string; roles: string }>(),
    ),
  )
  return found
    .filter((row) => row !== null)
    .map(({ officer, roles, ...house }) => ({ house, name: officer, roles: JSON.parse(roles) as OfficerRole[] }))
}

/** A request in its environment, whatever routes stand before it. */
type Asked = Pick<Context<{ Bindings: Env }>, 'env' | 'req'>

const askLimits = (phone: string, address: string): Limit[] => [
  { what: `code:${phone}`, most: 5, windowMs: HOUR_MS },
  // Behind one address of a mobile network stand hundreds of families.
  { what: `code:${address}`, most: 60, windowMs: HOUR_MS },
]
const guessLimits = (phone: string, address: string): Limit[] => [
  { what: `guess:${phone}`, most: 15, windowMs: HOUR_MS },
  { what: `guess:${address}`, most: 200, windowMs: HOUR_MS },
]

/** Where a request comes from; requests without an address share one. */
export const addressOf = (c: Asked): string => c.req.header(addressHeader(c.env)) ?? 'unknown'

/** 429, with the seconds to wait in `retry-after`. */
export function later(c: Context, waitMs: number): Response {
  c.header('retry-after', String(Math.ceil(waitMs / 1000)))
  return refuse(c, 'too_many', undefined, 429)
}

/** Asks the library as the browser would, with nothing in the body but what was checked. */
function library(
  c: Asked,
  path: string,
  body?: object,
  send: (code: { phone: string; code: string }) => Promise<void> = unused,
): Promise<Response> {
  const secure = isSecure(c.req.raw)
  const url = new URL(`${basePath}${path}`, c.req.url)
  url.protocol = secure ? 'https:' : 'http:'
  const headers = new Headers(c.req.raw.headers)
  headers.delete('content-length')
  const request = body
    ? {
        method: 'POST',
        headers: (headers.set('content-type', 'application/json'), headers),
        body: JSON.stringify(body),
      }
    : { headers }
  return auth(c.env, secure, send).handler(new Request(url, request))
}

const unused = (): Promise<never> => Promise.reject(new Error('no code is sent here'))

function passCookies(c: Context, answer: Response): void {
  for (const cookie of answer.headers.getSetCookie()) c.header('set-cookie', cookie, { append: true })
}
