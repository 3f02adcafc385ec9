// `npm start`, for somebody who has just cloned it: one address, kept data, and nothing left behind.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { Visitor } from '#test/server.ts'
import { build, root } from '#worker/start/build.ts'

const dir = join(mkdtempSync(join(tmpdir(), 'etongban-start-')), 'data')
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) if (runs(child)) process.kill(-(child.pid ?? 0), 'SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

/** In a group of its own, so that whatever it leaves behind is found. */
async function start(...options: string[]): Promise<{ child: ChildProcess; printed: string }> {
  const script = join(root, 'worker/start/start.mjs')
  const child = spawn(process.execPath, [script, '--port', '0', '--dir', dir, ...options], {
    cwd: root,
    detached: true,
  })
  started.push(child)
  let printed = ''
  child.stdout.on('data', (part: Uint8Array) => (printed += new TextDecoder().decode(part)))
  await vi.waitFor(() => expect(printed).toContain('Ctrl-C'), { timeout: 120_000, interval: 100 })
  return { child, printed }
}
const runs = (child: ChildProcess): boolean => {
  try {
    process.kill(-(child.pid ?? 0), 0)
    return true
  } catch {
    return false
  }
}
const gone = (child: ChildProcess) =>
  vi.waitFor(() => expect(runs(child)).toBe(false), { timeout: 30_000, interval: 100 })
const addressesIn = (printed: string) => [...printed.matchAll(/https?:\/\/\S+/g)].map(([address]) => address)

test(
  'it starts, says first where it is, keeps what there was, begins anew when told to, and ends whole',
  { timeout: 600_000 },
  async () => {
    build('local', () => undefined)
    const first = await start()
    const [url = '', ...links] = addressesIn(first.printed)
    expect(url).toMatch(/^http:\/\/localhost:\d+$/) // no browser makes a passkey for a bare address
    expect((await fetch(url)).status).toBe(200)
    for (const who of [
      'as=mother',
      'as=reviewer',
      'as=desk',
      'name=kiosk',
      'as=admin',
      'as=aunt',
      'as=linxi.admin',
      'name=linxi.kiosk',
    ])
      expect(links.filter((link) => link.startsWith(url) && link.includes(who))).not.toEqual([])
    for (const link of links) expect((await fetch(link, { redirect: 'manual' })).status).toBeLessThan(400)
    expect(statSync(join(dir, 'secrets.json')).mode & 0o777).toBe(0o600)

    const letters = async (at: string) => {
      const mother = await Visitor.signedIn(at, '+8613800000001')
      return (await mother.syncs()).changes.flatMap((change) => ('matter' in change ? [change.matter.id] : []))
    }
    const before = await letters(url)
    expect(before.length).toBeGreaterThan(2)
    process.kill(-(first.child.pid ?? 0), 'SIGINT') // as a terminal does: to all of it
    await gone(first.child)

    const second = await start()
    const [again = ''] = addressesIn(second.printed)
    expect(await letters(again)).toEqual(before)
    process.kill(second.child.pid ?? 0, 'SIGKILL') // whoever started it dies without a word
    await gone(second.child)

    const third = await start('--fresh')
    const anew = await letters(addressesIn(third.printed)[0] ?? '')
    expect(anew).toHaveLength(before.length)
    expect(anew).not.toEqual(before)
    process.kill(third.child.pid ?? 0, 'SIGTERM')
    await gone(third.child)
  },
)
