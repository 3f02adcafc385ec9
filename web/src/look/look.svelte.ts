// Light or dark, and how large: the person's choice on this device, kept as two attributes of <html>.
// `early.ts` sets them before the first paint; this module changes them.
import { keepLook, keptLook, lightings, sizes, wear, type Lighting, type Size } from './kept.ts'

export { lightings, sizes, type Lighting, type Size }

class Look {
  lighting = $state.raw<Lighting>('system')
  size = $state.raw<Size>('usual')
}
const look = new Look()

export const lighting = (): Lighting => look.lighting
export const size = (): Size => look.size

/** Reads what was chosen on this device. Called once, when a layout is mounted. */
export function lookAsChosen(): void {
  const kept = keptLook()
  look.lighting = kept.lighting
  look.size = kept.size
}

export function chooseLighting(lighting: Lighting): void {
  look.lighting = lighting
  put()
}

export function chooseSize(size: Size): void {
  look.size = size
  put()
}

function put(): void {
  const chosen = { lighting: look.lighting, size: look.size }
  wear(chosen)
  keepLook(chosen)
}
