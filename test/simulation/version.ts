// What the product's source says in its next version. A command of that version says in which tongue it was made, and
// one that does not say so is malformed.

/** Stands behind the name of what is loaded a second time. */
export const mark = '?next'

/** Whether the next version has its own of this file: of all that leans on `protocol`. */
export const isAnotherIn = (path: string): boolean =>
  /\/(db\/(upcast|command)|worker\/sync\/\w+|web\/src\/outbox\/(live|make|undo|sync))\.ts$/.test(path)

const changes: readonly { readonly file: string; readonly now: string; readonly next: string }[] = [
  {
    file: '/db/upcast.ts',
    now: '\n]\n',
    next: "\n  (command) => (Object(command) === command ? { ...(command as object), tongue: 'zh' } : command),\n]\n",
  },
  { file: '/db/command.ts', now: '  input: v.optional(', next: '  tongue: name,\n  input: v.optional(' },
  { file: '/web/src/outbox/make.ts', now: '      at: now,\n', next: "      at: now,\n      tongue: 'zh',\n" },
]

export function inNextVersion(path: string, source: string): string {
  const change = changes.find(({ file }) => path.endsWith(file))
  if (!change) return source
  const [before, after, ...more] = source.split(change.now)
  if (after === undefined || more.length > 0)
    throw new Error(`in ${change.file} this no longer stands there once: ${change.now}`)
  return before + change.next + after
}
