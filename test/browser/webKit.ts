// WebKitGTK's own small browser, on a screen that nobody sees, driven over W3C WebDriver.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { miniBrowser } from './install.mjs'
import type { Phone, Phones, Tab } from './phones.ts'

/** how long an element may take to appear (ms) */
const patienceMs = 20_000

export async function startWebKit(): Promise<Phones> {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '800x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const [display] = (await once(screen.stdio[3] as Readable, 'data')) as [Buffer]
  const port = await freePort()
  const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    env: { ...process.env, DISPLAY: `:${String(display).trim()}`, LANG: 'C.UTF-8', TZ: 'Asia/Shanghai' },
    stdio: 'ignore',
  })
  const ends = () => [driver, screen].map((child) => child.kill())
  process.once('exit', ends) // a run that breaks off leaves nothing behind
  const wire = new Wire(`http://127.0.0.1:${port}`)
  await wire.answers()
  return {
    buys: () => phone(wire),
    async stop() {
      process.off('exit', ends)
      const over = [driver, screen].map(ended)
      ends()
      await Promise.all(over)
    },
  }
}

async function phone(wire: Wire): Promise<Phone> {
  const { sessionId } = await wire.post<{ sessionId: string }>('/session', {
    capabilities: {
      alwaysMatch: {
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': { binary: miniBrowser, args: ['--automation'] },
      },
    },
  })
  const session = `/session/${sessionId}`
  const line = new Line(wire, session)
  let first: string | undefined = await wire.get<string>(`${session}/window`)
  return {
    async opensTab() {
      const handle = first ?? (await wire.post<{ handle: string }>(`${session}/window/new`, { type: 'tab' })).handle
      first = undefined
      return tab(line, handle)
    },
    close: () => wire.delete(session),
  }
}

function tab(line: Line, handle: string): Tab {
  const within = <Value>(task: (at: string, wire: Wire) => Promise<Value>) => line.in(handle, task)
  const run = (script: string) =>
    within((at, wire) => wire.post<string>(`${at}/execute/sync`, { script: `return ${script}`, args: [] }))
  return {
    goes: (url) => within((at, wire) => wire.post(`${at}/url`, { url })),
    reloads: () => within((at, wire) => wire.post(`${at}/refresh`, {})),
    taps: (name) =>
      within(async (at, wire) => {
        const value = `//*[(self::button or self::a) and contains(normalize-space(.), "${name}")]`
        await wire.post(`${at}/element/${await wire.finds(at, { using: 'xpath', value })}/click`, {})
      }),
    types: (text) =>
      within(async (at, wire) => {
        const letter = await wire.finds(at, { using: 'css selector', value: '#body' })
        await wire.post(`${at}/element/${letter}/value`, { text })
      }),
    written: () => run('document.querySelector("#body").value'),
    says: () => run('document.body.innerText'),
    keepsItself: () =>
      within((at, wire) =>
        wire.post(`${at}/execute/async`, {
          script: 'const done = arguments[0]; navigator.serviceWorker.ready.then(() => done())',
          args: [],
        }),
      ),
  }
}

/** One thing at a time: WebDriver acts in the window that was chosen last. */
class Line {
  readonly #wire: Wire
  readonly #session: string
  #last: Promise<unknown> = Promise.resolve()

  constructor(wire: Wire, session: string) {
    this.#wire = wire
    this.#session = session
  }

  in<Value>(handle: string, task: (session: string, wire: Wire) => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(async () => {
      await this.#wire.post(`${this.#session}/window`, { handle })
      return task(this.#session, this.#wire)
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }
}

/** Requests and answers, as https://www.w3.org/TR/webdriver2/ has them. */
class Wire {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  get = <Value>(path: string) => this.#ask<Value>('GET', path)
  post = <Value = void>(path: string, body: object) => this.#ask<Value>('POST', path, body)
  delete = (path: string) => this.#ask<void>('DELETE', path)

  async answers(): Promise<void> {
    while (
      !(await this.get('/status').then(
        () => true,
        () => false,
      ))
    )
      await new Promise((later) => setTimeout(later, 100))
  }

  /** @returns the id of the first that is there, once there is one */
  async finds(session: string, by: { using: string; value: string }): Promise<string> {
    for (const until = Date.now() + patienceMs; ;) {
      const [found] = await this.post<Record<string, string>[]>(`${session}/elements`, by)
      if (found) return Object.values(found)[0] ?? ''
      if (Date.now() > until) throw new Error(`there is no ${by.value}`)
      await new Promise((later) => setTimeout(later, 100))
    }
  }

  async #ask<Value>(method: string, path: string, body?: object): Promise<Value> {
    const answer = await fetch(this.#url + path, { method, ...(body && { body: JSON.stringify(body) }) })
    const { value } = JSON.parse(await answer.text()) as Answered<Value>
    if (!answer.ok) throw new Error(`${path}: ${value.message}`)
    return value
  }
}

type Answered<Value> = { readonly value: Value & { readonly message?: string } }

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

const ended = (child: ChildProcess): Promise<unknown> => new Promise((done) => child.once('exit', done))
