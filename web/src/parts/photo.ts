// Photos of papers, made small enough to be sent on a bad line and read by an officer.
import { paperBytes } from '#db/claim.ts'

/** the longer side of a photo, pixels: the small print of a household register can be read */
const SIDE = 1800

/** @throws where it is no picture, or stays too large */
export async function smaller(file: File): Promise<Blob> {
  const url = URL.createObjectURL(file)
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const scale = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(image.naturalWidth * scale)
    canvas.height = Math.round(image.naturalHeight * scale)
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    for (const quality of [0.8, 0.6, 0.4, 0.2]) {
      const blob = await new Promise<Blob | null>((made) => canvas.toBlob(made, 'image/jpeg', quality))
      if (blob && blob.size <= paperBytes) return blob
    }
    throw new RangeError('a photo that stays too large')
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** SHA-256, hex: the name under which the house keeps it. */
export async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
