// A whole server of its own for a file of tests, and people who use it over HTTP as a browser does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountHeader, limitBytes, type Cursor, type SyncAnswer } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import { founder } from '#db/demo/qingshan.ts'
import type { OpenHouse } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { serve, type Served } from '#worker/start/serve.ts'

/** @param demo whether it begins with the demo house */
export async function startServer(demo = false): Promise<Served> {
  const dir = mkdtempSync(join(tmpdir(), 'etongban-'))
  const served = await serve({ port: 0, dir, demo, log: () => undefined })
  return {
    ...served,
    stop: async () => {
      await served.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** the body, where it is JSON */
  readonly said: unknown
}

/** Somebody with a browser: it keeps cookies, and sends them back. */
export class Visitor {
  readonly url: string
  readonly cookies = new Map<string, string>()
  account: Id | undefined
  #cursor: Cursor = {}

  constructor(url: string) {
    this.url = url
  }

  /** By the local server's own door, as somebody who has typed their code. */
  static async signedIn(url: string, phone: string): Promise<Visitor> {
    const visitor = new Visitor(url)
    await visitor.ask('GET', `/local/sign-in?as=${encodeURIComponent(phone)}`)
    const { said } = await visitor.ask('GET', '/api/me')
    visitor.account = (said as { account: Id }).account
    return visitor
  }

  async ask(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        origin: this.url,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(this.account && { [accountHeader]: this.account }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    for (const cookie of answer.headers.getSetCookie()) this.keep(cookie)
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, said: text.startsWith('{') ? JSON.parse(text) : text }
  }

  post(path: string, body: unknown = {}): Promise<Answer> {
    return this.ask('POST', path, body)
  }

  /** One sync: what it brings, and what this device has not heard yet. */
  async syncs(...commands: unknown[]): Promise<SyncAnswer> {
    const request = { v: protocol, cursor: this.#cursor, limit: limitBytes.max, ask: [], commands }
    const { said } = await this.post('/api/sync', request)
    const answer = said as SyncAnswer
    this.#cursor = { ...answer.cursor }
    return answer
  }

  /** @param cookie as a `set-cookie` header says it */
  keep(cookie: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    if (/max-age=0\b/i.test(cookie)) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

/** Sets the server's clock so many milliseconds forward; each house then has its minute. */
export const passes = async (url: string, aheadMs: number): Promise<void> => {
  await new Visitor(url).post('/local/clock', { aheadMs })
}

export const HOUR_MS = 3_600_000

export const newHouseForm = (code: string): OpenHouse => ({
  code,
  name: '松岭看守所',
  kind: 'detention',
  telephone: '0000',
  hours: '9–17',
  admin: '陈立',
})

/** A new house and its admin. */
export async function opens(url: string, code: string): Promise<{ admin: Visitor; house: Id; at: string }> {
  const admin = await Visitor.signedIn(url, founder.phone)
  const { said } = await admin.post('/api/houses', newHouseForm(code))
  const house = (said as { id: Id }).id
  return { admin, house, at: `/api/houses/${house}` }
}
