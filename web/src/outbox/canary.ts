// A browser that runs out of room may throw away all that a site keeps, and says nothing of it. A mark in localStorage,
// which it throws away apart from the rest, says that there was something, and how much of it nobody else has.
import { getMeta, putMeta, type Store } from './store.ts'
import { keepIn, keptIn, type Whose } from './whose.ts'

const markOf = (account: Whose) => `etongban.kept/${account}`

/** @param waiting how many things lie here that the house does not have */
export const noteKept = (account: Whose, waiting: number): void => keepIn(markOf(account), String(waiting))

/** All was taken away on purpose. */
export const forgetKept = (account: Whose): void => keepIn(markOf(account), null)

/** Looks whether what was kept is still here, and notes what is not: `Status.lost` says it until somebody has read it. */
export async function lookForLoss(store: Store): Promise<void> {
  if (!store.lasting) return
  await store.transaction('rw', store.meta, async () => {
    if (await getMeta(store, 'here')) return
    await putMeta(store, 'here', true)
    const waited = keptIn(markOf(store.account))
    if (waited !== null) await putMeta(store, 'lost', Number(waited))
  })
}
