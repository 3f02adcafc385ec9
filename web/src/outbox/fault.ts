// What the browser's storage throws, told apart without Dexie: the keeper of drafts speaks to IndexedDB itself.

/** Every name that a fault goes by: Dexie wraps what the browser threw. */
export function namesOf(fault: unknown): readonly string[] {
  const { name, inner } = (fault ?? {}) as { name?: string; inner?: { name?: string } }
  return [name, inner?.name].filter((known) => known !== undefined)
}

export const diskIsFull = (fault: unknown): boolean => namesOf(fault).includes('QuotaExceededError')
