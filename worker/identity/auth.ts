// The library that keeps sessions, set up once. Only worker/identity knows that it is there.
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { betterAuth } from 'better-auth/minimal'
import { directory } from '#db/directory.ts'
import { newId } from '#db/id.ts'
import * as tables from '#db/tables/directory.ts'
import type { Env } from '../env.ts'

export const basePath = '/api/identity'
const DAY_S = 24 * 3600
/** A relative's phone stays signed in for a month after it was last used; officers end with their shift. */
const SESSION_DAYS = 30

/**
 * @param secure whether people reach this server by https: the browser's own marks of a cookie hang on it
 */
export const auth = (env: Env, secure: boolean) =>
  betterAuth({
    basePath,
    secret: env.SESSION_SECRET,
    database: drizzleAdapter(directory(env), { provider: 'sqlite', schema: tables }),
    session: { expiresIn: SESSION_DAYS * DAY_S, updateAge: DAY_S },
    advanced: {
      cookiePrefix,
      useSecureCookies: secure,
      database: { generateId: () => newId() },
      ipAddress: { ipAddressHeaders: [addressHeader(env)] },
    },
    rateLimit: { enabled: false }, // ours is exact: worker/identity/limit.ts
    telemetry: { enabled: false },
    logger: { level: 'error' },
  })

const cookiePrefix = 'etongban'

/** What the library calls the cookie that holds the session's token, signed. */
export const sessionCookie = (secure: boolean): string => `${secure ? '__Secure-' : ''}${cookiePrefix}.session_token`

/**
 * The header in which a trusted proxy writes where a request comes from: Cloudflare's own, or on a house's own
 * machine what `ADDRESS_HEADER` names.
 */
export const addressHeader = (env: Env): string => env.ADDRESS_HEADER ?? 'cf-connecting-ip'

/** Whether people reach this server by https, also where a proxy in front ends TLS. */
export const isSecure = (request: Request): boolean =>
  request.headers.get('x-forwarded-proto') === 'https' || new URL(request.url).protocol === 'https:'
