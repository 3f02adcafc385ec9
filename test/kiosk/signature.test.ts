// What a kiosk signs, and what somebody gets who has seen all that ever travelled: nothing.
import { gzipSync } from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import { accountHeader, limitBytes } from '#db/command.ts'
import { newId, type Id } from '#db/id.ts'
import { protocol } from '#db/upcast.ts'
import { pieceText, uploadHeader } from '#db/upload.ts'
import { base64, sha256 } from '#db/record.ts'
import { admin, at, served, withNewHouse } from '#test/newHouse.ts'
import { KioskKey, passes, Visitor } from '#test/server.ts'

withNewHouse()

let device: Visitor
let kiosk: Id
let cells = 0
beforeEach(async () => {
  const cell = `5-${(cells += 1)}`
  const hung = (await admin.post(`${at}/kiosks`, { name: cell, cell })).said as { id: Id; code: string }
  kiosk = hung.id
  device = (await Visitor.kiosk(served.url, hung.code)).device
})

const keyOf = (visitor: Visitor): KioskKey => {
  if (!visitor.key) throw new Error('it has no key')
  return visitor.key
}
const path = '/api/kiosk'
/** Somebody who sends just this. */
const sends = async (
  method: 'GET' | 'POST',
  to: string,
  headers: Record<string, string>,
  body?: Uint8Array | string,
) => {
  const bytes = typeof body === 'string' ? body : new Uint8Array(body ?? [])
  const answer = await fetch(`${served.url}${to}`, { method, headers, ...(body !== undefined && { body: bytes }) })
  return { status: answer.status, said: await answer.json<unknown>() }
}
const request = { v: protocol, cursor: {}, limit: limitBytes.usual, ask: [], commands: [] }
const json = { 'content-type': 'application/json' }

test('without a signature a kiosk’s name opens nothing', async () => {
  expect(await sends('GET', path, { [accountHeader]: kiosk })).toEqual({ status: 401, said: { signIn: true } })
})

test('what was signed once is good once', async () => {
  const headers = await keyOf(device).signs(kiosk, 'GET', path, '')
  expect((await sends('GET', path, headers)).status).toBe(200)
  expect(await sends('GET', path, headers)).toEqual({ status: 401, said: { signIn: true } })
})

test('the same request twice at the same moment is heard once', async () => {
  const headers = { ...json, ...(await keyOf(device).signs(kiosk, 'POST', '/api/sync', JSON.stringify(request))) }
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => sends('POST', '/api/sync', headers, JSON.stringify(request))),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401])
})

test('a signature is good for what it was made for and nothing else', async () => {
  const key = keyOf(device)
  const body = JSON.stringify(request)
  const other = JSON.stringify({ ...request, limit: limitBytes.max })
  const signed = () => key.signs(kiosk, 'POST', '/api/sync', body)
  const tried: Promise<{ status: number }>[] = [
    sends('POST', '/api/kiosk/locks', { ...json, ...(await signed()) }, body),
    sends('POST', '/api/sync?more', { ...json, ...(await signed()) }, body),
    sends('POST', '/api/sync', { ...json, ...(await key.signs(kiosk, 'PUT', '/api/sync', body)) }, body),
    sends('POST', '/api/sync', { ...json, ...(await signed()) }, other),
    sends(
      'POST',
      '/api/sync',
      { ...json, ...(await signed()), 'content-digest': `sha-256=:${base64(sha256(other))}:` },
      other,
    ),
    sends('POST', '/api/sync', { ...json, ...(await signed()), [accountHeader]: newId() }, body),
    sends(
      'POST',
      '/api/sync',
      {
        ...json,
        ...(await signed()),
        [uploadHeader]: pieceText({ hash: base64(sha256(body)), from: 0, of: body.length }),
      },
      body,
    ),
  ]
  for (const [nth, answer] of (await Promise.all(tried)).entries()) expect([nth, answer.status]).toEqual([nth, 401])
  expect((await sends('POST', '/api/sync', { ...json, ...(await signed()) }, body)).status).toBe(200)
})

test('another’s key, and words that are no signature, open nothing', async () => {
  const foreign = await (await KioskKey.make()).signs(kiosk, 'GET', path, '')
  const own = await keyOf(device).signs(kiosk, 'GET', path, '')
  const input = own['signature-input'] ?? ''
  for (const headers of [
    foreign,
    { ...own, signature: 'kiosk=:AAAA:' },
    { ...own, 'signature-input': 'constructor' },
    { ...own, 'signature-input': input.replace('"@path" ', '') },
    { ...own, 'signature-input': input.replace(kiosk, newId()) },
    { 'signature-input': input },
    { signature: own['signature'] ?? '' },
  ])
    expect((await sends('GET', path, headers)).status).toBe(401)
})

test('a cookie or an officer’s session beside a signature that does not hold is not asked', async () => {
  const cookie = [...admin.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const foreign = await (await KioskKey.make()).signs(kiosk, 'GET', '/api/me', '')
  expect((await sends('GET', '/api/me', { cookie })).status).toBe(200)
  expect((await sends('GET', '/api/me', { cookie, ...foreign })).status).toBe(401)
})

test('a kiosk whose clock is wrong is told what time it is, and goes on', async () => {
  const key = keyOf(device)
  for (const aheadMs of [-24 * 3_600_000, 6 * 60_000]) {
    key.aheadMs = aheadMs
    const { status, said } = await device.ask('GET', path)
    expect([status, said]).toEqual([401, { signIn: true, clock: expect.any(Number) as number }])
    key.aheadMs = (said as { clock: number }).clock - Date.now()
    expect((await device.ask('GET', path)).status).toBe(200)
  }
  key.aheadMs = 4 * 60_000
  expect((await device.ask('GET', path)).status).toBe(200)
})

test('nobody learns the time who has no key', async () => {
  const key = await KioskKey.make()
  key.aheadMs = -24 * 3_600_000
  expect((await sends('GET', path, await key.signs(kiosk, 'GET', path, ''))).said).toEqual({ signIn: true })
})

test('what was overheard yesterday is worth nothing today', async () => {
  const headers = await keyOf(device).signs(kiosk, 'GET', path, '')
  await passes(served.url, 10 * 60_000)
  expect((await sends('GET', path, headers)).status).toBe(401)
  await passes(served.url, 0)
})

test('a request too heavy for one connection comes in signed pieces, and goes on after one was torn', async () => {
  const locks = Array.from({ length: 30 }, () => ({ id: newId(), facility: newId() }))
  const plain = JSON.stringify({ ...request, ask: locks })
  const body = new Uint8Array(gzipSync(plain))
  const hash = base64(sha256(body))
  const piece = async (from: number, to: number, bytes: Uint8Array<ArrayBuffer> = body.subarray(from, to)) => {
    const upload = { [uploadHeader]: pieceText({ hash, from, of: body.length }) }
    const signature = await keyOf(device).signs(kiosk, 'POST', '/api/sync', bytes, upload)
    return sends('POST', '/api/sync', { ...json, 'content-encoding': 'gzip', ...upload, ...signature }, bytes)
  }
  // Somebody between puts other bytes in: the whole has another hash than was signed, and nothing is done with it.
  expect(await piece(0, body.length, new Uint8Array(body.length).fill(7))).toEqual({ status: 202, said: { have: [] } })

  const half = Math.floor(body.length / 2)
  expect(await piece(0, half)).toEqual({ status: 202, said: { have: [[0, half]] } })
  expect((await piece(half, body.length)).status).toBe(200)
})

test('who has not heard the answer to their code comes again with the same key', async () => {
  const hung = (await admin.post(`${at}/kiosks`, { name: '6-01', cell: '6-01' })).said as { id: Id; code: string }
  const { device: fresh, answer } = await Visitor.kiosk(served.url, hung.code)
  fresh.account = undefined
  const again = await fresh.post('/api/kiosk/enrol', { code: hung.code, key: keyOf(fresh).publicText })
  expect([again.status, again.said]).toEqual([200, answer.said])
})

test('nobody enrols a key that is not in their hands', async () => {
  const hung = (await admin.post(`${at}/kiosks`, { name: '6-02', cell: '6-02' })).said as { id: Id; code: string }
  const thief = new Visitor(served.url)
  thief.key = await KioskKey.make()
  const key = (await KioskKey.make()).publicText
  const wants = { status: 400, said: { refused: { code: 'check_input', field: 'key' } } }
  expect(await thief.post('/api/kiosk/enrol', { code: hung.code, key })).toMatchObject(wants)
  expect(await thief.post('/api/kiosk/enrol', { code: hung.code, key: `${'A'.repeat(87)}=` })).toMatchObject(wants)
  thief.key = undefined
  expect(await thief.post('/api/kiosk/enrol', { code: hung.code, key })).toMatchObject(wants)
  expect((await Visitor.kiosk(served.url, hung.code)).answer.status).toBe(200) // the code is still good
})
