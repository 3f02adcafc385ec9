// What nobody guesses and nobody undoes: chance, hashes and what is sealed, compared with another implementation or bent
// bit by bit.
import { createHash, createHmac, hkdfSync, pbkdf2Sync } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inviteBits, linkBits, officerBits } from '#db/house.ts'
import { newId } from '#db/id.ts'
import { keepPin } from '#db/pin.ts'
import { base64, unbase64 } from '#db/record.ts'
import { hashOf, newCode } from '#worker/house/code.ts'
import { newToken } from '#worker/identity/browser.ts'
import { lookupOf, openNumber, sealNumber } from '#worker/identity/numbers.ts'
import { open, seal } from '#worker/identity/token.ts'
import { secretsIn } from '#worker/start/secrets.ts'

const root = join(import.meta.dirname, '../..')
/** of base64url */
const bytesOf = (text: string) => unbase64(text.replaceAll('-', '+').replaceAll('_', '/'))
const secret = 'a secret of this test, thirty-two bytes or more'
const sources = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(join(root, folder, file), 'utf8') }))

test('nothing that the server makes comes from a chance that can be foreseen', () => {
  const foreseen = [...sources('worker'), ...sources('db')].filter(({ text }) =>
    /Math\.random|Date\.now\(\)\.toString/.test(text),
  )
  expect(foreseen.map(({ file }) => file)).toEqual([])
})

test('codes on paper and secrets of browsers have 128 bits and more, and none comes twice', () => {
  const made = (make: () => string) => Array.from({ length: 2000 }, make)
  for (const bits of [inviteBits, linkBits, officerBits]) {
    const codes = made(() => newCode('a', bits).slice(2))
    const signs = new Set(codes.join(''))
    expect(Math.log2(signs.size) * (codes[0]?.length ?? 0)).toBeGreaterThanOrEqual(128)
    expect(new Set(codes).size).toBe(codes.length)
  }
  const tokens = made(newToken)
  expect(new Set(tokens).size).toBe(tokens.length)
  expect(bytesOf(tokens[0] ?? '')).toHaveLength(32)
})

test('a server makes secrets of its own, none is in the product, and their owner alone reads them', () => {
  const dirs = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'etongban-secrets-')))
  const [one = {}, other = {}] = dirs.map((dir) => ({ ...secretsIn(dir) })) as Record<string, string>[]
  expect(Object.keys(one).length).toBeGreaterThanOrEqual(6)
  for (const [name, value] of Object.entries(one)) {
    expect(value, name).not.toBe(other[name])
    expect(value.length, name).toBeGreaterThanOrEqual(40)
  }
  for (const dir of dirs) {
    expect(statSync(join(dir, 'secrets.json')).mode & 0o777).toBe(0o600)
    rmSync(dir, { recursive: true })
  }
})

test('the PIN of somebody inside is stretched by a hundred thousand rounds of PBKDF2, under a salt of its own', async () => {
  const [one, other] = [await keepPin('480219'), await keepPin('480219')]
  expect(one.salt).not.toBe(other.salt)
  const stretched = pbkdf2Sync('480219', unbase64(one.salt), 100_000, 32, 'sha256')
  expect(one.hash).toBe(stretched.toString('base64'))
})

test('a code is kept as SHA-256 and a number is found by HMAC-SHA-256, under a key for that use alone', async () => {
  expect(await hashOf('songling-1')).toBe(createHash('sha256').update('songling-1').digest('base64url'))
  const key = hkdfSync('sha256', secret, '', 'etongban people 1\0lookup', 32)
  const found = createHmac('sha256', new Uint8Array(key)).update('phone\0+8613800000000').digest('base64')
  expect(await lookupOf(secret, 'phone', '+8613800000000')).toBe(found)
})

test('what is sealed is never the same twice, and opens with no bit of it changed, in no other row', async () => {
  const [account, number] = [newId(), '+8613800000000']
  const [one, other] = [
    await sealNumber(secret, 'phone', account, number),
    await sealNumber(secret, 'phone', account, number),
  ]
  expect(one).not.toBe(other)
  expect(await openNumber(secret, 'phone', account, one)).toBe(number)
  const bytes = unbase64(one)
  for (let at = 0; at < bytes.length * 8; at += 1) {
    const bent = bytes.slice()
    bent[at >> 3] = (bent[at >> 3] ?? 0) ^ (1 << (at & 7))
    await expect(openNumber(secret, 'phone', account, base64(bent))).rejects.toThrow()
  }
  await expect(openNumber(secret, 'phone', newId(), one)).rejects.toThrow()
  await expect(openNumber(secret, 'document', account, one)).rejects.toThrow()
  await expect(openNumber(`${secret}!`, 'phone', account, one)).rejects.toThrow()
})

test('a pass is taken with a MAC of one algorithm, over bytes that nothing else is signed as', async () => {
  const now = Date.UTC(2026, 10, 24)
  const token = bytesOf((await seal(secret, { account: newId(), facilities: [] }, now)) ?? '')
  const body = token.subarray(0, -32)
  const signed = (algorithm: string, mark: string) => {
    const mac = createHmac(algorithm, secret).update(mark).update(body).digest()
    return base64(new Uint8Array([...body, ...mac]))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '')
  }
  expect(await open(secret, signed('sha256', 'etongban pass 1\0'), now)).not.toBeNull()
  for (const algorithm of ['sha1', 'sha384', 'sha512', 'md5', 'sha3-256'])
    expect(await open(secret, signed(algorithm, 'etongban pass 1\0'), now), algorithm).toBeNull()
  for (const mark of ['', 'etongban paper 1\0', 'etongban pass 2\0'])
    expect(await open(secret, signed('sha256', mark), now), mark).toBeNull()
})
