// Reads square codes off the camera: with the browser's own reader where it has one, else with jsqr.

/** Why there is no picture: leave was refused, there is no camera, or another program holds it. */
export type CameraFault = 'denied' | 'noCamera' | 'busy'

const EVERY_MS = 160
/** Wide enough for a code held at arm's length, small enough for an old tablet to read six times a second. */
const WIDTH = 640

type Reader = (picture: HTMLVideoElement) => Promise<string | undefined>

interface BarcodeDetector {
  detect(picture: HTMLVideoElement): Promise<{ rawValue: string }[]>
}
interface BarcodeDetectors {
  new (options: { formats: string[] }): BarcodeDetector
  getSupportedFormats(): Promise<string[]>
}

/**
 * Shows the camera's picture and tells each code it reads.
 *
 * @returns how to stop; or why there is no picture
 */
export async function watchCodes(
  video: HTMLVideoElement,
  found: (text: string) => void,
): Promise<{ stop: () => void } | { fault: CameraFault }> {
  const stream = await openCamera()
  if (typeof stream === 'string') return { fault: stream }
  video.srcObject = stream
  await video.play().catch(() => undefined) // a page that is left meanwhile plays nothing
  const read = await reader()
  let stopped = false
  const look = async () => {
    if (stopped) return
    // A picture that cannot be read is not a fault: the next one comes at once.
    const text = video.readyState >= 2 ? await read(video).catch(() => undefined) : undefined
    if (stopped) return
    if (text !== undefined) found(text)
    setTimeout(() => void look(), EVERY_MS)
  }
  void look()
  return {
    stop() {
      stopped = true
      for (const track of stream.getTracks()) track.stop()
      video.srcObject = null
    },
  }
}

async function openCamera(): Promise<MediaStream | CameraFault> {
  // On plain http, and in some in-app browsers, there is not even the question.
  const devices = navigator.mediaDevices as MediaDevices | undefined
  if (!devices) return 'noCamera'
  try {
    return await devices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } }, audio: false })
  } catch (fault) {
    const name = fault instanceof Error ? fault.name : ''
    if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
    return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'noCamera'
  }
}

async function reader(): Promise<Reader> {
  const Detector = (globalThis as { BarcodeDetector?: BarcodeDetectors }).BarcodeDetector
  if (Detector && (await Detector.getSupportedFormats()).includes('qr_code')) {
    const detector = new Detector({ formats: ['qr_code'] })
    return async (picture) => (await detector.detect(picture))[0]?.rawValue
  }
  const { default: jsqr } = await import('jsqr')
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return async (picture) => {
    canvas.width = WIDTH
    canvas.height = Math.round((WIDTH * picture.videoHeight) / picture.videoWidth)
    if (!context || canvas.height === 0) return undefined
    context.drawImage(picture, 0, 0, canvas.width, canvas.height)
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height)
    return jsqr(data, width, height, { inversionAttempts: 'dontInvert' })?.data
  }
}
