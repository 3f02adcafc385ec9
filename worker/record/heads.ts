// What was signed, held against itself: each head's note, and the list of event hashes that was sealed with it.
import { createPublicKey, verify } from 'node:crypto'
import {
  base64,
  emptyTree,
  grow,
  keyHash,
  leavesText,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  rootOf,
  type Frontier,
  unbase64,
} from '#db/record.ts'
import type { Head } from './lines.ts'

/** Who signs, as a verifier takes it. */
export interface Key {
  /** the house's origin: `record.example.cn/qingshan` */
  readonly name: string
  /** whether one of a note's signatures, or a bare one, is by this key */
  readonly signed: (text: string, signature: Uint8Array) => boolean
  readonly hash: Uint8Array
}

/** @throws TypeError where the text is no Ed25519 verifier key */
export function keyOf(text: string): Key {
  const { name, publicKey } = parseVerifierKey(text)
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    x: base64(publicKey).replaceAll('+', '-').replaceAll('/', '_').replace('=', ''),
  }
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  return {
    name,
    hash: keyHash(name, publicKey),
    signed: (text, signature) => verify(null, new TextEncoder().encode(text), key, signature),
  }
}

export interface SignedHead {
  readonly size: number
  /** base64 */
  readonly root: string
}

/**
 * Reads a signed note that somebody kept.
 *
 * @throws TypeError where it is no head, is of another house, or this key did not sign it
 */
export function openHead(note: string, key: Key): SignedHead {
  const { text, signatures } = parseNote(note)
  const { origin, size, root } = parseCheckpoint(text)
  if (origin !== key.name) throw new TypeError(`it is a head of ${origin}`)
  const own = signatures.filter(({ name, hash }) => name === key.name && base64(hash) === base64(key.hash))
  if (!own.some(({ signature }) => key.signed(text, signature))) throw new TypeError('its signature is not by this key')
  return { size, root: base64(root) }
}

/** What the heads of an export prove. */
export interface Proven {
  /** in order of size */
  readonly heads: readonly SignedHead[]
  /** event hash by position, base64, wherever a list could be proven */
  readonly leaves: ReadonlyMap<number, string>
  readonly wrong: readonly string[]
}

/**
 * A list of leaves is believed if its seal is good, or if it leads from the head before to this head's root: it
 * takes both to be spoilt before a changed event can only be placed between two heads.
 */
export function prove(heads: readonly Head[], key: Key): Proven {
  const proven: SignedHead[] = []
  const leaves = new Map<number, string>()
  const wrong: string[] = []
  let tree: Frontier | undefined = emptyTree // as far as the leaves are known without a gap
  for (const head of heads) {
    let opened: SignedHead
    try {
      opened = openHead(head.note, key)
      if (opened.size !== head.size) throw new TypeError(`it says ${opened.size}`)
    } catch (fault) {
      wrong.push(`the head of ${head.size} events is not as it was signed: ${(fault as Error).message}`)
      continue
    }
    proven.push(opened)

    const bytes = unbase64(head.leaves)
    const list = Array.from({ length: Math.floor(bytes.length / 32) }, (_, nth) =>
      bytes.subarray(nth * 32, nth * 32 + 32),
    )
    const from = head.size - list.length
    const sealed = key.signed(leavesText(key.name, from, head.size, bytes), unbase64(head.seal))
    const grown: Frontier | undefined = tree?.size === from ? grow(tree, list) : undefined
    const fits: boolean = grown !== undefined && base64(rootOf(grown)) === opened.root
    if (!sealed) wrong.push(`the list of events sealed with the head of ${head.size} events is not as it was sealed`)
    if (grown && sealed && !fits) wrong.push(`the head of ${head.size} events does not fit the list sealed with it`)
    if (tree && from !== tree.size)
      wrong.push(`between the heads of ${tree.size} and ${head.size} events a head is missing`)
    if (sealed || fits) for (const [nth, leaf] of list.entries()) leaves.set(from + nth, base64(leaf))
    tree = fits ? grown : undefined
  }
  return { heads: proven, leaves, wrong }
}
