// The tables keep their own promises, whatever the code around them does. drizzle knows neither triggers nor WITHOUT
// ROWID, and a later migration that rebuilds a table loses both without a word: so they are read back here.
import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { newId } from '#db/id.ts'

const house = newId()
const subject = newId()

const event = (seq: number, position: number, verb = 'INSERT', command = newId(), matter = subject) =>
  env.DB.prepare(`${verb} INTO event (matter, seq, facility, position, body, hash) VALUES (?, ?, ?, ?, ?, ?)`)
    .bind(matter, seq, house, position, JSON.stringify({ actor: house, command }), 'hash')
    .run()

const head = (size: number, verb = 'INSERT') =>
  env.DB.prepare(
    `${verb} INTO checkpoint (facility, size, at, note, frontier, leaves, seal) VALUES (?, ?, 0, '', '[]', '', '')`,
  )
    .bind(house, size)
    .run()

const bare = (statement: string) => env.DB.prepare(statement).run()

let first: ReturnType<typeof newId>
beforeEach(async () => {
  if (first) return
  first = newId()
  await event(1, 0, 'INSERT', first)
  await head(1)
})

test('the tables that promise an order of their own have no other', async () => {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%WITHOUT ROWID%' ORDER BY name",
  ).all<{ name: string }>()
  expect(results.map((table) => table.name)).toEqual([
    'attempt',
    'challenge',
    'command',
    'daily',
    'event',
    'feed',
    'kiosk_nonce',
    'reach',
  ])
})

test('an event is never changed, removed or written over', async () => {
  await expect(bare("UPDATE event SET hash = 'other'")).rejects.toThrow('append-only')
  await expect(bare('DELETE FROM event')).rejects.toThrow('append-only')
  await expect(event(1, 0, 'INSERT OR REPLACE')).rejects.toThrow('the next of its subject')
  await expect(
    bare(
      "INSERT INTO event SELECT matter, seq, facility, position, body, 'other' FROM event WHERE true ON CONFLICT DO UPDATE SET hash = 'other'",
    ),
  ).rejects.toThrow()
})

test('an event leaves no gap, in its subject or in its house, and no command takes effect twice', async () => {
  await expect(event(3, 1)).rejects.toThrow('the next of its subject')
  await expect(event(2, 2)).rejects.toThrow('the next of its subject')
  await expect(event(2, 1, 'INSERT', first)).rejects.toThrow('the next of its subject')
  await expect(event(1, 1, 'INSERT OR REPLACE', first, newId())).rejects.toThrow('the next of its subject')
})

test('a signed head is never changed, removed or written over', async () => {
  await expect(bare("UPDATE checkpoint SET note = 'other'")).rejects.toThrow('never changed')
  await expect(bare('DELETE FROM checkpoint')).rejects.toThrow('never removed')
  await expect(head(1, 'INSERT OR REPLACE')).rejects.toThrow('only grows')
})

test('an officer’s account has no telephone number, however it would come by one', async () => {
  const account = (officer: number, phone: string | null) =>
    env.DB.prepare(
      `INSERT INTO user (id, name, email, email_verified, phone, officer, created_at, updated_at)
       VALUES (?, '', ?, 0, ?, ?, 0, 0)`,
    )
      .bind(newId(), newId(), phone, officer)
      .run()
  await account(0, '+8613800000009')
  await account(1, null)
  await expect(account(1, '+8613800000008')).rejects.toThrow('no telephone number')
  await expect(bare("UPDATE user SET officer = 1 WHERE phone = '+8613800000009'")).rejects.toThrow(
    'no telephone number',
  )
  await expect(bare("UPDATE user SET phone = '+8613800000008' WHERE officer")).rejects.toThrow('no telephone number')
})
