// Signing in by another server that knows who somebody is (OpenID Connect, code flow with PKCE): a province's app, where
// the operator has named it. Such a server is asked, never trusted further than its signature: an account that holds
// matters is opened by a number that it has verified in a browser that is known, or after the proof of a new device.
import * as oauth from 'oauth4webapi'
import { and, eq, gt, like, lt } from 'drizzle-orm'
import { Hono } from 'hono'
import * as v from 'valibot'
import { directory } from '#db/directory.ts'
import { newId, type Id } from '#db/id.ts'
import { Phone } from '#db/phone.ts'
import { account as link, verification } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { anybody } from '../doors.ts'
import type { Env } from '../env.ts'
import { hashOf } from '../house/code.ts'
import { accountOf } from './accounts.ts'
import { isSecure } from './auth.ts'
import { browserOf, knows } from './browser.ts'
import { goHalfway } from './halfway.ts'
import type { Asked } from './library.ts'
import { mayCome } from './limit.ts'
import { waysFor } from './prove.ts'
import { signIn } from './session.ts'

const line = v.pipe(v.string(), v.minLength(1), v.maxLength(200))
const Providers = v.array(
  v.strictObject({
    /** in addresses, and of what is kept: never changed */
    id: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]{1,19}$/)),
    /** what the button says */
    name: line,
    issuer: v.pipe(v.string(), v.url()),
    client: line,
    /** without it the client is a public one, and PKCE alone binds the code */
    secret: v.optional(line),
  }),
)
type Provider = v.InferOutput<typeof Providers>[number]

/** @throws where the operator has written something else */
const providersOf = (env: Env): Provider[] => v.parse(Providers, JSON.parse(env.OIDC_PROVIDERS ?? '[]'))

const Begin = v.strictObject({ provider: line })
/** What the provider's redirect brought, as it came. */
const Finish = v.strictObject({ answer: v.pipe(v.string(), v.maxLength(8192)) })

/** How long somebody may take to sign in there. */
const PATIENCE_MS = 15 * 60_000
/** How wrong the provider's clock may be, seconds. */
const SKEW_S = 30
const SILENCE_MS = 10_000
const prefix = 'oidc:'

/** What is remembered of somebody who was sent there. */
interface Sent {
  readonly provider: string
  readonly nonce: string
  readonly verifier: string
  readonly browser: string
}

/** Routes under `/api/identity/providers`. */
export const providers = new Hono<{ Bindings: Env }>()
  .get('/', anybody, (c) => c.json({ providers: providersOf(c.env).map(({ id, name }) => ({ id, name })) }))

  .post('/begin', anybody, mayCome, checked(Begin), async (c) => {
    const provider = providersOf(c.env).find(({ id }) => id === c.var.input.provider)
    if (!provider) return refuse(c, 'not_allowed', 'provider', 404)
    const server = await serverOf(provider).catch(() => undefined)
    if (!server?.authorization_endpoint) return refuse(c, 'unreachable', undefined, 503)

    const state = oauth.generateRandomState()
    const sent: Sent = {
      provider: provider.id,
      nonce: oauth.generateRandomNonce(),
      verifier: oauth.generateRandomCodeVerifier(),
      browser: await browserOf(c),
    }
    const now = Date.now()
    const db = directory(c.env)
    const at = { createdAt: new Date(now), updatedAt: new Date(now), expiresAt: new Date(now + PATIENCE_MS) }
    const identifier = `${prefix}${await hashOf(state)}`
    await db.batch([
      db
        .delete(verification)
        .where(and(like(verification.identifier, `${prefix}%`), lt(verification.expiresAt, new Date(now)))),
      db.insert(verification).values({ id: newId(), identifier, value: JSON.stringify(sent), ...at }),
    ])
    const to = new URL(server.authorization_endpoint)
    to.search = new URLSearchParams({
      client_id: provider.client,
      redirect_uri: returnTo(c),
      response_type: 'code',
      scope: 'openid phone',
      state,
      nonce: sent.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(sent.verifier),
      code_challenge_method: 'S256',
    }).toString()
    return c.json({ to: to.href })
  })

  // One answer for all that is not right: what it was is nobody's business but the operator's.
  .post('/finish', anybody, mayCome, checked(Finish), async (c) => {
    const answer = new URLSearchParams(c.var.input.answer)
    const browser = await browserOf(c)
    const now = Date.now()
    const sent = await spend(c.env, answer.get('state') ?? '', browser, now)
    const provider = sent && providersOf(c.env).find(({ id }) => id === sent.provider)
    if (!provider) return refuse(c, 'not_allowed', 'state', 403)
    const who = await ask(c, provider, sent, answer).catch((fault: unknown) => {
      console.error(
        JSON.stringify({ at: 'oidc', provider: provider.id, fault: fault instanceof Error ? fault.name : '' }),
      )
      return undefined
    })
    if (!who) return refuse(c, 'not_allowed', 'provider', 403)

    const tied = await tiedTo(c.env, provider.id, who.subject)
    if (tied) {
      await signIn(c, browser, tied, now)
      return c.json({ signedIn: true })
    }
    if (!who.phone) return refuse(c, 'not_allowed', 'phone', 403)
    const account = await accountOf(c.env, who.phone)
    if (account.holdsMatters && !(await knows(c.env, browser, account.id))) {
      await goHalfway(c, account.id, who.phone, now)
      return c.json({ prove: await waysFor(c.env, account.id) })
    }
    await tie(c.env, provider.id, who.subject, account.id, now)
    await signIn(c, browser, account.id, now)
    return c.json({ signedIn: true })
  })

/** The sign-in page: what comes there is handed on by a request of our own, with the cookies that only those carry. */
const returnTo = (c: Asked): string => `${isSecure(c.req.raw) ? 'https' : 'http'}://${new URL(c.req.url).host}/sign-in`

/** Once, and only for the browser that was sent. */
async function spend(env: Env, state: string, browser: string, now: number): Promise<Sent | undefined> {
  const [row] = await directory(env)
    .delete(verification)
    .where(
      and(eq(verification.identifier, `${prefix}${await hashOf(state)}`), gt(verification.expiresAt, new Date(now))),
    )
    .returning({ value: verification.value })
  const sent = row && (JSON.parse(row.value) as Sent)
  return sent?.browser === browser ? sent : undefined
}

/**
 * @returns whom it names, and their telephone number where it says that it has verified it
 * @throws what the library throws at an answer that is not right
 */
async function ask(
  c: Asked,
  provider: Provider,
  sent: Sent,
  answer: URLSearchParams,
): Promise<{ readonly subject: string; readonly phone: string | undefined }> {
  const server = await serverOf(provider)
  const client: oauth.Client = { client_id: provider.client, [oauth.clockTolerance]: SKEW_S }
  const options = optionsFor(provider)
  const parameters = oauth.validateAuthResponse(server, client, answer, answer.get('state') ?? '')
  const proof = provider.secret === undefined ? oauth.None() : oauth.ClientSecretPost(provider.secret)
  const { verifier, nonce } = sent
  const heard = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    proof,
    parameters,
    returnTo(c),
    verifier,
    options,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, heard, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
  await oauth.validateApplicationLevelSignature(server, heard, options)
  const said = oauth.getValidatedIdTokenClaims(tokens)
  if (!said) throw new Error('no id token')
  const heardOf = await oauth.userInfoRequest(server, client, tokens.access_token, options)
  const more = await oauth.processUserInfoResponse(server, client, said.sub, heardOf)
  const phone = v.safeParse(Phone, more.phone_number)
  return {
    subject: said.sub,
    phone: more['phone_number_verified'] === true && phone.success ? phone.output : undefined,
  }
}

async function serverOf(provider: Provider): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(provider.issuer)
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, optionsFor(provider)))
}

/** Plain HTTP on this machine alone, where a server is tried. */
const optionsFor = ({ issuer }: Provider) => ({
  signal: AbortSignal.timeout(SILENCE_MS),
  [oauth.allowInsecureRequests]: new URL(issuer).hostname === '127.0.0.1',
})

async function tiedTo(env: Env, provider: string, subject: string): Promise<Id | undefined> {
  const [row] = await directory(env)
    .select({ account: link.userId })
    .from(link)
    .where(and(eq(link.providerId, provider), eq(link.accountId, subject)))
  return row?.account
}

/** From now on that subject is this account's owner, whatever becomes of the number. */
async function tie(env: Env, provider: string, subject: string, account: Id, now: number): Promise<void> {
  const at = new Date(now)
  await directory(env)
    .insert(link)
    .values({ id: newId(), providerId: provider, accountId: subject, userId: account, createdAt: at, updatedAt: at })
}
