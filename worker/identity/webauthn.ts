// Passkeys (WebAuthn): what a browser is asked to make or to sign, and whether its answer is right. Every question is
// good once, for one purpose, and for the page that it was asked on.
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { isoBase64URL, isoUint8Array } from '@simplewebauthn/server/helpers'
import { and, eq, gt, lt, sql } from 'drizzle-orm'
import { directory } from '#db/directory.ts'
import type { Id } from '#db/id.ts'
import type { Assertion, Registration } from '#db/passkey.ts'
import { challenge, passkey } from '#db/tables/directory.ts'
import { frame as en } from '#db/words/en/frame.ts'
import { frame as zh } from '#db/words/zh/frame.ts'
import type { Env } from '../env.ts'
import { isSecure } from './auth.ts'
import type { Asked } from './library.ts'

export type Purpose = typeof challenge.$inferSelect.purpose

/** How long somebody may look for their finger or their key. */
const PATIENCE_MS = 5 * 60_000

/** ES256, Ed25519, RS256: what phones, tablets, Windows and security keys make. */
const algorithms = [-7, -8, -257]

/** So that it can open a phone's lock as well (web/src/lock/passkey.ts). The library does not know of it yet. */
const makesKeys = { prf: {} } as NonNullable<Parameters<typeof generateRegistrationOptions>[0]['extensions']>

/** Who a passkey is for: its name is the host's, so that one made elsewhere opens nothing here. */
function partyOf(c: Asked): { id: string; origin: string; name: string } {
  const { hostname, host } = new URL(c.req.url)
  const { app } = /^en\b/i.test(c.req.header('accept-language') ?? '') ? en : zh
  return { id: hostname, origin: `${isSecure(c.req.raw) ? 'https' : 'http'}://${host}`, name: app }
}

/** @returns what `navigator.credentials.create` is given */
export async function askToRegister(
  c: Asked,
  purpose: Purpose,
  about: string,
  whose: { readonly account: Id; readonly name: string },
) {
  const { id, name } = partyOf(c)
  const options = await generateRegistrationOptions({
    rpID: id,
    rpName: name,
    userID: isoUint8Array.fromUTF8String(whose.account),
    userName: whose.name,
    userDisplayName: whose.name,
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: await passkeysOf(c.env, whose.account),
    timeout: PATIENCE_MS,
    extensions: makesKeys,
  })
  await keep(c.env, options.challenge, purpose, about)
  return options
}

/**
 * @param of whose passkey it has to be; without it the browser offers all that it has for this house
 * @returns what `navigator.credentials.get` is given
 */
export async function askToSign(c: Asked, purpose: Purpose, of?: Id) {
  const options = await generateAuthenticationOptions({
    rpID: partyOf(c).id,
    userVerification: 'required',
    timeout: PATIENCE_MS,
    ...(of && { allowCredentials: await passkeysOf(c.env, of) }),
  })
  await keep(c.env, options.challenge, purpose, of ?? '')
  return options
}

type NewPasskey = Omit<typeof passkey.$inferInsert, 'account'>

/**
 * @param about what its question was bound to, where that is known
 * @returns the new passkey, and what its question was bound to; undefined for all that is not right
 */
export async function registered(
  c: Asked,
  credential: Registration,
  purpose: Purpose,
  about?: string,
): Promise<{ readonly passkey: NewPasskey; readonly about: string } | undefined> {
  const asked = await spend(c.env, credential, purpose, about)
  if (!asked) return undefined
  const { id, origin } = partyOf(c)
  const { registrationInfo } = await verifyRegistrationResponse({
    response: credential,
    expectedChallenge: asked.challenge,
    expectedOrigin: origin,
    expectedRPID: id,
    supportedAlgorithmIDs: algorithms,
  }).catch(() => ({ registrationInfo: undefined })) // the library throws at what it is given
  if (!registrationInfo) return undefined

  const { credential: made, credentialDeviceType } = registrationInfo
  const known = await directory(c.env).select({ id: passkey.id }).from(passkey).where(eq(passkey.id, made.id))
  if (known.length > 0) return undefined
  const now = Date.now()
  return {
    about: asked.about,
    passkey: {
      id: made.id,
      publicKey: isoBase64URL.fromBuffer(made.publicKey),
      counter: made.counter,
      synced: credentialDeviceType === 'multiDevice',
      transports: credential.response.transports,
      since: now,
      usedAt: now,
    },
  }
}

/**
 * @param of whose passkey it has to be
 * @returns the account whose passkey signed; undefined for all that is not right: what it was is not told
 */
export async function signedBy(c: Asked, credential: Assertion, purpose: Purpose, of?: Id): Promise<Id | undefined> {
  const asked = await spend(c.env, credential, purpose, of ?? '')
  if (!asked) return undefined
  const db = directory(c.env)
  const [known] = await db.select().from(passkey).where(eq(passkey.id, credential.id))
  if (!known || (of && known.account !== of)) return undefined
  const { userHandle, ...response } = credential.response
  if (userHandle !== undefined && userHandle !== isoBase64URL.fromUTF8String(known.account)) return undefined

  const { id, origin } = partyOf(c)
  const verdict = await verifyAuthenticationResponse({
    response: { ...credential, response },
    expectedChallenge: asked.challenge,
    expectedOrigin: origin,
    expectedRPID: id,
    credential: { id: known.id, publicKey: isoBase64URL.toBuffer(known.publicKey), counter: known.counter },
  }).catch(() => undefined)
  if (!verdict?.verified) return undefined

  // Its count goes up with every use: one that does not was copied. Some count nothing, and stay at 0.
  const { newCounter } = verdict.authenticationInfo
  const moved = await db
    .update(passkey)
    .set({ counter: newCounter, usedAt: Date.now() })
    .where(and(eq(passkey.id, known.id), newCounter === 0 ? eq(passkey.counter, 0) : lt(passkey.counter, newCounter)))
    .returning({ account: passkey.account })
  return moved[0]?.account
}

/** What a browser is told of an account's passkeys. */
export const passkeysOf = (env: Env, account: Id) =>
  directory(env)
    .select({ id: passkey.id, transports: passkey.transports })
    .from(passkey)
    .where(eq(passkey.account, account))

async function keep(env: Env, asked: string, purpose: Purpose, about: string): Promise<void> {
  const now = Date.now()
  const db = directory(env)
  await db.batch([
    db.insert(challenge).values({ challenge: asked, purpose, about, until: now + PATIENCE_MS }),
    db.delete(challenge).where(lt(challenge.until, now)),
  ])
}

/** Whatever comes of the answer, its question is not asked again. */
async function spend(
  env: Env,
  { response }: { readonly response: { readonly clientDataJSON: string } },
  purpose: Purpose,
  about: string | undefined,
): Promise<{ readonly challenge: string; readonly about: string } | undefined> {
  const asked = challengeIn(response.clientDataJSON)
  if (asked === undefined) return undefined
  const [spent] = await directory(env)
    .delete(challenge)
    .where(
      and(
        eq(challenge.challenge, asked),
        eq(challenge.purpose, purpose),
        gt(challenge.until, Date.now()),
        about === undefined ? sql`TRUE` : eq(challenge.about, about),
      ),
    )
    .returning({ challenge: challenge.challenge, about: challenge.about })
  return spent
}

function challengeIn(clientDataJSON: string): string | undefined {
  try {
    const said: unknown = JSON.parse(isoBase64URL.toUTF8String(clientDataJSON))
    const asked = (said as { challenge?: unknown }).challenge
    return typeof asked === 'string' ? asked : undefined
  } catch {
    return undefined
  }
}
