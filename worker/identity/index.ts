// Signing in with a phone number and a one-time code, as relatives do, and signing out. No answer tells whether an
// account exists; an officer's has no number, and is opened by a passkey alone (passkeys.ts).
// Of the library's many routes only the one that we use is reachable.
import { Hono } from 'hono'
import * as v from 'valibot'
import { accountHeader } from '#db/command.ts'
import { directory } from '#db/directory.ts'
import { newId } from '#db/id.ts'
import { Phone } from '#db/phone.ts'
import { messages as en } from '#db/words/en/messages.ts'
import { messages as zh } from '#db/words/zh/messages.ts'
import { checked, refuse } from '../checked.ts'
import { anybody } from '../doors.ts'
import type { Env, Outside } from '../env.ts'
import { accountOf } from './accounts.ts'
import { browserOf, knows } from './browser.ts'
import { codeMinutes, newCode, takeCode } from './codes.ts'
import { copies } from './copy.ts'
import { ownDocument } from './document.ts'
import { goHalfway } from './halfway.ts'
import { library, passCookies, type Asked } from './library.ts'
import { addressOf, HOUR_MS, later, tooMany, type Limit } from './limit.ts'
import { lookupOf } from './numbers.ts'
import { proving, waysFor } from './prove.ts'
import { providers } from './providers.ts'
import { signIn } from './session.ts'
import { sessions } from './sessions.ts'
import { dropPass } from './signedIn.ts'

const AskForCode = v.strictObject({ phoneNumber: Phone })
const digits = v.pipe(
  v.string(),
  v.maxLength(20),
  v.transform((typed) => typed.normalize('NFKC').replace(/\s/g, '')),
  v.regex(/^\d{6}$/),
)
const Verify = v.strictObject({ phoneNumber: Phone, code: digits })

/** Routes under `/api/identity`. */
export const identity = (outside: Outside) =>
  new Hono<{ Bindings: Env }>()
    .post('/phone-number/send-otp', anybody, checked(AskForCode), async (c) => {
      const { phoneNumber } = c.var.input
      const now = Date.now()
      const secret = c.env.PEOPLE_SECRET
      const phone = await lookupOf(secret, 'phone', phoneNumber)
      const waitMs = await tooMany(directory(c.env), askLimits(phone, addressOf(c), await browserOf(c)), now)
      if (waitMs > 0) return later(c, waitMs)

      const words = /^en\b/i.test(c.req.header('accept-language') ?? '') ? en : zh
      const code = await newCode(directory(c.env), secret, phone, now)
      const text = words.code(code, codeMinutes, new URL(c.req.url).hostname)
      const sent = await outside.sms.send({ id: newId(), to: phoneNumber, text, code })
      return sent === 'taken' ? c.json({ sent: true }) : refuse(c, 'unreachable', undefined, 503)
    })

    .post('/phone-number/verify', anybody, checked(Verify), async (c) => {
      const { phoneNumber, code } = c.var.input
      const now = Date.now()
      const phone = await lookupOf(c.env.PEOPLE_SECRET, 'phone', phoneNumber)
      const browser = await browserOf(c)
      const waitMs = await tooMany(directory(c.env), guessLimits(phone, addressOf(c), browser), now)
      if (waitMs > 0) return later(c, waitMs)
      if (!(await takeCode(directory(c.env), c.env.PEOPLE_SECRET, phone, code, now)))
        return refuse(c, 'wrong_code', 'code')

      const account = await accountOf(c.env, phoneNumber)
      if (account.holdsMatters && !(await knows(c.env, browser, account.id))) {
        await goHalfway(c, account.id, phoneNumber, now)
        return c.json({ prove: await waysFor(c.env, account.id) })
      }
      await signIn(c, browser, account.id, now)
      return c.json({ signedIn: true })
    })

    .route('/providers', providers)
    .route('/prove', proving)
    .route('/document', ownDocument)
    .route('/copy', copies)
    .route('/sessions', sessions)

    // A device that had no network says it later, and who it was that left: somebody else may have come since.
    .post('/sign-out', anybody, async (c) => {
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

const askLimits = (phone: string, address: string, browser: string): Limit[] => [
  { what: `code:${phone}`, most: 5, windowMs: HOUR_MS },
  { what: `code:${browser}`, most: 15, windowMs: HOUR_MS },
  // Behind one address of a mobile network stand hundreds of families.
  { what: `code:${address}`, most: 60, windowMs: HOUR_MS },
]
const guessLimits = (phone: string, address: string, browser: string): Limit[] => [
  { what: `guess:${phone}`, most: 15, windowMs: HOUR_MS },
  { what: `guess:${browser}`, most: 45, windowMs: HOUR_MS },
  { what: `guess:${address}`, most: 200, windowMs: HOUR_MS },
]
