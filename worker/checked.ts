// What a request brings is checked before anything is done with it; an error names the field and nothing else.
import type { Context, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import * as v from 'valibot'
import type { Refusal, RefusalCode } from '#db/refusal.ts'

/** Larger than any form of ours: a letter travels through sync, which has its own cap. */
const MAX_FORM_BYTES = 64 * 1024

/** Sets `c.var.input` to the body as `schema` reads it, or answers 400, 413 or 415. */
export const checked = <Schema extends v.GenericSchema>(
  schema: Schema,
): MiddlewareHandler<{ Variables: { input: v.InferOutput<Schema> } }> =>
  createMiddleware(async (c, next) => {
    // A form of a foreign page cannot carry this type without the browser asking first.
    if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
      return refuse(c, 'check_input', undefined, 415)
    const body = await c.req.text()
    if (body.length > MAX_FORM_BYTES) return refuse(c, 'too_large', undefined, 413)

    const input = v.safeParse(schema, parsed(body), { abortEarly: true })
    if (!input.success) return refuse(c, 'check_input', v.getDotPath(input.issues[0]) ?? undefined)
    c.set('input', input.output)
    return next()
  })

/** The answer to what cannot be done: `{ refused: { code, field? } }`. */
export const refuse = (c: Context, code: RefusalCode, field?: string, status: ContentfulStatusCode = 400) => {
  const refused: Refusal = field === undefined ? { code } : { code, field }
  return c.json({ refused }, status)
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
