// TLS 1.3 in front of a server, as a proxy or a cloud's edge ends it, with a certificate made for the occasion.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'

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
  const server = createServer(
    { key, cert: certificate, minVersion: 'TLSv1.3', ALPNProtocols: ['http/1.1'] },
    (near) => {
      near.setMaxSendFragment(recordBytes.server)
      const far = connect({ port: Number(new URL(target).port), host: '127.0.0.1', noDelay: true })
      near.pipe(far).pipe(near)
      near.on('error', () => far.destroy()).on('close', () => far.destroy())
      far.on('error', () => near.destroy()).on('close', () => near.destroy())
    },
  )
  server.on('tlsClientError', () => undefined) // a reset in mid-handshake is what such links do
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificate,
    stop: () => new Promise((closed) => server.close(() => closed())),
  }
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
