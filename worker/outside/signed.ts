// How a request to a gateway is signed, and how its answer is: our own small contract, the same for all of them.

/** UTC milliseconds at which it was signed; what is older than five minutes is refused. */
export const timeHeader = 'x-etongban-time'
export const signatureHeader = 'x-etongban-signature'

/** @returns lower-case hex of HMAC-SHA-256(secret, `<time>.<body>`) */
export async function signMessage(secret: string, time: string, body: string): Promise<string> {
  const utf8 = new TextEncoder()
  const key = await crypto.subtle.importKey('raw', utf8.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
  const mac = await crypto.subtle.sign('HMAC', key, utf8.encode(`${time}.${body}`))
  return [...new Uint8Array(mac)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * @param name of the setting that says where
 * @throws Error where what is said would travel in the clear: only on this machine, where a server is tried, it may
 */
export function overTls(name: string, address: string): void {
  const { protocol, hostname } = new URL(address)
  if (protocol !== 'https:' && hostname !== '127.0.0.1' && hostname !== 'localhost')
    throw new Error(`${name} does not begin with https`)
}
