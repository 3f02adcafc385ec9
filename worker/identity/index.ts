// Signing in with a phone number and a one-time code, as relatives do, and signing out. No answer tells whether an
// account exists; an officer's has no number, and is opened by a passkey alone (passkeys.ts).
// Of the library's many routes only the three that we use are reachable.
import { Hono, type Context } from 'hono'
import * as v from 'valibot'
import { accountHeader } from '#db/command.ts'
import { directory } from '#db/directory.ts'
import { newId } from '#db/id.ts'
import { Phone } from '#db/phone.ts'
import { messages as en } from '#db/words/en/messages.ts'
import { messages as zh } from '#db/words/zh/messages.ts'
import { checked, refuse } from '../checked.ts'
import type { Env, Outside } from '../env.ts'
import { addressHeader, codeMinutes } from './auth.ts'
import { library, passCookies, type Asked } from './library.ts'
import { HOUR_MS, tooMany, type Limit } from './limit.ts'
import { dropPass } from './signedIn.ts'

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

    // A device that had no network says it later, and who it was that left: somebody else may have come since.
    .post('/sign-out', async (c) => {
      const meant = c.req.header(accountHeader)
      const holder = meant && (await holderOf(c))
      if (holder && holder !== meant) return c.json({ signedOut: true })
      const answer = await library(c, '/sign-out', {})
      if (!answer.ok) return refuse(c, 'not_allowed', undefined, 403)
      passCookies(c, answer)
      dropPass(c)
      return c.json({ signedOut: true })
    })

async function holderOf(c: Asked): Promise<string | undefined> {
  const session = await (await library(c, '/get-session')).json<{ user: { id: string } } | null>()
  return session?.user.id
}

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
