// The secrets of a local server: made once, kept beside its data, readable for its owner only.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Secrets {
  readonly SESSION_SECRET: string
  readonly RECORD_KEY: string
}

export function secretsIn(dir: string): Secrets {
  const path = join(dir, 'secrets.json')
  if (!existsSync(path)) {
    const { privateKey } = generateKeyPairSync('ed25519')
    const secrets: Secrets = {
      SESSION_SECRET: randomBytes(32).toString('base64url'),
      RECORD_KEY: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    }
    writeFileSync(path, JSON.stringify(secrets), { mode: 0o600 })
  }
  return JSON.parse(readFileSync(path, 'utf8')) as Secrets
}
