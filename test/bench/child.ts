// Parts of a bench in processes of their own, so that nothing measured shares a processor's time with what measures.
import { fork, spawn } from 'node:child_process'
import { join } from 'node:path'

/**
 * @param script under this folder; it says what came of it on its last line, as JSON
 * @throws Error with all that it complained of, where it falls over
 */
export function inItsOwnProcess<Outcome>(script: string, task: unknown): Promise<Outcome> {
  const path = join(import.meta.dirname, script)
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path, JSON.stringify(task)])
  let [said, complained] = ['', '']
  child.stdout.on('data', (text: Buffer) => (said += text.toString()))
  child.stderr.on('data', (text: Buffer) => (complained += text.toString()))
  return new Promise((done, fail) =>
    child.once('close', (code) =>
      code === 0
        ? done(JSON.parse(said.trim().split('\n').at(-1) ?? '') as Outcome)
        : fail(new Error(`${JSON.stringify(task)}: ${complained}`)),
    ),
  )
}

export interface Peers {
  readonly url: string
  readonly pid: number
  readonly stop: () => void
}

/** The peers' servers, in one process. */
export async function startPeers(): Promise<Peers> {
  const child = fork(join(import.meta.dirname, 'links/peers.ts'), { silent: true })
  const url = await new Promise<string>((done, fail) => {
    child.stdout?.once('data', (text: Buffer) => done(text.toString().trim()))
    child.once('exit', () => fail(new Error('the peers did not start')))
  })
  return { url, pid: child.pid as number, stop: () => child.disconnect() }
}
