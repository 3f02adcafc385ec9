// What every answer says to the browser that gets it, whatever sort of answer it is; and what a foreign page gets from us.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { relatives } from '#db/demo/qingshan.ts'
import type { SyncAnswer } from '#db/command.ts'
import { deskPath } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { protocol } from '#db/upcast.ts'
import { startServer, Visitor } from '#test/server.ts'
import { pages } from '#worker/start/build.ts'
import type { Served } from '#worker/start/serve.ts'

let served: Served
let mother: Visitor
let reviewer: Visitor
let house: Id
beforeAll(async () => {
  served = await startServer(true)
  mother = await Visitor.signedIn(served.url, relatives.mother.phone)
  reviewer = await Visitor.signedIn(served.url, 'reviewer')
  house = ((await reviewer.ask('GET', '/api/me')).said as { posts: { house: { id: Id } }[] }).posts[0]?.house.id as Id
}, 240_000)
afterAll(() => served.stop())

/** as they are once the server has built them */
const files = () => readdirSync(pages, { recursive: true, encoding: 'utf8' })
const script = () => `/${files().find((file) => /immutable.*\.js$/.test(file))}`
const html = () => files().filter((file) => file.endsWith('.html'))

/** Asks as plainly as nobody's library does: any method, any header. */
const plain = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<{ status: number; headers: Headers; text: string }> =>
  new Promise((resolve, reject) => {
    const asking = request(`${served.url}${path}`, { method, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => (text += part))
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: new Headers(answer.headers as Record<string, string>),
          text,
        }),
      )
    })
    asking.on('upgrade', (answer, socket) => {
      socket.destroy()
      resolve({ status: answer.statusCode ?? 0, headers: new Headers(), text: '' })
    })
    asking.on('error', reject)
    asking.end(body)
  })
const cookiesOf = (who: Visitor) => ({ cookie: [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; ') })

test.each<[string, () => Promise<Headers>]>([
  ['a page', async () => (await fetch(served.url)).headers],
  ['a page that is not there', async () => (await fetch(`${served.url}/nothing`)).headers],
  ['a script', async () => (await fetch(`${served.url}${script()}`)).headers],
  ['the service worker', async () => (await fetch(`${served.url}/service-worker.js`)).headers],
  ['a picture', async () => (await fetch(`${served.url}/icon-192.png`)).headers],
  ['the manifest', async () => (await fetch(`${served.url}/manifest.webmanifest`)).headers],
  ['an answer', async () => (await mother.ask('GET', '/api/me')).headers],
  [
    'a sync',
    async () => (await mother.post('/api/sync', { v: 1, cursor: {}, limit: 0, ask: [], commands: [] })).headers,
  ],
  ['a field that is not right', async () => (await mother.post('/api/claims', {})).headers],
  ['nobody signed in', async () => (await new Visitor(served.url).ask('GET', '/api/me')).headers],
  ['what is forbidden', async () => (await mother.ask('GET', `/api/houses/${house}`)).headers],
  ['what is not there', async () => (await mother.ask('GET', '/api/nothing')).headers],
  [
    'what is no JSON',
    async () => (await mother.ask('POST', '/api/claims', 'x', { 'content-type': 'text/plain' })).headers,
  ],
  [
    'a foreign page’s form',
    async () =>
      (await plain('POST', '/api/identity/sign-out', { origin: 'https://evil.example', 'content-type': 'text/plain' }))
        .headers,
  ],
])(
  '%s: it is what it says it is, over TLS, in no foreign frame, and tells no third party where it was read',
  async (_, ask) => {
    const headers = await ask()
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-etongban': expect.any(String) as string,
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
    })
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    const type = headers.get('content-type') ?? ''
    if (/html|^text\//.test(type)) expect(type).toMatch(/charset=utf-8/i)
    expect(headers.get('access-control-allow-origin')).toBeNull()
  },
)

test('no answer of the API is kept by anybody between, and each says that it is JSON', async () => {
  for (const path of ['/api/me', '/api/identity/sessions', '/api/nothing', '/api/claims']) {
    const { headers } = await mother.ask('GET', path)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-type')).toBe('application/json')
  }
})

test('every page runs our own scripts and those whose hash it names, and evaluates no text', () => {
  expect(html().length).toBeGreaterThan(10)
  for (const file of html()) {
    const page = readFileSync(join(pages, file), 'utf8')
    const policy = /<meta http-equiv="content-security-policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
    const rules = new Map(
      policy.split(/; */).map((rule): [string, string[]] => {
        const [name = '', ...sources] = rule.split(' ')
        return [name, sources]
      }),
    )
    const sources = rules.get('script-src') ?? []
    expect(rules.get('default-src'), file).toEqual(["'none'"])
    expect(rules.get('base-uri'), file).toEqual(["'none'"])
    expect(rules.get('connect-src'), file).toEqual(["'self'"])
    expect(rules.get('form-action'), file).toEqual(["'self'"])
    expect(rules.get('require-trusted-types-for'), file).toEqual(["'script'"])
    expect(
      sources.every((source) => source === "'self'" || /^'sha256-[A-Za-z0-9+/]{43}='$/.test(source)),
      policy,
    ).toBe(true)
    for (const [, words = ''] of page.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([^]*?)<\/script>/g)) {
      const hash = createHash('sha256').update(words).digest('base64')
      expect(sources, `${file}: ${words.slice(0, 40)}`).toContain(`'sha256-${hash}'`)
    }
    expect(page, file).not.toMatch(/<[^>]+\son[a-z]+=/i)
    expect(
      [...page.matchAll(/\b(?:src|href)="(https?:)?\/\/[^"]*"/g)].map(([link]) => link),
      file,
    ).toEqual([])
  }
})

test('no script of ours evaluates text', () => {
  const scripts = files().filter((file) => file.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(20)
  for (const file of scripts)
    expect(readFileSync(join(pages, file), 'utf8'), file).not.toMatch(/\beval\(|new Function\(|document\.write\(/)
})

test('a foreign page reads nothing, and its browser’s question beforehand gets no leave', async () => {
  const origin = 'https://evil.example'
  for (const path of ['/api/me', '/api/sync', `/api/houses/${house}`]) {
    const asked = await plain('OPTIONS', path, {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
      ...cookiesOf(mother),
    })
    expect(asked.status, path).toBe(404)
    expect([...asked.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  }
})

test.each(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])(
  'a form of a foreign page does nothing, as %s',
  async (type) => {
    const body = JSON.stringify({ v: 1, cursor: {}, limit: 0, ask: [], commands: [] })
    const sent = await plain(
      'POST',
      '/api/sync',
      { origin: 'https://evil.example', 'content-type': type, ...cookiesOf(mother) },
      body,
    )
    expect(sent.status).toBe(403)
  },
)

test('what changes something is never done by a GET', async () => {
  for (const path of [
    '/api/sync',
    '/api/identity/sign-out',
    '/api/claims/x',
    `/api/houses/${house}/people`,
    '/api/invites/take',
  ])
    expect((await mother.ask('GET', path)).status, path).toBe(404)
  expect((await mother.ask('GET', '/api/me')).status).toBe(200)
})

test('a foreign page opens no line to the live desk, though an officer’s cookies came along', async () => {
  const handshake = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...cookiesOf(reviewer),
  }
  const path = `/api/houses/${house}/desk`
  expect((await plain('GET', path, { ...handshake, origin: served.url })).status).toBe(101)
  for (const origin of ['https://evil.example', `${served.url}.evil.example`, 'null'])
    expect((await plain('GET', path, { ...handshake, origin })).status, origin).toBe(404)
})

test('the live desk opens in nobody else’s name, whoever had the tablet before', async () => {
  const account = (who: Visitor) => who.account as Id
  const handshake = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...cookiesOf(reviewer),
  }
  expect((await plain('GET', deskPath(house, account(reviewer)), handshake)).status).toBe(101)
  expect((await plain('GET', deskPath(house, account(mother)), handshake)).status).toBe(404)
})

test('names that every object has are no kind, no move and no field', async () => {
  const at = { id: newId(), facility: house, matter: newId(), base: 0, at: 1 }
  for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
    const commands = [
      { ...at, id: newId(), kind: name, move: 'submit', input: {} },
      { ...at, id: newId(), kind: 'letter', move: name, input: {} },
    ]
    const { status, said } = await mother.post('/api/sync', { v: protocol, cursor: {}, limit: 0, ask: [], commands })
    expect(status, name).toBe(200)
    for (const result of (said as SyncAnswer).results) expect(result, name).toHaveProperty('refused')
    const form = `{"${name}":{"house":"${house}","person":"a"},"id":"${newId()}"}`
    expect((await mother.ask('POST', '/api/claims', form)).status, name).toBe(400)
  }
  const { said } = await mother.post('/api/claims', {})
  expect(said).toMatchObject({ refused: { code: 'check_input' } }) // no field came from where it does not stand
})

test('no page asks for what browsers have given up: plugins, frames, applets', () => {
  for (const file of html())
    expect(readFileSync(join(pages, file), 'utf8'), file).not.toMatch(/<(object|embed|applet|frame|frameset|iframe)\b/i)
  for (const file of files().filter((file) => file.endsWith('.js')))
    expect(readFileSync(join(pages, file), 'utf8'), file).not.toMatch(
      /ActiveXObject|x-shockwave-flash|silverlight|openDatabase\(/i,
    )
})

test('nothing answers to methods, folders and files that are none of the product’s', async () => {
  for (const method of ['TRACE', 'PROPFIND', 'DELETE', 'PATCH'])
    expect((await plain(method, '/api/me', cookiesOf(mother))).status, method).toBeGreaterThanOrEqual(400)
  for (const path of [
    '/.git/config',
    '/.env',
    '/secrets.json',
    '/wrangler.toml',
    '/_app/',
    '/_app/immutable/',
    '/package.json',
    '/api/docs',
    '/api/openapi.json',
    '/_headers',
  ])
    expect((await plain('GET', path)).status, path).toBe(404)
  expect((await fetch(`${served.url}/..%2f..%2fetc/passwd`)).status).toBe(404)
})

test('by https every cookie goes nowhere else, and no script reads one', async () => {
  const phoneNumber = '+8615100000001'
  const browser = new Visitor(served.url)
  const https = { 'x-forwarded-proto': 'https' }
  const set: string[] = []
  const asks = async (path: string, body: object) => {
    const answer = await browser.ask('POST', path, body, https)
    set.push(...answer.headers.getSetCookie())
  }
  await asks('/api/identity/phone-number/send-otp', { phoneNumber })
  const kept = await (await fetch(`${served.url}/local/codes.json`)).json<{ to: string; code: string }[]>()
  await asks('/api/identity/phone-number/verify', {
    phoneNumber,
    code: kept.find(({ to }) => to === phoneNumber)?.code,
  })
  set.push(...(await browser.ask('GET', '/api/me', undefined, https)).headers.getSetCookie())
  const given = set.filter((cookie) => !/max-age=0/i.test(cookie))
  expect(given.length).toBeGreaterThanOrEqual(3)
  for (const cookie of given) expect(cookie).toMatch(/(?=.*; Secure)(?=.*; HttpOnly)(?=.*; SameSite=(Lax|Strict))/)
  for (const cookie of given) expect(cookie).not.toMatch(/; Domain=/i)
})

test('every address in an answer leads to us: nobody is sent elsewhere', async () => {
  for (const to of ['//evil.example', 'https://evil.example', '/\\evil.example', '/ok']) {
    const answer = await plain('GET', `/local/sign-in?as=mother&to=${encodeURIComponent(to)}`)
    const at = new URL(answer.headers.get('location') ?? '', served.url)
    expect(at.host, to).toBe(new URL(served.url).host)
  }
  for (const path of ['//evil.example/', '/letter/', '/index.html', '/sign-in?to=https://evil.example']) {
    const location = (await plain('GET', path)).headers.get('location') ?? '/'
    expect(new URL(location, served.url).host, path).toBe(new URL(served.url).host)
  }
})
