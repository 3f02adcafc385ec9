// HTTP/2 over TLS 1.3 in front of a server, as a cloud's edge ends it, with a certificate made for the occasion.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'

export interface Terminator {
  /** without a slash at its end */
  readonly url: string
  /** PEM: whoever connects has to trust it */
  readonly certificate: string
  stop(): Promise<void>
}

/**
 * How much is sealed at once: nothing of it can be read before all has come. A browser hands HTTP/2 to TLS in frames of
 * two packets (Chromium's `kMaxSpdyFrameChunkSize`), and the edges of clouds begin with records of one packet.
 */
export const recordBytes = { browser: 2852, server: 1369 }

/** @param target the plain server behind it, such as `http://127.0.0.1:4000` */
export async function openTls(target: string): Promise<Terminator> {
  const { key, certificate } = newCertificate()
  const agent = new Agent({ keepAlive: true })
  const server = createSecureServer({ key, cert: certificate, minVersion: 'TLSv1.3' }, (asked, answer) =>
    handsOn(target, agent, asked, answer),
  )
  server.on('secureConnection', (near: TLSSocket) => void near.setMaxSendFragment(recordBytes.server))
  server.on('tlsClientError', () => undefined) // a reset in mid-handshake is what such links do
  server.on('sessionError', () => undefined)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificate,
    stop() {
      agent.destroy()
      return new Promise((closed) => server.close(() => closed()))
    },
  }
}

/** What came of a request before its connection broke reaches the server, and then breaks there. */
function handsOn(target: string, agent: Agent, asked: Http2ServerRequest, answer: Http2ServerResponse): void {
  const { host: _, ...headers } = Object.fromEntries(
    Object.entries(asked.headers).filter(([name]) => !name.startsWith(':')),
  )
  const there = request(target + asked.url, { agent, method: asked.method, headers }, (came) => {
    const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...kept } = came.headers
    if (answer.stream.destroyed) return came.resume()
    answer.writeHead(came.statusCode ?? 500, kept)
    return came.pipe(answer)
  })
  there.on('error', () => answer.stream.destroyed || answer.stream.close())
  asked.on('aborted', () => there.socket?.destroySoon())
  asked.on('error', () => undefined)
  asked.pipe(there)
}

/** Self-signed, ECDSA P-256: as small as certificates in use are. */
function newCertificate(): { key: string; certificate: string } {
  const folder = mkdtempSync(join(tmpdir(), 'etongban-tls-'))
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const subject = ['-subj', '/CN=bench', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  try {
    execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', certificate], {
      stdio: 'pipe',
    })
    return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
