// What the plugins beside vite.config.ts make while building.
declare module 'virtual:inline' {
  export const early: string
  export const keepDraft: string
}

declare module 'virtual:precache' {
  /** by room: what a device of that room keeps for working without a network; a locked phone keeps `lock` too */
  export const kept: Readonly<
    Record<'outside' | 'officer' | 'kiosk' | 'lock', { readonly url: string; readonly revision: string | null }[]>
  >
}

declare module '*?worker&url' {
  const url: string
  export default url
}
