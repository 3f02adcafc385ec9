// What the server is given: bindings and secrets (README, "For an operator"), and who asks, once it is known.
import type { DirectoryBinding } from '#db/directory.ts'
import type { Id } from '#db/id.ts'
import type { LedgerBindings } from '#db/ledger.ts'
import type { Registry } from './outside/licences.ts'
import type { Sms } from './outside/sms.ts'

export interface Env extends DirectoryBinding, LedgerBindings {
  DB: D1Database
  /** one durable object per house: claims, the poke, the minute */
  DESK: DurableObjectNamespace
  ASSETS: Fetcher
  /** photos of papers, keyed by (facility, account, hash) */
  FILES: R2Bucket
  /** secret: signs sessions and tokens, 32 random bytes or more */
  SESSION_SECRET: string
  /** secret: makes the keys under which devices keep what is theirs, 32 random bytes or more; never changed */
  SEAL_SECRET: string
  /** secret: seals and finds telephone and document numbers, 32 random bytes or more; never changed */
  PEOPLE_SECRET: string
  /** secret: the Ed25519 key that signs the record, PKCS8, base64 */
  RECORD_KEY: string
  /** the name under which the record signs, such as `record.example.cn` */
  RECORD_ORIGIN: string
  /** secret: whoever holds it may open a house; 26 characters of chance or more. Without it only an admin may */
  FOUNDING_CODE?: string
  /** the header in which the proxy in front names the client's address; without it `cf-connecting-ip` */
  ADDRESS_HEADER?: string
  /** where text messages go, see worker/outside/sms.ts; without it no code can be sent */
  SMS_GATEWAY_URL?: string
  /** secret: by which servers relatives may sign in, JSON, see worker/identity/providers.ts; without it by none */
  OIDC_PROVIDERS?: string
  /** secret: shared with that gateway */
  SMS_GATEWAY_SECRET?: string
  /** where the registry of lawyers' licences answers, see worker/outside/licences.ts; without it nobody is verified */
  REGISTRY_URL?: string
  /** secret: shared with that registry's gateway */
  REGISTRY_SECRET?: string
  /** while it is set nobody is answered, and each house's minute goes on and logs whether anything is to be erased */
  STANDS_STILL?: string
  /** after how many days an account that no house knows of, and nobody uses, is erased; without it 365 */
  IDLE_ACCOUNT_DAYS?: string
}

/** The world outside, as values: the deployed server is given the real one, the local one an inbox and a file. */
export interface Outside {
  readonly sms: Sms
  readonly registry: Registry
}

/** Who asks. */
export interface Me {
  readonly account: Id
  readonly officer: boolean
  /** an enrolled device acts under its own id */
  readonly kiosk?: { readonly id: Id; readonly facility: Id; readonly cell: string }
  /** where a sync has to look: the houses in which the account has a tie or a post */
  readonly facilities: readonly Id[]
}

/** What every route behind `signedIn` finds in its context. */
export interface Signed {
  Bindings: Env
  Variables: { me: Me }
}
