// The record, in bytes: what an event says, how events are chained, and the tree whose signed head shows tampering.
// Only the server and the audit tools read this; no phone needs it.
// Sources: RFC 8785 (canonical JSON), RFC 6962 §2.1 (Merkle tree), C2SP signed-note v1.0.0, tlog-checkpoint v1.0.0.
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Role } from './actor.ts'
import type { Id } from './id.ts'
import type { Facts, Matter } from './matter.ts'

/** What one event says for ever: codes, numbers, ids and hashes. Names and texts are content, and deletable. */
export interface EventBody {
  readonly v: 1
  /** the subject of the chain: a matter, a person, an officer, a kiosk, a tie, the house, or the looks at a matter */
  readonly matter: Id
  /** 1 for the first of its chain */
  readonly seq: number
  /** UTC milliseconds, the server's clock */
  readonly at: number
  readonly actor: Id
  readonly role: Role
  readonly move: string
  /** the state it led to; empty for subjects that have none */
  readonly state: string
  readonly facts: Facts
  /** UTC milliseconds by which the next step is owed; null where nobody owes one */
  readonly due: number | null
  /** what a matter is about: in its first event, null in all others and for subjects that are no matter */
  readonly opens:
    | (Pick<Matter, 'kind' | 'tie' | 'detainee'> & {
        /** whose it is, where somebody else has made it in their stead */
        readonly account?: Id
      })
    | null
  /** SHA-256(salt ‖ content body), base64; null for a move without words */
  readonly content: string | null
  /** the command that asked for it; null for what no phone asked for */
  readonly command: Id | null
  /** SHA-256 of the command as it came, base64 */
  readonly digest: string | null
}

/** A file with a lone surrogate in it has no canonical form: the caller has refused such text at the door. */
export function canonical(value: unknown): string {
  const bytes = canonicalize(value)
  if (bytes === undefined) throw new TypeError('a value without a canonical form')
  return bytes
}

export const sha256 = (...parts: readonly (Uint8Array | string)[]): Uint8Array => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

// workers-types calls Node's Buffer any: here it gets its type back, and nobody else needs it.
const buffer = Buffer as BufferConstructor

export const concat = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(buffer.concat(parts))
export const hex = (bytes: Uint8Array): string => buffer.from(bytes).toString('hex')
export const base64 = (bytes: Uint8Array): string => buffer.from(bytes).toString('base64')
/** Reads both alphabets, that of addresses too. */
export const unbase64 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(buffer.from(text, 'base64'))

/** @param previous base64 hash of the event before in the chain; empty for the first */
export const eventHash = (previous: string, body: string): string => base64(sha256(unbase64(previous), body))

/** @param salt base64 of 16 random bytes: without it a short text could be guessed from its hash */
export const contentHash = (salt: string, body: string): string => base64(sha256(unbase64(salt), body))

/**
 * An id made from what it names, so that making it twice gives the same: 122 bits of SHA-256 in the shape of a
 * version 8 UUID (RFC 9562 §5.8).
 */
export function idFrom(name: string): Id {
  const digits = hex(sha256(name))
  const cut = (from: number, to: number) => digits.slice(from, to)
  return `${cut(0, 8)}-${cut(8, 12)}-8${cut(13, 16)}-8${cut(17, 20)}-${cut(20, 32)}` as Id
}

const LEAF = new Uint8Array([0])
const NODE = new Uint8Array([1])

/** @param entry 32 bytes, an event's hash */
export const leafHash = (entry: Uint8Array): Uint8Array => sha256(LEAF, entry)
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(NODE, left, right)

/** A tree as far as it must be known to grow: the roots of its complete subtrees, the largest first. */
export interface Frontier {
  readonly size: number
  readonly roots: readonly Uint8Array[]
}
export const emptyTree: Frontier = { size: 0, roots: [] }

/** The tree with further entries: the work is in proportion to what is added, never to what is there. */
export function grow(tree: Frontier, entries: readonly Uint8Array[]): Frontier {
  const roots = [...tree.roots]
  let size = tree.size
  for (const entry of entries) {
    let root = leafHash(entry)
    // each trailing one-bit of the size is a complete subtree that this leaf completes
    for (let bits = size; bits % 2 === 1; bits = Math.floor(bits / 2)) root = nodeHash(roots.pop() as Uint8Array, root)
    roots.push(root)
    size += 1
  }
  return { size, roots }
}

/** RFC 6962 §2.1; the root of no entries is the hash of nothing. */
export function rootOf(tree: Frontier): Uint8Array {
  const roots = [...tree.roots]
  let root = roots.pop()
  if (!root) return sha256()
  for (let left = roots.pop(); left; left = roots.pop()) root = nodeHash(left, root)
  return root
}

/** What is signed of a tree's head: origin, size, root. */
export const checkpointText = (origin: string, tree: Frontier): string =>
  `${origin}\n${tree.size}\n${base64(rootOf(tree))}\n`

/** What is signed of the entries between two heads, so that a changed one can be named and not only noticed. */
export const leavesText = (origin: string, from: number, size: number, leaves: Uint8Array): string =>
  `etongban-leaves/1\n${origin}\n${from}\n${size}\n${base64(sha256(leaves))}\n`

/** What is signed of an answer to a phone: the event hashes of its results, in order. */
export const receiptText = (hashes: readonly string[]): string => `etongban-receipt/1\n${hashes.join('\n')}\n`

const ED25519 = 1

/** The four bytes by which a note names its key: SHA-256(name ‖ newline ‖ 1 ‖ public key), cut. */
export const keyHash = (name: string, publicKey: Uint8Array): Uint8Array =>
  sha256(`${name}\n`, new Uint8Array([ED25519]), publicKey).slice(0, 4)

/** The public key as verifiers take it: `name+hash+key`. */
export const verifierKey = (name: string, publicKey: Uint8Array): string =>
  `${name}+${hex(keyHash(name, publicKey))}+${base64(new Uint8Array([ED25519, ...publicKey]))}`

/** @throws TypeError where the text is no Ed25519 verifier key, or its hash does not fit its name and key */
export function parseVerifierKey(text: string): { name: string; publicKey: Uint8Array } {
  const [, name, hash, key] = /^(\S+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? []
  const bytes = unbase64(key ?? '')
  if (!name || bytes.length !== 33 || bytes[0] !== ED25519) throw new TypeError('not an Ed25519 verifier key')
  const publicKey = bytes.slice(1)
  if (hex(keyHash(name, publicKey)) !== hash) throw new TypeError('the key does not fit its hash')
  return { name, publicKey }
}

/** A signed note: the text, an empty line, and one line for each signature. */
export const signedNote = (text: string, name: string, publicKey: Uint8Array, signature: Uint8Array): string =>
  `${text}\n— ${name} ${base64(new Uint8Array([...keyHash(name, publicKey), ...signature]))}\n`

export interface Note {
  /** what is signed, with its last newline */
  readonly text: string
  readonly signatures: readonly { readonly name: string; readonly hash: Uint8Array; readonly signature: Uint8Array }[]
}

/** @throws TypeError where the note has no signature block */
export function parseNote(note: string): Note {
  const cut = note.lastIndexOf('\n\n')
  if (cut < 0) throw new TypeError('a note without signatures')
  const signatures = note
    .slice(cut + 2)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, name, blob] = /^— (\S+) (\S+)$/.exec(line) ?? []
      const bytes = unbase64(blob ?? '')
      if (!name || bytes.length < 5) throw new TypeError('a signature line that is none')
      return { name, hash: bytes.slice(0, 4), signature: bytes.slice(4) }
    })
  return { text: note.slice(0, cut + 1), signatures }
}

/** @throws TypeError where the text is no checkpoint */
export function parseCheckpoint(text: string): { origin: string; size: number; root: Uint8Array } {
  const [origin, size, root] = text.split('\n')
  if (!origin || !/^(0|[1-9]\d*)$/.test(size ?? '') || unbase64(root ?? '').length !== 32)
    throw new TypeError('not a checkpoint')
  return { origin, size: Number(size), root: unbase64(root as string) }
}
