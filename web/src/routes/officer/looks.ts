// Looking and printing are on the record. What was looked at without a network is told when there is one.
import { accountHeader, marker } from '#db/command.ts'
import { newId, type Id } from '#db/id.ts'
import { getMeta, putMeta, type Store } from '#web/outbox/store.ts'

/** One look, as the house takes it; its id makes sending it twice harmless. */
interface Look {
  readonly id: Id
  readonly facility: Id
  readonly matter: Id
  readonly how: 'read' | 'print'
  /** UTC milliseconds, this device's clock: a claim */
  readonly at: number
}

const KEY = 'looks'
const mostAtOnce = 50

/** Kept on disk before anything is shown or printed further. */
export function noteLooks(store: Store, facility: Id, matters: readonly Id[], how: Look['how']): Promise<void> {
  return store.transaction('rw', store.meta, async () => {
    const looks = (await getMeta<Look[]>(store, KEY)) ?? []
    const at = Date.now()
    await putMeta(store, KEY, [...looks, ...matters.map((matter) => ({ id: newId(), facility, matter, how, at }))])
  })
}

/** Tells the house of what it does not know yet; what it took is dropped here, the rest waits for the next time. */
export async function sendLooks(store: Store): Promise<void> {
  for (;;) {
    const looks = (await getMeta<Look[]>(store, KEY)) ?? []
    const facility = looks[0]?.facility
    if (!facility) return
    const batch = looks.filter((look) => look.facility === facility).slice(0, mostAtOnce)
    const answer = await fetch(`/api/houses/${facility}/looks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [accountHeader]: store.account },
      body: JSON.stringify({ looks: batch.map(({ facility: _, ...look }) => look) }),
      redirect: 'manual',
    }).catch(() => undefined)
    if (!answer?.headers.has(marker) || !answer.ok) return
    await drop(store, new Set(batch.map(({ id }) => id)))
  }
}

const drop = (store: Store, told: ReadonlySet<Id>) =>
  store.transaction('rw', store.meta, async () => {
    const looks = (await getMeta<Look[]>(store, KEY)) ?? []
    await putMeta(
      store,
      KEY,
      looks.filter(({ id }) => !told.has(id)),
    )
  })
