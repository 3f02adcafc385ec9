// Officers who signed in by their phones, before there were passkeys: what becomes of them when the tables change.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../../db/migrations')
const migrations = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .sort()
const passkeys = migrations.findIndex((name) => name.endsWith('_passkeys.sql'))

test('an officer who had a number has none any more and is signed out; a relative goes on', () => {
  const database = new DatabaseSync(':memory:')
  const migrate = (names: string[]) => names.forEach((name) => database.exec(readFileSync(join(folder, name), 'utf8')))
  migrate(migrations.slice(0, passkeys))
  for (const [id, officer] of [
    ['officer', 1],
    ['mother', 0],
  ] as const) {
    database
      .prepare(
        `INSERT INTO user (id, name, email, email_verified, phone_number, officer, created_at, updated_at)
         VALUES (?1, '', ?1, 0, ?1, ?2, 0, 0)`,
      )
      .run(id, officer)
    database
      .prepare(
        `INSERT INTO session (id, token, user_id, expires_at, created_at, updated_at) VALUES (?1, ?1, ?1, 9, 0, 0)`,
      )
      .run(id)
  }
  migrate(migrations.slice(passkeys, passkeys + 1))
  const phones = database.prepare('SELECT id, phone_number AS phone FROM user ORDER BY id').all()
  expect(phones.map((row) => ({ ...row }))).toEqual([
    { id: 'mother', phone: 'mother' },
    { id: 'officer', phone: null },
  ])
  expect(database.prepare('SELECT user_id AS id FROM session').all().length).toBe(1)
  migrate(migrations.slice(passkeys + 1))
  database.close()
})
