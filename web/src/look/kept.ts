// The look that was chosen on this device, and how <html> wears it. Small, because it is inlined in every page.
export const lightings = ['system', 'light', 'dark'] as const
export type Lighting = (typeof lightings)[number]

/** 18, 24 and 30 px; the two larger ones are 长辈版 */
export const sizes = ['usual', 'elder', 'largest'] as const
export type Size = (typeof sizes)[number]

export interface Look {
  readonly lighting: Lighting
  readonly size: Size
}

const KEPT_UNDER = 'etongban.look'

/** What a browser that refuses storage, or a first visit, gets. */
const usual: Look = { lighting: 'system', size: 'usual' }

/** Kept as "lighting size": two words, so that reading them back needs no parser that can throw. */
export function keptLook(): Look {
  try {
    const [lighting, size] = (localStorage.getItem(KEPT_UNDER) ?? '').split(' ')
    return {
      lighting: lightings.find((known) => known === lighting) ?? usual.lighting,
      size: sizes.find((known) => known === size) ?? usual.size,
    }
  } catch {
    return usual
  }
}

export function keepLook({ lighting, size }: Look): void {
  try {
    localStorage.setItem(KEPT_UNDER, `${lighting} ${size}`)
  } catch {
    // it still holds until the page is closed
  }
}

export function wear({ lighting, size }: Look): void {
  const { dataset } = document.documentElement
  dataset['look'] = lighting
  dataset['size'] = size
}
