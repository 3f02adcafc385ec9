// Somebody who uses the product over HTTP, as a browser does: for planting the demo house.
import { accountHeader, limitBytes, type Command, type SyncAnswer } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import type { OpenHouse } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { enrols, founds } from './authenticator.ts'

export class Caller {
  readonly #url: string
  #cookie = ''
  account = '' as Id

  private constructor(url: string) {
    this.#url = url
  }

  /** @param phone of a relative who signs in, by the local server's own door */
  static async signIn(url: string, phone: string): Promise<Caller> {
    const caller = new Caller(url)
    const door = await fetch(`${url}/local/sign-in?as=${encodeURIComponent(phone)}`, { redirect: 'manual' })
    caller.#keep(door)
    return caller.#known()
  }

  /** @param code that the house gave an officer */
  static async enrol(url: string, code: string): Promise<Caller> {
    const caller = new Caller(url)
    await enrols((path, body) => caller.post(path, body), { origin: url }, code)
    return caller.#known()
  }

  /** @returns the admin of a new house */
  static async found(url: string, founding: string, house: OpenHouse): Promise<{ admin: Caller; id: Id }> {
    const admin = new Caller(url)
    const id = await founds((path, body) => admin.post(path, body), { origin: url }, founding, house)
    return { admin: await admin.#known(), id }
  }

  async #known(): Promise<this> {
    this.account = (await this.call<{ account: Id }>('GET', '/api/me')).account
    return this
  }

  #keep(answer: Response): void {
    const set = answer.headers.getSetCookie().filter((cookie) => !/max-age=0\b/i.test(cookie))
    if (set.length > 0) this.#cookie = set.map((cookie) => cookie.split(';')[0]).join('; ')
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
    this.#keep(answer)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as Answer
  }
}
