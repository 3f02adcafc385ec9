// Somebody who uses the product over HTTP, as a browser does: for planting the demo house.
import { accountHeader, limitBytes, type Command, type SyncAnswer } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import type { Id } from '#db/id.ts'

export class Caller {
  readonly #url: string
  readonly #cookie: string
  account = '' as Id

  private constructor(url: string, cookie: string) {
    this.#url = url
    this.#cookie = cookie
  }

  /** @param phone of whoever signs in, by the local server's own door */
  static async signIn(url: string, phone: string): Promise<Caller> {
    const door = await fetch(`${url}/local/sign-in?as=${encodeURIComponent(phone)}`, { redirect: 'manual' })
    const cookie = door.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ')
    const caller = new Caller(url, cookie)
    caller.account = (await caller.call<{ account: Id }>('GET', '/api/me')).account
    return caller
  }

  post<Answer>(path: string, body: object = {}): Promise<Answer> {
    return this.call<Answer>('POST', path, body)
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.call<Answer>('GET', path)
  }

  /** @throws Error where the command did not take effect */
  async does(command: Command): Promise<void> {
    const request = { v: protocol, cursor: {}, limit: limitBytes.usual, ask: [], commands: [command] }
    const { results } = await this.call<SyncAnswer>('POST', '/api/sync', request)
    if (!results[0] || !('done' in results[0])) throw new Error(`${command.move}: ${JSON.stringify(results)}`)
  }

  private async call<Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        cookie: this.#cookie,
        'content-type': 'application/json',
        origin: this.#url,
        ...(this.account && { [accountHeader]: this.account }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as Answer
  }
}
