// What is typed in a form stays in this browser, under the account's key: a line that breaks or a page that is closed
// loses nothing.
import { myStore } from '#web/outbox/me.ts'
import { getMeta, putMeta } from '#web/outbox/store.ts'

interface Typed {
  readonly id: string
  readonly [field: string]: string
}

/** @param key under which it lies in `meta` */
export function keptAs<Form extends Typed>(key: string) {
  let recalled = false
  return {
    /** @param typed what stands in the form once it is known what was kept: whoever was faster keeps what they typed */
    async recall(typed: () => Form): Promise<Form> {
      const kept = await getMeta<Form>(myStore(), key).catch(() => undefined)
      recalled = true
      const filled = Object.entries(typed()).filter(([field, value]) => field !== 'id' && value !== '')
      return { ...typed(), ...kept, ...Object.fromEntries(filled) }
    },
    /** At every stroke and choice. */
    keep(typed: Form): void {
      if (recalled) void putMeta(myStore(), key, { ...typed }).catch(() => undefined) // a full disk
    },
  }
}
