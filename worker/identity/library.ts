// The way to the library: asked in its own words, with nothing but what was checked.
import type { Context } from 'hono'
import type { Env } from '../env.ts'
import { auth, basePath, isSecure } from './auth.ts'

/** A request in its environment, whatever routes stand before it. */
export type Asked = Pick<Context<{ Bindings: Env }>, 'env' | 'req'>

/**
 * Asks the library as the browser would, with nothing in the body but what was checked.
 *
 * @throws Error where the library or its database failed: that is no answer about a code
 */
export async function library(c: Asked, path: string, body?: object): Promise<Response> {
  const secure = isSecure(c.req.raw)
  const url = new URL(`${basePath}${path}`, c.req.url)
  url.protocol = secure ? 'https:' : 'http:'
  const headers = new Headers(c.req.raw.headers)
  headers.delete('content-length')
  headers.set('content-type', 'application/json')
  const request = new Request(url, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers })

  const answer = await auth(c.env, secure).handler(request)
  if (answer.status >= 500) throw new Error(`signing in failed at ${path}: ${answer.status}`)
  return answer
}

/** Lets through the cookies that the library sets. */
export function passCookies(c: Context, answer: Response): void {
  for (const cookie of answer.headers.getSetCookie()) c.header('set-cookie', cookie, { append: true })
}
