// The phone against the whole server: real workerd, real D1, over HTTP, on a network that loses what it likes.
import 'fake-indexeddb/auto'
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import type { KioskCard } from '#db/kiosk.ts'
import { fetchLink } from '#web/outbox/link.ts'
import { make } from '#web/outbox/make.ts'
import { openStore, stateShown, type Store } from '#web/outbox/store.ts'
import { exchange } from '#web/outbox/sync.ts'
import type { Actor } from '#db/actor.ts'
import { KioskKey, Visitor } from '#test/server.ts'
import { signedInKey } from './cast.ts'

let server: ChildProcess
let url: string
const dir = mkdtempSync(join(tmpdir(), 'etongban-'))

beforeAll(async () => {
  server = fork('worker/start/main.ts', ['--port', '0', '--dir', dir], { silent: true })
  url = await new Promise((done, fail) => {
    let said = ''
    server.stdout?.on('data', (text: Buffer) => {
      said += text.toString()
      const found = /http:\/\/[\w.]+:\d+/.exec(said)
      if (found) done(found[0])
    })
    server.once('exit', () => fail(new Error('the server did not start')))
  })
}, 240_000)

afterAll(async () => {
  const ended = new Promise((done) => server.once('exit', done))
  server.disconnect() // it ends when whoever started it is gone
  await ended
  rmSync(dir, { recursive: true, force: true })
})

/** A browser with cookies of its own, and a network that drops the next request or the next answer. */
class Browser {
  readonly cookies = new Map<string, string>()
  readonly weather: ('requestLost' | 'answerLost')[] = []
  requests = 0
  /** a device in a cell signs */
  key: KioskKey | undefined
  kiosk: Id | undefined

  fetch = async (path: RequestInfo | URL, options: RequestInit = {}): Promise<Response> => {
    this.requests += 1
    const weather = this.weather.shift()
    if (weather === 'requestLost') throw new TypeError('network')
    const headers = new Headers(options.headers)
    headers.set('cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    headers.set('origin', url)
    const sent = new Uint8Array(await new Response(options.body ?? null).arrayBuffer())
    const plain = Object.fromEntries(headers)
    const signature = await this.key?.signs(this.kiosk, options.method ?? 'GET', path as string, sent, plain)
    for (const [name, value] of Object.entries(signature ?? {})) headers.set(name, value)
    const answer = await fetch(`${url}${path as string}`, { ...options, headers, redirect: 'manual' })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      this.cookies.set(name, value)
    }
    if (weather === 'answerLost') throw new TypeError('network')
    return answer
  }

  async signsIn(as: string): Promise<void> {
    this.cookies.clear()
    for (const [name, value] of (await Visitor.signedIn(url, as)).cookies) this.cookies.set(name, value)
  }
}

class Device {
  readonly browser: Browser
  readonly store: Store
  readonly who: Actor
  readonly #link

  constructor(browser: Browser, who: Actor) {
    this.browser = browser
    this.who = who
    this.store = openStore(who.account, signedInKey)
    this.#link = fetchLink(browser.fetch)
  }

  exchanges() {
    return exchange(this.store, this.#link, Date.now())
  }

  async syncs() {
    while ((await this.exchanges()).goOn);
  }

  async does(matter: Id, move: string, input?: Record<string, unknown>) {
    const wish = { facility: this.who.facility, matter, kind: 'letter', move, ...(input && { input }) } as const
    const outcome = await make(this.store, this.who, wish, Date.now())
    if ('refused' in outcome) throw new Error(`the device refused ${move}: ${outcome.refused.code}`)
  }

  async sees(matter: Id) {
    const held = await this.store.matters.get(matter)
    return held && stateShown(held)
  }
}

async function signedIn(as: string, roles: Actor['roles']): Promise<Device> {
  const browser = new Browser()
  await browser.signsIn(as)
  const me = await browser.fetch('/api/me')
  const { account, posts } = await me.json<{ account: Id; posts: { house: { id: Id } }[] }>()
  const first = new Device(browser, { account, facility: posts[0]?.house.id ?? newId(), roles })
  await first.syncs()
  const [tie] = await first.store.ties.toArray()
  return tie ? new Device(browser, { ...first.who, facility: tie.house.id }) : first
}

async function enrolled(name: string): Promise<Device> {
  const browser = new Browser()
  const door = await browser.fetch(`/local/kiosk?name=${name}`)
  const code = door.headers.get('location')?.split('#')[1] ?? ''
  browser.key = await KioskKey.make()
  const answer = await browser.fetch('/api/kiosk/enrol', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, key: browser.key.publicText }),
  })
  const card = await answer.json<KioskCard>()
  browser.kiosk = card.kiosk
  const bare = new Device(browser, { account: card.kiosk, facility: card.house.id, roles: ['kiosk'] })
  await bare.syncs()
  const people = (await bare.store.inmates.toArray()).map(({ id }) => id)
  return new Device(browser, { ...bare.who, people })
}

const writes = async (device: Device, body: string): Promise<Id> => {
  const id = newId()
  const [tie] = await device.store.ties.toArray()
  await device.does(id, 'submit', { to: tie?.id, body })
  return id
}

test('a letter goes from the phone to the cell and back, once, though every other word is lost on the way', async () => {
  const mother = await signedIn('mother', ['relative'])
  const reviewer = await signedIn('reviewer', ['reviewer'])
  const kiosk = await enrolled('kiosk')

  const letter = await writes(mother, '天冷了，多穿点。')
  expect(await mother.sees(letter)).toBe('onPhone')
  mother.browser.weather.push('requestLost', 'answerLost', 'answerLost')
  for (let round = 0; round < 5; round += 1) await mother.syncs()
  expect(await mother.sees(letter)).toBe('submitted')

  await reviewer.syncs()
  await reviewer.does(letter, 'approve')
  reviewer.browser.weather.push('answerLost')
  for (let round = 0; round < 3; round += 1) await reviewer.syncs()
  expect(await reviewer.sees(letter)).toBe('approved')

  await kiosk.syncs()
  await kiosk.does(letter, 'deliver')
  await kiosk.does(letter, 'read')
  kiosk.browser.weather.push('answerLost', 'requestLost')
  for (let round = 0; round < 4; round += 1) await kiosk.syncs()

  await mother.syncs()
  expect(await mother.sees(letter)).toBe('read')
  const held = await mother.store.matters.get(letter)
  expect(held?.steps.map(({ move }) => move)).toEqual(['submit', 'approve', 'deliver', 'read'])
  for (const device of [mother, reviewer, kiosk]) {
    expect(await device.store.outbox.count()).toBe(0)
    expect(await device.store.shelf.count()).toBe(0)
  }
})

test('fifty letters written without a network go in one request', async () => {
  const mother = await signedIn('mother', ['relative'])
  const letters: Id[] = []
  for (let nth = 0; nth < 50; nth += 1) letters.push(await writes(mother, `第${nth}封信。天冷了，多穿点。`))
  const before = mother.browser.requests
  await mother.exchanges()
  expect(mother.browser.requests - before).toBe(1)
  for (const letter of letters) expect(await mother.sees(letter)).toBe('submitted')
})

test('signed out while a letter waits: nothing is lost, nothing goes under another’s name', async () => {
  const mother = await signedIn('mother', ['relative'])
  const letter = await writes(mother, '天冷了，多穿点。')
  mother.browser.cookies.clear()
  expect((await mother.exchanges()).heard).toBe('signedOut')

  await mother.browser.signsIn('wife')
  expect((await mother.exchanges()).heard).toBe('signedOut')
  expect(await mother.sees(letter)).toBe('onPhone')

  await mother.browser.signsIn('mother')
  await mother.syncs()
  expect(await mother.sees(letter)).toBe('submitted')
})

test('two reviewers: the faster one decides, and the slower one is told who did', async () => {
  const mother = await signedIn('mother', ['relative'])
  const [one, other] = [await signedIn('reviewer', ['reviewer']), await signedIn('reviewer2', ['reviewer'])]
  const letter = await writes(mother, '天冷了，多穿点。')
  await mother.syncs()
  for (const reviewer of [one, other]) await reviewer.syncs()

  await one.does(letter, 'approve')
  await other.does(letter, 'withhold', { reasons: ['other'], note: '' })
  await one.syncs()
  await other.syncs()
  expect(await other.sees(letter)).toBe('approved')
  expect((await other.store.shelf.toArray()).map(({ command }) => command.move)).toEqual(['withhold'])
  const steps = (await other.store.matters.get(letter))?.steps
  expect(steps?.[1]?.name).toBe('林晓')
})
