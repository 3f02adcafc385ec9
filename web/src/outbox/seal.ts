// AES-GCM over what a device keeps. What is sealed can be opened, and not be put in another's place.

export type Row = Readonly<Record<string, unknown>>

/** A row on the disk: what lies in the open, and all else sealed. */
export type SealedRow = Row & {
  /** 12 bytes of chance, new for every sealing */
  readonly iv: Uint8Array<ArrayBuffer>
  readonly sealed: ArrayBuffer
}

export const isSealed = (row: unknown): row is SealedRow =>
  typeof row === 'object' && row !== null && 'sealed' in row && 'iv' in row

/**
 * @param row what JSON can say
 * @param open the names of what stays in the open
 * @param place where it will lie, such as `outbox/ID`: it opens nowhere else
 */
export async function sealRow(key: CryptoKey, row: Row, open: readonly string[], place: string): Promise<SealedRow> {
  const outside: Record<string, unknown> = {}
  const inside: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) (open.includes(name) ? outside : inside)[name] = value
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const plain = new TextEncoder().encode(JSON.stringify(inside))
  return { ...outside, iv, sealed: await crypto.subtle.encrypt(suite(iv, place), key, plain) }
}

/** @throws OperationError where it is not what was sealed for this place under this key */
export async function openRow(key: CryptoKey, { iv, sealed, ...outside }: SealedRow, place: string): Promise<Row> {
  const plain = await crypto.subtle.decrypt(suite(iv, place), key, sealed)
  return { ...outside, ...(JSON.parse(new TextDecoder().decode(plain)) as Row) }
}

const suite = (iv: Uint8Array<ArrayBuffer>, place: string): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(place),
})
