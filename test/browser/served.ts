// A whole server with the demo house for each worker of the tests, and what its people can do without a screen.
import { test as base, type APIRequestContext, type PlaywrightWorkerArgs } from '@playwright/test'
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountHeader, limitBytes, protocol, type Command, type SyncAnswer } from '#db/command.ts'
import type { HouseView } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import type { Tie } from '#db/matter.ts'

export interface Served {
  readonly url: string
  /** the PINs of the people inside, by number */
  readonly pins: ReadonlyMap<string, string>
}

const root = join(import.meta.dirname, '../..')

export const test = base.extend<{ as: (name: string) => Promise<Caller> }, { served: Served }>({
  served: [
    async ({ playwright: _ }, use) => {
      const dir = mkdtempSync(join(tmpdir(), 'etongban-'))
      const options = { cwd: root, silent: true, execArgv: [] }
      const server = fork(join(root, 'worker/start/main.ts'), ['--port', '0', '--dir', dir], options)
      const said = await new Promise<string>((done, fail) => {
        let text = ''
        server.stdout?.on('data', (part: Buffer) => {
          text += part.toString()
          if (text.includes('Ctrl-C')) done(text)
        })
        server.once('exit', () => fail(new Error('the server did not start')))
      })
      const pins = [...said.matchAll(/\b(0\d{3}) (\d{6})\b/g)].map(
        ([, number = '', pin = '']) => [number, pin] as const,
      )
      await use({ url: /http:\/\/[\d.]+:\d+/.exec(said)?.[0] ?? '', pins: new Map(pins) })

      const ended = new Promise((done) => server.once('exit', done))
      server.disconnect() // it ends when whoever started it is gone
      await ended
      rmSync(dir, { recursive: true, force: true })
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  baseURL: ({ served }, use) => use(served.url),
  as: async ({ playwright, served }, use) => {
    const callers: Caller[] = []
    await use(async (name) => {
      const caller = await Caller.signedIn(playwright, served.url, name)
      callers.push(caller)
      return caller
    })
    await Promise.all(callers.map((caller) => caller.request.dispose()))
  },
})

/** Somebody who acts through the API alone: what they do is real, only their screen is not looked at. */
export class Caller {
  readonly request: APIRequestContext
  readonly account: Id

  static async signedIn(playwright: PlaywrightWorkerArgs['playwright'], url: string, name: string): Promise<Caller> {
    const request = await playwright.request.newContext({ baseURL: url })
    await request.get(`/local/sign-in?as=${name}`)
    const { account } = (await (await request.get('/api/me')).json()) as { account: Id }
    return new Caller(request, account)
  }

  private constructor(request: APIRequestContext, account: Id) {
    this.request = request
    this.account = account
  }

  async syncs(...commands: Command[]): Promise<SyncAnswer> {
    const data = { v: protocol, cursor: {}, limit: limitBytes.max, ask: [], commands }
    const answer = await this.request.post('/api/sync', { headers: { [accountHeader]: this.account }, data })
    return (await answer.json()) as SyncAnswer
  }

  async does(facility: Id, matter: Id, move: string, more: Partial<Command> = {}): Promise<void> {
    const command = { id: newId(), facility, matter, kind: 'letter', move, base: 1, at: Date.now(), ...more }
    const { results } = await this.syncs(command)
    if (!results[0] || !('done' in results[0])) throw new Error(`${move} came to ${JSON.stringify(results)}`)
  }

  async tie(): Promise<Tie> {
    const { changes } = await this.syncs()
    const found = changes.flatMap((change) => ('tie' in change ? [change.tie] : []))[0]
    if (!found) throw new Error('nobody is tied to this account')
    return found
  }

  async sees(matter: Id): Promise<string | undefined> {
    const { changes } = await this.syncs()
    return changes.flatMap((change) =>
      'matter' in change && change.matter.id === matter ? [change.matter.state] : [],
    )[0]
  }

  async house(): Promise<HouseView> {
    const me = (await (await this.request.get('/api/me')).json()) as { posts: { house: { id: Id } }[] }
    return (await (await this.request.get(`/api/houses/${me.posts[0]?.house.id}`)).json()) as HouseView
  }
}

/** A letter from a relative that a reviewer has let through: it waits at the kiosk. */
export async function approvedLetter(mother: Caller, reviewer: Caller, body: string): Promise<Id> {
  const tie = await mother.tie()
  const id = newId()
  await mother.does(tie.house.id, id, 'submit', { base: 0, input: { to: tie.id, body } })
  await reviewer.does(tie.house.id, id, 'approve')
  return id
}
