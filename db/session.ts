// Where somebody is signed in, as they are told of it.
import type { Id } from './id.ts'

export const systems = ['android', 'iPhone', 'iPad', 'windows', 'mac', 'linux', 'other'] as const
export type System = (typeof systems)[number]
export const browsers = ['weChat', 'edge', 'firefox', 'chrome', 'safari', 'other'] as const
export type Browser = (typeof browsers)[number]

export interface SessionView {
  readonly id: Id
  /** the one that asks */
  readonly here: boolean
  readonly system: System
  readonly browser: Browser
  readonly since: number // UTC milliseconds
  /** UTC milliseconds, to the day */
  readonly usedAt: number
}

const systemSigns: readonly (readonly [System, RegExp])[] = [
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['android', /Android|HarmonyOS/],
  ['windows', /Windows/],
  ['mac', /Macintosh/],
  ['linux', /Linux|X11/],
]
/** Most name others beside themselves: the first that fits. */
const browserSigns: readonly (readonly [Browser, RegExp])[] = [
  ['weChat', /MicroMessenger/],
  ['edge', /Edg/],
  ['firefox', /Firefox|FxiOS/],
  ['chrome', /Chrome|Chromium|CriOS/],
  ['safari', /Safari/],
]

/** What a `user-agent` header says of a device, as far as its owner would recognise it by that. */
export function deviceIn(userAgent: string): Pick<SessionView, 'system' | 'browser'> {
  return {
    system: systemSigns.find(([, sign]) => sign.test(userAgent))?.[0] ?? 'other',
    browser: browserSigns.find(([, sign]) => sign.test(userAgent))?.[0] ?? 'other',
  }
}
