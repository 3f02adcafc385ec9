// Passkeys, as they travel: what a browser answers when it has made or used one (WebAuthn Level 3, its JSON), and how
// the house lists them.
import * as v from 'valibot'
import { Code, FoundHouse } from './house.ts'

const base64url = v.pipe(v.string(), v.maxLength(8192), v.regex(/^[\w-]+$/))
const common = {
  id: base64url,
  rawId: base64url,
  type: v.literal('public-key'),
  clientExtensionResults: v.optional(
    v.pipe(
      v.unknown(),
      v.transform(() => ({})),
    ),
    {},
  ),
}

/** A passkey was made. What a browser adds of its own is left out. */
export const Registration = v.object({
  ...common,
  response: v.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(20))), v.maxLength(10)), []),
  }),
})
export type Registration = v.InferOutput<typeof Registration>

/** A passkey has signed. */
export const Assertion = v.object({
  ...common,
  response: v.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: v.optional(base64url),
  }),
})
export type Assertion = v.InferOutput<typeof Assertion>

export const UsePasskey = v.strictObject({ credential: Assertion })
/** Another one is made once it is known who is there: by one that they have, or because they have just signed in. */
export const AskForPasskey = v.strictObject({ credential: v.optional(Assertion) })
export const AddPasskey = v.strictObject({ credential: Registration })
/** An officer takes their code, and registers what they sign in with from then on. */
export const TakeEnrolment = v.strictObject({ ...Code.entries, credential: Registration })

export const Found = v.strictObject({ house: FoundHouse, credential: Registration })

/** A passkey in the list of whoever it belongs to. */
export interface PasskeyView {
  readonly id: string
  /** a security key, a device's own, or one that its maker carries to its owner's other devices */
  readonly kind: 'securityKey' | 'device' | 'synced'
  readonly since: number
  readonly usedAt: number
}
