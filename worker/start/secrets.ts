// The secrets of a local server: made once, kept beside its data, readable for its owner only.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Secrets {
  readonly SESSION_SECRET: string
  readonly SEAL_SECRET: string
  readonly PEOPLE_SECRET: string
  readonly RECORD_KEY: string
  readonly FOUNDING_CODE: string
  /** shared with the registry of licences that a local server starts beside itself */
  readonly REGISTRY_SECRET: string
}

/** What the folder has, and what an older version did not make yet. */
export function secretsIn(dir: string): Secrets {
  const path = join(dir, 'secrets.json')
  const kept = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Partial<Secrets>) : {}
  const secrets: Secrets = {
    SESSION_SECRET: kept.SESSION_SECRET ?? randomBytes(32).toString('base64url'),
    SEAL_SECRET: kept.SEAL_SECRET ?? randomBytes(32).toString('base64url'),
    PEOPLE_SECRET: kept.PEOPLE_SECRET ?? randomBytes(32).toString('base64url'),
    RECORD_KEY: kept.RECORD_KEY ?? newRecordKey(),
    FOUNDING_CODE: kept.FOUNDING_CODE ?? randomBytes(20).toString('hex'),
    REGISTRY_SECRET: kept.REGISTRY_SECRET ?? randomBytes(32).toString('base64url'),
  }
  const text = JSON.stringify(secrets)
  if (text !== JSON.stringify(kept)) writeFileSync(path, text, { mode: 0o600 })
  return secrets
}

const newRecordKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')
