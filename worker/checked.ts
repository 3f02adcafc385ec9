// What a request brings is checked before anything is done with it; an error names the field and nothing else.
import type { Context, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import * as v from 'valibot'
import type { Refusal, RefusalCode } from '#db/refusal.ts'
import { readBody } from './body.ts'

/** Larger than any form of ours: a letter travels through sync, which has its own cap. */
const MAX_FORM_BYTES = 64 * 1024

/**
 * Sets `c.var.input` to the body as `schema` reads it, or answers 400, 413 or 415.
 *
 * @param maxBytes how long the body may be
 */
export const checked = <Schema extends v.GenericSchema>(
  schema: Schema,
  maxBytes = MAX_FORM_BYTES,
): MiddlewareHandler<{ Variables: { input: v.InferOutput<Schema> } }> =>
  createMiddleware(async (c, next) => {
    const body = await readBody(c.req.raw, maxBytes)
    if ('problem' in body && body.status !== 400)
      return refuse(c, body.status === 413 ? 'too_large' : 'check_input', undefined, body.status)

    const input = v.safeParse(schema, 'json' in body ? body.json : undefined, { abortEarly: true })
    if (!input.success) return refuse(c, 'check_input', v.getDotPath(input.issues[0]) ?? undefined)
    c.set('input', input.output)
    return next()
  })

/** The answer to what cannot be done: `{ refused: { code, field? } }`. */
export const refuse = (c: Context, code: RefusalCode, field?: string, status: ContentfulStatusCode = 400) => {
  const refused: Refusal = field === undefined ? { code } : { code, field }
  c.set('refused', code)
  return c.json({ refused }, status)
}
