// `/api/identity/document`: who a relative says they are. It is kept sealed and told masked, to themselves too: a phone
// may be in other hands.
import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import * as v from 'valibot'
import { directory } from '#db/directory.ts'
import { documentKinds, looksRight, maskedNumber, normalNumber, type StatedDocument } from '#db/document.ts'
import type { Id } from '#db/id.ts'
import { ofAgeAt } from '#db/minor.ts'
import { document, lawyer } from '#db/tables/directory.ts'
import { text } from '#db/text.ts'
import { checked } from '../checked.ts'
import { only } from '../doors.ts'
import type { Env, Signed } from '../env.ts'
import { openNumber, sealNumber } from './numbers.ts'

/** What somebody states of themselves; an error names the field. */
export const Document = v.pipe(
  v.strictObject({
    kind: v.picklist(documentKinds),
    number: v.pipe(v.string(), v.maxLength(40), v.transform(normalNumber)),
    name: v.pipe(text({ graphemes: 40, bytes: 320 }), v.trim(), v.minLength(1)),
  }),
  v.forward(
    v.check(({ kind, number }) => looksRight[kind](number)),
    ['number'],
  ),
)

export const ownDocument = new Hono<Signed>()
  .get('/', ...only('relatives'), async (c) => c.json({ document: await statedBy(c.env, c.var.me.account) }))

  // Until an officer has seen the paper, and after it was stated anew, it is only what somebody says.
  .post('/', ...only('relatives'), checked(Document), async (c) => {
    const { account } = c.var.me
    const now = Date.now()
    await keepDocument(c.env, account, c.var.input, now)
    // A lawyer's licence was compared with what they stated before: the registry is asked anew.
    await directory(c.env)
      .update(lawyer)
      .set({ standing: null, heardAt: null, statedAt: now, askAt: now })
      .where(eq(lawyer.account, account))
    return c.json({ document: await statedBy(c.env, account) })
  })

/**
 * Keeps what was stated, instead of what was.
 *
 * @param now UTC milliseconds
 */
export async function keepDocument(
  env: Env,
  account: Id,
  { kind, number, name }: v.InferOutput<typeof Document>,
  now: number,
): Promise<void> {
  const secret = env.PEOPLE_SECRET
  const stated = {
    kind,
    numberSealed: await sealNumber(secret, 'document', account, number),
    nameSealed: await sealNumber(secret, 'name', account, name),
    statedAt: now,
    checkedAt: null,
  }
  await directory(env)
    .insert(document)
    .values({ account, ...stated })
    .onConflictDoUpdate({ target: document.account, set: stated })
}

/** When somebody is of age, as what they have stated says; null where it does not. UTC milliseconds */
export async function ofAge(env: Env, account: Id): Promise<number | null> {
  const [row] = await directory(env).select().from(document).where(eq(document.account, account))
  return row ? ofAgeAt(row.kind, await openNumber(env.PEOPLE_SECRET, 'document', account, row.numberSealed)) : null
}

/** @returns null for somebody who has stated none */
export async function statedBy(env: Env, account: Id): Promise<StatedDocument | null> {
  const [row] = await directory(env).select().from(document).where(eq(document.account, account))
  if (!row) return null
  const { kind, numberSealed, nameSealed, statedAt, checkedAt } = row
  const open = (what: 'document' | 'name', sealed: string) => openNumber(env.PEOPLE_SECRET, what, account, sealed)
  return {
    kind,
    number: maskedNumber(await open('document', numberSealed)),
    name: await open('name', nameSealed),
    statedAt,
    checkedAt,
  }
}
