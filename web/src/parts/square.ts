// A square code for a camera, as an officer prints it and a relative shows it.
import { encode } from 'uqr'

/** The code's dark squares as one SVG path, in units of a square; `size` units wide and high, its quiet edge included. */
export function squares(text: string): { path: string; size: number } {
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  let path = ''
  data.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (dark) path += `M${x} ${y}h1v1h-1z`
    }),
  )
  return { path, size }
}
