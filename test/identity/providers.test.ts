// Signing in by a real OpenID provider, in between those who have an account there, and those who try what they should
// not. The provider stands on this machine behind a road on which its answers can be changed.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { opens, passes, startServer, Visitor, type Answer } from '#test/server.ts'
import type { Served } from '#worker/start/serve.ts'

const people = {
  verified: { phone_number: '+8615200000001', phone_number_verified: true },
  unverified: { phone_number: '+8615200000002', phone_number_verified: false },
  numberless: {},
  other: { phone_number: '+8615200000003', phone_number_verified: true },
  late: { phone_number: '+8615200000004', phone_number_verified: true },
} as const
type Name = keyof typeof people

type Body = Record<string, unknown>
/** What becomes of the provider's answer to the server's question on its way. */
let changes: (body: Body) => Body
/** And of its other answers in JSON, by their path. */
const otherwise = new Map<string, (body: Body) => Body>()
let issuer: string
const standing: Server[] = []
let served: Served

const listens = async (server: Server) => {
  standing.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  let behind = ''
  issuer = await listens(
    createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8')
      request.on('data', (part: string) => (body += part))
      request.on('end', () => {
        void (async () => {
          const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
            typeof value === 'string' && !/^(host|connection|content-length)$/.test(name) ? [[name, value]] : [],
          )
          const heard = await fetch(`${behind}${request.url ?? ''}`, {
            method: request.method ?? 'GET',
            redirect: 'manual',
            headers: [...headers, ['x-forwarded-host', request.headers.host ?? ''], ['x-forwarded-proto', 'http']],
            ...(body.length > 0 && { body }),
          })
          let text = await heard.text()
          const meddles = request.url === '/token' ? changes : otherwise.get(request.url ?? '')
          if (meddles && heard.ok) text = JSON.stringify(meddles(JSON.parse(text) as Body))
          response.statusCode = heard.status
          for (const [name, value] of heard.headers)
            if (!/^(content-length|content-encoding|transfer-encoding|set-cookie|connection)$/.test(name))
              response.setHeader(name, value)
          response.setHeader('set-cookie', heard.headers.getSetCookie())
          response.end(text)
        })()
      })
    }),
  )
  const clientsAt = (page: string) =>
    ['ours', 'another'].map((client_id) => ({
      client_id,
      client_secret: 'shared-with-the-provider',
      token_endpoint_auth_method: 'client_secret_post' as const,
      redirect_uris: [page],
    }))
  const secret = 'shared-with-the-provider'
  const ours = { id: 'sheng', name: '省政务服务', issuer, client: 'ours', secret }
  const theirs = { ...ours, id: 'shi', name: '市民通', client: 'another' }
  served = await startServer(false, { OIDC_PROVIDERS: JSON.stringify([ours, theirs]) })
  const provider = new Provider(issuer, {
    clients: clientsAt(`${served.url}/sign-in`),
    claims: { openid: ['sub'], phone: ['phone_number', 'phone_number_verified'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id as Name] }) }),
    cookies: { keys: ['only of a test'] },
  })
  provider.proxy = true
  behind = await listens(createServer((request, response) => void provider.callback()(request, response)))
}, 180_000)
afterAll(async () => {
  await served.stop()
  for (const server of standing) server.close()
})
beforeEach(() => {
  changes = (body) => body
  otherwise.clear()
})

const begins = (who: Visitor, provider = 'sheng') =>
  who.does<{ to: string }>('/api/identity/providers/begin', { provider })

/** Signs in there as a person does, in a browser of their own. @returns what the redirect to our page brings */
async function agrees(to: string, as: Name): Promise<string> {
  const there = new Visitor(issuer)
  let at = new URL(to)
  for (let steps = 0; steps < 12; steps += 1) {
    const heard = await fetch(at, { redirect: 'manual', headers: { cookie: cookiesOf(there) } })
    for (const cookie of heard.headers.getSetCookie()) there.keep(cookie)
    let next = heard.headers.get('location')
    if (!next) {
      const form = await heard.text()
      const action = /<form[^>]*action="([^"]+)"/.exec(form)?.[1] ?? ''
      const prompt = /name="prompt" value="(\w+)"/.exec(form)?.[1] ?? ''
      const sent = await fetch(new URL(action, at), {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: cookiesOf(there), 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ prompt, ...(prompt === 'login' && { login: as, password: 'any' }) }).toString(),
      })
      for (const cookie of sent.headers.getSetCookie()) there.keep(cookie)
      next = sent.headers.get('location') ?? ''
    }
    at = new URL(next, at)
    if (at.pathname === '/sign-in') return at.search.slice(1)
  }
  throw new Error('the provider sent nobody back')
}
const cookiesOf = (who: Visitor) => [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; ')

const finishes = (who: Visitor, answer: string): Promise<Answer> =>
  who.post('/api/identity/providers/finish', { answer })
async function comes(as: Name, who = new Visitor(served.url), at = 'sheng'): Promise<{ who: Visitor; answer: Answer }> {
  const { to } = await begins(who, at)
  return { who, answer: await finishes(who, await agrees(to, as)) }
}
const isIn = async (who: Visitor) => (await who.ask('GET', '/api/me')).status === 200
const refused = { status: 403, said: { refused: { code: 'not_allowed' } } }

test('the sign-in page is told which there are, and who is verified there is signed in here', async () => {
  const { said } = await new Visitor(served.url).ask('GET', '/api/identity/providers')
  expect(said).toEqual({
    providers: [
      { id: 'sheng', name: '省政务服务' },
      { id: 'shi', name: '市民通' },
    ],
  })
  const { who, answer } = await comes('verified')
  expect(answer.said).toEqual({ signedIn: true })
  expect((await who.ask('GET', '/api/me')).said).toMatchObject({ phone: '+86 •••• 0001', officer: false })
})

test('a question carries state, nonce and a challenge, and asks for no more than is used', async () => {
  const { to } = await begins(new Visitor(served.url))
  const asked = new URL(to).searchParams
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: 'code',
    scope: 'openid phone',
    code_challenge_method: 'S256',
    redirect_uri: `${served.url}/sign-in`,
  })
  for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/)
})

test('an answer is good once, in the browser that asked, and with the state that it asked with', async () => {
  const who = new Visitor(served.url)
  const answer = await agrees((await begins(who)).to, 'verified')
  expect(await finishes(new Visitor(served.url), answer)).toMatchObject(refused) // login CSRF, a stolen address
  expect(await finishes(who, answer)).toMatchObject(refused) // and it is spent by that

  const other = await agrees((await begins(who)).to, 'verified')
  const wrong = new URLSearchParams(other)
  wrong.set('state', 'x'.repeat(43))
  expect(await finishes(who, wrong.toString())).toMatchObject(refused)
  expect((await finishes(who, other)).status).toBe(200)
  expect(await finishes(who, other)).toMatchObject(refused)
  expect(await finishes(who, 'error=access_denied')).toMatchObject(refused)
})

test('a code of one question is worth nothing with the state of another: the verifier is missing', async () => {
  const who = new Visitor(served.url)
  const [one, other] = [
    new URLSearchParams(await agrees((await begins(who)).to, 'verified')),
    new URLSearchParams(await agrees((await begins(who)).to, 'verified')),
  ]
  one.set('code', other.get('code') ?? '')
  expect(await finishes(who, one.toString())).toMatchObject(refused)
  expect(await isIn(who)).toBe(false)
})

test('a token for another nonce, for another client, changed, or signed by nobody opens nothing', async () => {
  const tokens: string[] = []
  changes = (body) => {
    tokens.push(String(body['id_token']))
    return body
  }
  await comes('other')
  const [old = ''] = tokens
  const [head = ''] = old.split('.')
  const packed = (value: object) =>
    btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  const lies: ((token: string) => string)[] = [
    () => old, // of an earlier sign-in: its nonce is another
    (token) => `${token.slice(0, -6)}AAAAAA`,
    (token) => `${head}.${packed({ ...claimsOf(token), sub: 'other' })}.${token.split('.')[2] ?? ''}`,
    (token) => `${head}.${packed({ ...claimsOf(token), aud: 'another' })}.${token.split('.')[2] ?? ''}`,
    (token) => `${head}.${packed({ ...claimsOf(token), iss: 'https://evil.example' })}.${token.split('.')[2] ?? ''}`,
    (token) => `${packed({ alg: 'none' })}.${packed(claimsOf(token))}.`,
  ]
  for (const lie of lies) {
    changes = (body) => ({ ...body, id_token: lie(String(body['id_token'])) })
    const { who, answer } = await comes('verified')
    expect(answer, String(lie)).toMatchObject(refused)
    expect(await isIn(who)).toBe(false)
  }
})
const claimsOf = (token: string) =>
  JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as Record<string, unknown>

test('a clock that is twenty seconds off is borne, a token that has run out is not, nor somebody who took too long', async () => {
  const who = new Visitor(served.url)
  const answer = await agrees((await begins(who)).to, 'late')
  await passes(served.url, 20_000)
  expect((await finishes(who, answer)).status).toBe(200)
  await passes(served.url, 0)

  const slow = await agrees((await begins(who)).to, 'late')
  await passes(served.url, 16 * 60_000)
  expect(await finishes(who, slow)).toMatchObject(refused)
  await passes(served.url, 2 * 3_600_000)
  expect((await comes('late')).answer).toMatchObject(refused)
  await passes(served.url, 0)
})

test('a number that it has not verified opens nothing, nor somebody without a number', async () => {
  for (const as of ['unverified', 'numberless'] as const) {
    const { who, answer } = await comes(as)
    expect(answer).toMatchObject({ status: 403, said: { refused: { code: 'not_allowed', field: 'phone' } } })
    expect(await isIn(who)).toBe(false)
  }
})

test('an account that holds matters is asked for the proof of a new device; once it is known, that person opens it anywhere', async () => {
  const { admin, at } = await opens(served.url, 'songling')
  const phone = people.other.phone_number
  const home = await Visitor.signedIn(served.url, phone)
  await admin.post(`${at}/people`, { number: '001', name: '张伟', status: 'serving', cell: '1' })
  const view = (await admin.ask('GET', at)).said as { people: { id: string }[] }
  const invited = await admin.post(`${at}/invites`, { person: view.people[0]?.id, kin: 'parent', name: '张秀兰' })
  await home.post('/api/invites/take', { code: (invited.said as { code: string }).code })
  await served.db.prepare('DELETE FROM account').run() // as if the number had not been seen there before

  const { who, answer } = await comes('other')
  expect(answer.said).toEqual({ prove: ['invite'] })
  expect(await isIn(who)).toBe(false)

  home.account = undefined
  expect((await comes('other', home)).answer.said).toEqual({ signedIn: true })
  const elsewhere = await comes('other')
  expect(elsewhere.answer.said).toEqual({ signedIn: true })
})

test('the same subject of another provider is somebody else', async () => {
  const accountOf = async (who: Visitor) => ((await who.ask('GET', '/api/me')).said as { account: string }).account
  const first = await comes('late')
  expect(first.answer.said).toEqual({ signedIn: true })
  otherwise.set('/me', (body) => ({ ...body, phone_number: '+8615200000009' }))
  const second = await comes('late', new Visitor(served.url), 'shi')
  expect(second.answer.said).toEqual({ signedIn: true })
  expect(await accountOf(second.who)).not.toBe(await accountOf(first.who))
  otherwise.clear()
  expect(await accountOf((await comes('late', new Visitor(served.url), 'shi')).who)).toBe(await accountOf(second.who))
})

test('an answer that another issuer gives, or that names none, opens nothing, nor does its own under another’s name', async () => {
  for (const iss of ['https://evil.example', undefined]) {
    const who = new Visitor(served.url)
    const answer = new URLSearchParams(await agrees((await begins(who)).to, 'verified'))
    expect(answer.get('iss')).toBe(issuer)
    if (iss) answer.set('iss', iss)
    else answer.delete('iss')
    expect(await finishes(who, answer.toString())).toMatchObject(refused)
    expect(await isIn(who)).toBe(false)
  }
})

test('whoever answers for the provider under another name is not asked any further', async () => {
  const metadata = '/.well-known/openid-configuration'
  otherwise.set(metadata, (body) => ({ ...body, issuer: 'https://evil.example' }))
  const began = await new Visitor(served.url).post('/api/identity/providers/begin', { provider: 'sheng' })
  expect(began).toMatchObject({ status: 503 })
  otherwise.clear()
  const who = new Visitor(served.url)
  const answer = await agrees((await begins(who)).to, 'verified')
  otherwise.set(metadata, (body) => ({ ...body, issuer: 'https://evil.example' }))
  expect(await finishes(who, answer)).toMatchObject(refused)
})

test('its tokens stay between it and the server: no browser is told them, and none is kept', async () => {
  const tokens: string[] = []
  changes = (body) => {
    tokens.push(String(body['id_token']), String(body['access_token']))
    return body
  }
  const { who, answer } = await comes('verified')
  expect(answer.said).toEqual({ signedIn: true })
  expect(tokens.every((token) => token.length > 20)).toBe(true)
  const told = JSON.stringify([answer.said, [...answer.headers], [...who.cookies]])
  const { results: tables } = await served.db
    .prepare(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'`,
    )
    .all<{ name: string }>()
  let kept = ''
  for (const { name } of tables)
    kept += JSON.stringify((await served.db.prepare(`SELECT * FROM "${name}"`).all()).results)
  expect(kept).toContain('sheng')
  for (const token of tokens) expect(told + kept).not.toContain(token)
})

test('where the operator has named none, there is none', async () => {
  expect(await new Visitor(served.url).post('/api/identity/providers/begin', { provider: 'xian' })).toMatchObject({
    status: 404,
  })
})
