// `/api/lawyers`: who says that they are a lawyer, and what the registry says. They sign in as relatives do. The answer
// hangs on the registry alone: it is the same whether or not that licence is in another account already.
import { Hono } from 'hono'
import * as v from 'valibot'
import { directory } from '#db/directory.ts'
import { normalNumber } from '#db/document.ts'
import { Nothing } from '#db/house.ts'
import { grades, licenceLooksRight } from '#db/licence.ts'
import { text } from '#db/text.ts'
import { checked } from '../checked.ts'
import { only } from '../doors.ts'
import type { Outside, Signed } from '../env.ts'
import { Document, keepDocument } from '../identity/document.ts'
import { addressOf, HOUR_MS, later, tooMany } from '../identity/limit.ts'
import { lookupOf } from '../identity/numbers.ts'
import { askLimit, lawyerOf, licenceNow, stateLicence } from './licences.ts'

const StateLicence = v.pipe(
  v.strictObject({
    grade: v.picklist(grades),
    licence: v.pipe(v.string(), v.maxLength(40), v.transform(normalNumber)),
    firm: v.pipe(text({ graphemes: 60, bytes: 480 }), v.trim(), v.minLength(1)),
    document: Document,
  }),
  v.forward(
    v.check(({ grade, licence }) => licenceLooksRight[grade](licence)),
    ['licence'],
  ),
)

export const lawyers = ({ registry }: Outside) =>
  new Hono<Signed>()

    .get('/me', ...only('relatives'), async (c) =>
      c.json({ lawyer: (await lawyerOf(c.env, c.var.me.account))?.card ?? null }),
    )

    // A licence's number is public: whoever types it must not learn from us whose document goes with it.
    .post('/me', ...only('relatives'), checked(StateLicence), async (c) => {
      const { document, ...stated } = c.var.input
      const { account } = c.var.me
      const now = Date.now()
      const limits = [
        { what: `licence:${account}`, most: 5, windowMs: 24 * HOUR_MS },
        {
          what: `licence:${await lookupOf(c.env.PEOPLE_SECRET, 'licence', stated.licence)}`,
          most: 10,
          windowMs: 24 * HOUR_MS,
        },
        { what: `licence:${addressOf(c)}`, most: 30, windowMs: HOUR_MS },
      ]
      const waitMs = await tooMany(directory(c.env), limits, now)
      if (waitMs > 0) return later(c, waitMs)
      await keepDocument(c.env, account, document, now)
      await stateLicence(c.env, account, stated, now)
      await licenceNow(c.env, registry, account, now)
      return c.json({ lawyer: (await lawyerOf(c.env, account))?.card ?? null })
    })

    .post('/me/ask', ...only('relatives'), checked(Nothing), async (c) => {
      const { account } = c.var.me
      const now = Date.now()
      const waitMs = await tooMany(directory(c.env), [askLimit(account)], now)
      if (waitMs > 0) return later(c, waitMs)
      const heard = await licenceNow(c.env, registry, account, now)
      return c.json({ lawyer: (await lawyerOf(c.env, account))?.card ?? null, fresh: heard?.fresh ?? false })
    })
