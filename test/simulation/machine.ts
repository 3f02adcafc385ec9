// What this machine does on its other threads, in its own time: here it takes as many turns as the day's chance says, so
// that the same seed is the same day. And what it does thoroughly and slowly, done fast.
import { createCipheriv, createDecipheriv, createHash, KeyObject, sign } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
// What the phone fetches when it needs it is here before: how long a disk takes to bring it is no chance of the day's.
import '#web/outbox/broken.ts'
import '#web/outbox/flight.ts'

export const nextTurn = () => new Promise<void>((next) => setImmediate(next))

/** @param random between 0 and 1, for how many turns a cipher takes */
export function playsOn(random: () => number): void {
  const takesTime = async () => {
    for (let turns = Math.floor(random() * 3); turns > 0; turns -= 1) await nextTurn()
  }
  const subtle = {
    async encrypt({ iv, additionalData }: AesGcmParams, key: CryptoKey, plain: Uint8Array): Promise<ArrayBuffer> {
      await takesTime()
      const cipher = createCipheriv('aes-256-gcm', KeyObject.from(key), iv as Uint8Array)
      cipher.setAAD(additionalData as Uint8Array)
      return joined([cipher.update(plain), cipher.final(), cipher.getAuthTag()]).buffer
    },
    async decrypt({ iv, additionalData }: AesGcmParams, key: CryptoKey, sealed: ArrayBuffer): Promise<ArrayBuffer> {
      await takesTime()
      const decipher = createDecipheriv('aes-256-gcm', KeyObject.from(key), iv as Uint8Array)
      decipher.setAAD(additionalData as Uint8Array)
      decipher.setAuthTag(new Uint8Array(sealed, sealed.byteLength - tagBytes))
      const plain = decipher.update(new Uint8Array(sealed, 0, sealed.byteLength - tagBytes))
      return joined([plain, decipher.final()]).buffer
    },
    digest: (_algorithm: 'SHA-256', plain: Uint8Array): Promise<ArrayBuffer> => {
      const { buffer } = Uint8Array.from(createHash('sha256').update(plain).digest())
      return Promise.resolve(buffer)
    },
    async sign(_algorithm: 'Ed25519', key: CryptoKey, text: Uint8Array): Promise<ArrayBuffer> {
      const { buffer } = Uint8Array.from(sign(null, text, KeyObject.from(key)))
      return buffer
    },
  }
  for (const [name, value] of Object.entries(subtle))
    Object.defineProperty(crypto.subtle, name, { value, configurable: true })
  // Zipping is slow and mostly beside the point: of eight requests long enough for it one is zipped, the others go as
  // from a phone that can't.
  let long = 0
  const CompressionStream = class extends Whole {
    constructor() {
      if ((long += 1) % 8 !== 0) throw new TypeError('no zipper')
      super(gzipSync)
    }
  }
  const DecompressionStream = class extends Whole {
    constructor() {
      super(gunzipSync)
    }
  }
  Object.assign(globalThis, { CompressionStream, DecompressionStream, structuredClone: copied, queueMicrotask: soon })
}

const tagBytes = 16

/** How this machine says that its requests have travelled. */
export function travelsOver(nextHopProtocol: 'http/1.1' | 'h2'): void {
  const timing = { name: 'http://house/api/sync', nextHopProtocol }
  performance.getEntriesByType = () => [timing as unknown as PerformanceEntry]
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** All that goes in comes out at its end. */
class Whole extends TransformStream<Uint8Array, Uint8Array> {
  constructor(change: (bytes: Uint8Array) => Uint8Array) {
    const parts: Uint8Array[] = []
    super({
      transform: (part) => void parts.push(part),
      flush: (way) => way.enqueue(new Uint8Array(change(joined(parts)))),
    })
  }
}

/** As `queueMicrotask`, without the bookkeeping that Node does for its hooks. */
const soon = (task: () => void): void => void now.then(task)
const now = Promise.resolve()

const { structuredClone: cloned } = globalThis

/** As `structuredClone`, which takes ten times as long for what rows mostly are. */
function copied<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? cloned(value) : value
  if (Array.isArray(value)) return value.map(copied) as Value
  if (Object.getPrototypeOf(value) !== Object.prototype) return cloned(value)
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(value)) copy[name] = copied((value as Record<string, unknown>)[name])
  return copy as Value
}
