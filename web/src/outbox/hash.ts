// Hashing as browsers do it: only over HTTPS, or on this machine itself.

export const canHash = (): boolean => (crypto.subtle as SubtleCrypto | undefined) !== undefined

/** @returns SHA-256, base64 */
export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))))
}
