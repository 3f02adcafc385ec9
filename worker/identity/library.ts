// The way to the library: asked in its own words, with nothing but what was checked.
import type { Context } from 'hono'
import { setSignedCookie } from 'hono/cookie'
import type { Id } from '#db/id.ts'
import type { Env } from '../env.ts'
import { auth, basePath, isSecure, sessionCookie } from './auth.ts'

/** A request in its environment, whatever routes stand before it. */
export type Asked = Pick<Context<{ Bindings: Env }>, 'env' | 'req'>

/**
 * Asks the library as the browser would, with nothing in the body but what was checked.
 *
 * @throws Error where the library or its database failed: that is no answer about a code
 */
export async function library(
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
  headers.set('content-type', 'application/json')
  const request = new Request(url, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers })

  const answer = await auth(c.env, secure, send).handler(request)
  if (answer.status >= 500) throw new Error(`signing in failed at ${path}: ${answer.status}`)
  return answer
}

const unused = (): Promise<never> => Promise.reject(new Error('no code is sent here'))

/** Lets through the cookies that the library sets. */
export function passCookies(c: Context, answer: Response): void {
  for (const cookie of answer.headers.getSetCookie()) c.header('set-cookie', cookie, { append: true })
}

/** Signs somebody in whom we know by ourselves: a session of the library, and its cookie. */
export async function openSession(c: Context, account: Id): Promise<void> {
  const env = c.env as Env
  const secure = isSecure(c.req.raw)
  const { internalAdapter } = await auth(env, secure, unused).$context
  const { token, expiresAt } = await internalAdapter.createSession(account)
  await setSignedCookie(c, sessionCookie(secure), token, env.SESSION_SECRET, {
    httpOnly: true,
    sameSite: 'Lax',
    secure,
    path: '/',
    expires: expiresAt,
  })
}
