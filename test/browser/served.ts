// The demo house, served as `npm start` serves it: a process of its own, which a test may kill as a power cut does.
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export class Served {
  readonly url: string
  /** where its secrets and data are kept */
  readonly dir: string
  /** the PINs of the people inside, by number */
  readonly pins: ReadonlyMap<string, string>
  #process: ChildProcess

  static async starts(): Promise<Served> {
    const dir = mkdtempSync(join(tmpdir(), 'etongban-'))
    const { server, said } = await start('0', dir)
    return new Served(server, dir, said)
  }

  private constructor(server: ChildProcess, dir: string, said: string) {
    this.#process = server
    this.dir = dir
    this.url = /http:\/\/[\w.]+:\d+/.exec(said)?.[0] ?? ''
    this.pins = new Map(
      [...said.matchAll(/\b(0\d{3}) (\d{6})\b/g)].map(([, number = '', pin = '']) => [number, pin] as const),
    )
  }

  /** All of it, at once and without a word. */
  kill(): Promise<void> {
    const over = ended(this.#process)
    process.kill(-(this.#process.pid ?? NaN), 'SIGKILL')
    return over
  }

  /** At the same address, with the same data. */
  async startsAgain(): Promise<void> {
    const { server } = await start(new URL(this.url).port, this.dir)
    this.#process = server
  }

  async stop(): Promise<void> {
    if (this.#process.connected) {
      const over = ended(this.#process)
      this.#process.disconnect() // it ends when whoever started it is gone
      await over
    }
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** @returns once it is ready: the process, and what it said */
async function start(port: string, dir: string): Promise<{ server: ChildProcess; said: string }> {
  const options = { cwd: root, silent: true, execArgv: [], detached: true } // a group of its own: workerd dies with it
  const server = fork(join(root, 'worker/start/main.ts'), ['--port', port, '--dir', dir], options)
  const said = await new Promise<string>((done, fail) => {
    let text = ''
    server.stdout?.on('data', (part: Buffer) => {
      text += part.toString()
      if (text.includes('Ctrl-C')) done(text)
    })
    server.once('exit', () => fail(new Error('the server did not start')))
  })
  return { server, said }
}

const ended = (server: ChildProcess): Promise<void> => new Promise((done) => server.once('exit', () => done()))
