// The address of a photo: for one officer and some minutes. What lies in a history, a log or a message to somebody is
// worth nothing to whoever finds it; the session and the post are asked for all the same.
import type { Context } from 'hono'
import type { Id } from '#db/id.ts'
import type { Env } from '../env.ts'

const linkMs = 5 * 60_000

/** @returns the address with its proof behind it */
export async function linkTo(env: Env, path: string, account: Id, now: number): Promise<string> {
  const until = now + linkMs
  const mac = await crypto.subtle.sign('HMAC', await keyOf(env), stated(path, account, until))
  return `${path}?until=${until}&proof=${[...new Uint8Array(mac)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** Whether the address that is asked for was given to this officer, and not too long ago. */
export async function isLinked(c: Context, account: Id, now: number): Promise<boolean> {
  const [until, proof] = [Number(c.req.query('until')), c.req.query('proof') ?? '']
  if (!(until > now) || !/^[0-9a-f]{64}$/.test(proof)) return false
  const mac = Uint8Array.from(proof.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  return crypto.subtle.verify('HMAC', await keyOf(c.env as Env), mac, stated(c.req.path, account, until))
}

// The same secret signs sessions and passes: a mark in front keeps one from passing for the other.
const stated = (path: string, account: Id, until: number) =>
  new TextEncoder().encode(['etongban paper 1', path, account, until].join('\0'))

const keyOf = ({ SESSION_SECRET }: Env) =>
  crypto.subtle.importKey('raw', new TextEncoder().encode(SESSION_SECRET), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ])
