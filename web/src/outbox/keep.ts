// News that came another way than by an exchange: an officer's queue, one matter whole.
import type { Change } from '#db/matter.ts'
import { settleMatter } from './settle.ts'
import type { Store } from './store.ts'

/** Keeps it as the house's truth. */
export function keep(store: Store, changes: readonly Change[], now: number): Promise<void> {
  return store.transaction('rw', store.tables, async () => {
    const ties = await store.ties.toArray()
    for (const change of changes)
      if ('matter' in change) await settleMatter(store, change.matter.id, new Map(), change, ties, now)
  })
}
