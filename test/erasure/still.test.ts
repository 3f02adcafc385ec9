// While a database is put back to an earlier day nobody is told anything of it, and it forgets all the same.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { marker } from '#db/command.ts'
import { HOUR_MS, opens, passes, Visitor } from '#test/server.ts'
import { serve } from '#worker/start/serve.ts'

const dir = mkdtempSync(join(tmpdir(), 'etongban-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const start = (settings: Readonly<Record<string, string>>) =>
  serve({ port: 0, dir, demo: false, settings, log: () => undefined })
const yearOn = (): number => {
  const then = new Date(Date.now() + 366 * 24 * HOUR_MS)
  then.setUTCHours(17, 0, 20, 0)
  return then.getTime() - Date.now()
}

test(
  'a server that stands still asks everybody to come again, erases, and then goes on',
  { timeout: 120_000 },
  async () => {
    const before = await start({})
    const visitor = await Visitor.signedIn(before.url, '+8615366660001')
    await opens(before.url, 'songling')
    await before.stop()

    const still = await start({ STANDS_STILL: '1' })
    const moved = new Visitor(still.url)
    for (const [name, value] of visitor.cookies) moved.cookies.set(name, value)
    for (const [method, path] of [
      ['GET', '/api/me'],
      ['POST', '/api/sync'],
      ['POST', '/api/identity/phone-number/send-otp'],
    ] as const) {
      const answer = await moved.ask(method, path, method === 'POST' ? {} : undefined)
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60'])
      expect(answer.headers.has(marker)).toBe(true) // of the house, and no portal's
    }
    await passes(still.url, yearOn())
    const kept = await still.db.prepare('SELECT id FROM user WHERE id = ?').bind(visitor.account).all()
    expect(kept.results).toEqual([])
    await still.stop()

    const after = await start({})
    expect((await new Visitor(after.url).ask('GET', '/api/me')).status).toBe(401)
    await after.stop()
  },
)
