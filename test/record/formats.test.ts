// The record's formats are other people's: their own examples come out right here.
import { generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  base64,
  canonical,
  checkpointText,
  emptyTree,
  grow,
  hex,
  leafHash,
  nodeHash,
  parseVerifierKey,
  rootOf,
  sha256,
  signedNote,
  unbase64,
  verifierKey,
} from '#db/record.ts'
import { keyOf, openHead } from '#worker/record/heads.ts'

/** The leaves and roots that Certificate Transparency's own implementations test with. */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const bytes = (digits: string) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16))

/** RFC 6962 §2.1 as it is written there, with none of the cleverness of growing. */
function defined(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0) return sha256()
  if (entries.length === 1) return leafHash(entries[0] as Uint8Array)
  let half = 1
  while (half * 2 < entries.length) half *= 2
  return nodeHash(defined(entries.slice(0, half)), defined(entries.slice(half)))
}

test('the tree comes to the roots of RFC 6962', () => {
  roots.forEach((root, size) => {
    const entries = leaves.slice(0, size).map(bytes)
    expect(hex(rootOf(grow(emptyTree, entries)))).toBe(root)
    expect(hex(defined(entries))).toBe(root)
  })
})

test('a tree that grew in any steps is the tree made at once', () => {
  const entry = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(fc.array(fc.array(entry, { maxLength: 9 }), { maxLength: 9 }), (steps) => {
      const grown = steps.reduce(grow, emptyTree)
      expect(grown.size).toBe(steps.flat().length)
      expect(grown.roots.length).toBe([...grown.size.toString(2)].filter((bit) => bit === '1').length)
      expect(hex(rootOf(grown))).toBe(hex(defined(steps.flat())))
    }),
  )
})

test('canonical JSON is that of RFC 8785', () => {
  const given =
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}'
  expect(canonical(JSON.parse(given))).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
  expect(() => canonical({ body: '\uD800' })).toThrow()
})

/** The example of the signed-note specification. */
const neumann = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const said = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const signature = 'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM='

test('a note of the specification is read, checked and written again', () => {
  const key = keyOf(neumann)
  const blob = unbase64(signature)
  expect(hex(key.hash)).toBe('c74f20a3')
  expect(key.signed(said, blob.slice(4))).toBe(true)
  expect(key.signed(said.replace('problem', 'question'), blob.slice(4))).toBe(false)

  const { name, publicKey } = parseVerifierKey(neumann)
  expect(verifierKey(name, publicKey)).toBe(neumann)
  expect(signedNote(said, name, publicKey, blob.slice(4))).toBe(`${said}\n— PeterNeumann ${signature}\n`)
  expect(() => keyOf(neumann.replace('c74f', 'c740'))).toThrow('does not fit')
})

test('a head is believed only as its own key signed it, with the signatures of others beside it', () => {
  const pair = generateKeyPairSync('ed25519')
  const publicKey = unbase64(pair.publicKey.export({ format: 'jwk' }).x as string)
  const tree = grow(emptyTree, leaves.map(bytes))
  const text = checkpointText('record.example/qingshan', tree)
  const signed = (name: string) =>
    signedNote(text, name, publicKey, sign(null, new TextEncoder().encode(text), pair.privateKey))
  const key = keyOf(verifierKey('record.example/qingshan', publicKey))

  const note = signed('record.example/qingshan')
  expect(openHead(note, key)).toEqual({ size: 8, root: base64(bytes(roots[8] as string)) })
  expect(openHead(`${note}— witness.example AAAAAAAA\n`, key).size).toBe(8)
  expect(() => openHead(note.replace('\n8\n', '\n7\n'), key)).toThrow('signature')
  expect(() => openHead(signed('somebody.else'), key)).toThrow('signature')
  expect(() => openHead(note.replaceAll('qingshan', 'heshan'), key)).toThrow('head of')
})
