// One key, one thing: which key means what, and when a key means nothing because somebody is writing.

export const commands = {
  approve: 'a',
  return: 'r',
  withhold: 'w',
  undo: 'u',
  next: 'j',
  previous: 'k',
  mark: 'm',
  changes: 'c',
  search: '/',
  help: '?',
} as const
export type KeyName = keyof typeof commands

const names: ReadonlyMap<string, KeyName> = new Map(
  Object.entries(commands).map(([name, key]) => [key, name as KeyName]),
)

/**
 * @returns what a stroke asks for: a command, or the number of a reason (1 is the first). Undefined while somebody
 *   types, for a key held down, and with a modifier, which belongs to the browser.
 */
export function meaningOf(event: KeyboardEvent): KeyName | number | undefined {
  if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return undefined
  if (event.defaultPrevented || isTyping(event.target)) return undefined
  if (/^[1-9]$/.test(event.key)) return Number(event.key)
  return names.get(event.key.toLowerCase())
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  // A dialog has its own keys: nothing behind it is decided. A box to tick takes no letters.
  return target.closest('input:not([type=checkbox]), textarea, select, [contenteditable], dialog') !== null
}

const KEPT_UNDER = 'etongban.keys'

/** Single letters as commands can be switched off (WCAG 2.1.4): dictation and shaky hands type them by accident. */
export function keysOn(): boolean {
  try {
    return localStorage.getItem(KEPT_UNDER) !== 'off'
  } catch {
    return true
  }
}

export function switchKeys(on: boolean): void {
  try {
    localStorage.setItem(KEPT_UNDER, on ? 'on' : 'off')
  } catch {
    // where nothing is kept, it holds for this page
  }
}
