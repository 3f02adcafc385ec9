// A whole server of its own for a file of tests, and people who use it over HTTP as a browser does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountHeader, limitBytes, type Cursor, type SyncAnswer } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import { officers } from '#db/demo/qingshan.ts'
import type { OfficerCode, OpenHouse } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import type { KioskCard } from '#db/kiosk.ts'
import { keyKind, newcomer, publicText, sign } from '#db/kioskSignature.ts'
import { uploadHeader } from '#db/upload.ts'
import { enrols, founds, signsIn, type SoftPasskey } from '#worker/start/authenticator.ts'
import { serve, type Served } from '#worker/start/serve.ts'

/**
 * @param demo whether it begins with the demo house
 * @param settings what its operator has set
 * @param log hears what the server logs that is no fault
 */
export async function startServer(
  demo = false,
  settings: Readonly<Record<string, string>> = {},
  log: (line: string) => void = () => undefined,
): Promise<Served & { readonly dir: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'etongban-'))
  const served = await serve({ port: 0, dir, demo, settings, log })
  return {
    ...served,
    dir,
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
  /** where it comes from, as the edge would say; without one all share an address */
  address: string | undefined
  /** signs every request, as a device in a cell does */
  key: KioskKey | undefined
  #cursor: Cursor = {}

  constructor(url: string) {
    this.url = url
  }

  /**
   * A relative by the local server's own door, as somebody who has typed their code; an officer by their passkey.
   *
   * @param as somebody of a demo house, or a relative's telephone number
   */
  static async signedIn(url: string, as: string): Promise<Visitor> {
    if (as === 'admin' || Object.hasOwn(officers, as) || as.startsWith('linxi.')) return Visitor.#officer(url, as)
    const visitor = new Visitor(url)
    await visitor.ask('GET', `/local/sign-in?as=${encodeURIComponent(as)}`)
    return visitor.#known()
  }

  /** @param code that the house gave an officer */
  static async enrolled(url: string, code: string): Promise<Visitor> {
    const visitor = Visitor.#fromAfar(url)
    await enrols(visitor.does, { origin: url }, code)
    return visitor.#known()
  }

  /** A device in a cell, before which an officer has typed the code. */
  static async kiosk(url: string, code: string): Promise<{ device: Visitor; answer: Answer }> {
    const device = new Visitor(url)
    device.key = await KioskKey.make()
    const answer = await device.post('/api/kiosk/enrol', { code, key: device.key.publicText })
    if (answer.status === 200) device.account = (answer.said as KioskCard).kiosk
    return { device, answer }
  }

  /** @returns the first admin of a house that they have opened */
  static async founder(url: string, house: OpenHouse): Promise<{ admin: Visitor; house: Id }> {
    const admin = Visitor.#fromAfar(url)
    const id = await founds(admin.does, { origin: url }, await foundingCode(url), house)
    return { admin: await admin.#known(), house: id }
  }

  /** Registers a passkey when they first come, and signs in with it from then on. */
  static async #officer(url: string, as: string): Promise<Visitor> {
    const visitor = Visitor.#fromAfar(url)
    const known = passkeys.get(`${url} ${as}`)
    if (known) await signsIn(visitor.does, { origin: url }, known)
    else passkeys.set(`${url} ${as}`, await enrols(visitor.does, { origin: url }, await codeOf(url, as)))
    return visitor.#known()
  }

  static #fromAfar(url: string): Visitor {
    const visitor = new Visitor(url)
    visitor.address = `203.0.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`
    return visitor
  }

  async #known(): Promise<this> {
    this.account = ((await this.ask('GET', '/api/me')).said as { account: Id }).account
    return this
  }

  async ask(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const signature = await this.key?.signs(this.account, method, path, text ?? '', headers)
    const answer = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        origin: this.url,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(this.account && { [accountHeader]: this.account }),
        ...(this.address && { 'cf-connecting-ip': this.address }),
        ...signature,
        ...headers,
      },
      ...(text !== undefined && { body: text }),
    })
    for (const cookie of answer.headers.getSetCookie()) this.keep(cookie)
    const said = await answer.text()
    return { status: answer.status, headers: answer.headers, said: said.startsWith('{') ? JSON.parse(said) : said }
  }

  post(path: string, body: unknown = {}): Promise<Answer> {
    return this.ask('POST', path, body)
  }

  /** @throws Error where it is refused */
  does = async <Answer>(path: string, body: object): Promise<Answer> => {
    const { status, said } = await this.post(path, body)
    if (status >= 400) throw new Error(`${path}: ${status} ${JSON.stringify(said)}`)
    return said as Answer
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

/** The key of a device in a cell, and its clock. */
export class KioskKey {
  readonly publicText: string
  /** how far its clock is ahead, milliseconds */
  aheadMs = 0
  readonly #secret: CryptoKey

  static async make(): Promise<KioskKey> {
    const { privateKey, publicKey } = (await crypto.subtle.generateKey(keyKind, false, [
      'sign',
      'verify',
    ])) as CryptoKeyPair
    return new KioskKey(privateKey, await publicText(publicKey))
  }

  private constructor(secret: CryptoKey, text: string) {
    this.#secret = secret
    this.publicText = text
  }

  /** @returns the headers of a signature */
  signs(
    as: Id | undefined,
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Record<string, string>> {
    const bytes = typeof body === 'string' ? new Uint8Array(new TextEncoder().encode(body)) : body
    const request = { method, path, upload: headers[uploadHeader] ?? null, body: bytes }
    return sign(this.#secret, as ?? newcomer, request, Date.now() + this.aheadMs)
  }
}

/** What the officers of the demo house have registered, by server and name. */
const passkeys = new Map<string, SoftPasskey>()

/** @returns a code for an officer of the demo house, as its admin would give it */
export const codeOf = (url: string, as: string): Promise<string> => behind(`${url}/local/officer?as=${as}`)

export const foundingCode = (url: string): Promise<string> => behind(`${url}/local/found`)

/** @returns what a local door leads to, after the `#` */
async function behind(door: string): Promise<string> {
  const answer = await fetch(door, { redirect: 'manual' })
  return answer.headers.get('location')?.split('#')[1] ?? ''
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
  const { admin, house } = await Visitor.founder(url, newHouseForm(code))
  return { admin, house, at: `/api/houses/${house}` }
}

/** Somebody whom the admin has given a post, with a passkey of their own. */
export async function hires(admin: Visitor, at: string, name: string, roles: string[]): Promise<Visitor> {
  const { code } = await admin.does<OfficerCode>(`${at}/officers`, { name, roles })
  return Visitor.enrolled(admin.url, code)
}
