// A registry of licences for a server on this machine: it answers from a file by the contract of
// worker/outside/licences.openapi.json. The file is read at each question: whoever edits it sees what a suspension does.
import { timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Standing } from '#db/licence.ts'
import type { Heard, Licensee } from '../outside/licences.ts'
import { signatureHeader, signMessage, timeHeader } from '../outside/signed.ts'

/** One holder, as the file has them. */
export interface Holder extends Licensee {
  readonly firm: string
  readonly standing: Exclude<Standing, 'differs' | 'notFound'>
}

const MAX_BYTES = 10_000
const utf8 = new TextEncoder()

/**
 * @param signedForMs how old a question may be
 * @returns where it answers, and how it is stopped
 */
export async function serveRegistry(
  file: string,
  secret: string,
  signedForMs = 5 * 60_000,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    void answer(request, file, secret, signedForMs)
      .catch(() => ({ status: 503, body: '', signature: '' }))
      .then(({ status, body, signature }) =>
        response
          .writeHead(status, { 'content-type': 'application/json', ...(signature && { [signatureHeader]: signature }) })
          .end(body),
      )
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const stop = () =>
    new Promise<void>((stopped) => {
      server.close(() => stopped())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}

async function answer(request: IncomingMessage, file: string, secret: string, signedForMs: number) {
  const no = (status: number) => ({ status, body: '', signature: '' })
  let asked = ''
  for await (const part of request) {
    asked += String(part)
    if (asked.length > MAX_BYTES) return no(400)
  }
  if (request.method !== 'POST' || request.url !== '/licences/check') return no(404)
  const time = String(request.headers[timeHeader])
  const signature = String(request.headers[signatureHeader])
  const off = Math.abs(Date.now() - Number(time))
  if (!(off < signedForMs) || !same(signature, await signMessage(secret, time, asked))) return no(401)

  const question = questionIn(asked)
  if (!question) return no(400)
  const body = JSON.stringify(lookUp(JSON.parse(readFileSync(file, 'utf8')) as Holder[], question))
  return { status: 200, body, signature: await signMessage(secret, time, body) }
}

const same = (one: string, other: string) =>
  one.length === other.length && timingSafeEqual(utf8.encode(one), utf8.encode(other))

function questionIn(text: string): Licensee | undefined {
  try {
    const { grade, licence, name, document } = JSON.parse(text) as Licensee
    const whole = [grade, licence, name, document.kind, document.number].every((one) => typeof one === 'string')
    return whole ? { grade, licence, name, document } : undefined
  } catch {
    return undefined
  }
}

function lookUp(holders: readonly Holder[], { grade, licence, name, document }: Licensee): Heard {
  const holder = holders.find((one) => one.grade === grade && one.licence === licence)
  if (!holder) return { standing: 'notFound' }
  const theirs = [
    holder.name === name,
    holder.document.kind === document.kind,
    holder.document.number === document.number,
  ]
  return theirs.every(Boolean) ? { standing: holder.standing, firm: holder.firm } : { standing: 'differs' }
}
