// What this device is: enrolled by an officer, known to the house by what it signs, and remembered here for when there
// is no network.
import { marker, type Cursor } from '#db/command.ts'
import type { KioskCard } from '#db/kiosk.ts'
import type { RefusalCode } from '#db/refusal.ts'
import { dropKey, giveKey, keyOf } from '#web/outbox/key.ts'
import { inTurn } from '#web/outbox/leader.ts'
import { getMeta, openStore, putMeta, type Store } from '#web/outbox/store.ts'
import { isUnseen } from '#web/outbox/unseen.ts'
import { toldLocks, untoldLocks } from './pin.ts'
import { becomeKiosk, newcomerKey, signedAs } from './signing.ts'

const key = 'etongban.kiosk'

export function rememberedCard(): KioskCard | undefined {
  const kept = localStorage.getItem(key)
  return kept === null ? undefined : (JSON.parse(kept) as KioskCard)
}

/**
 * @param code as it was typed
 * @returns the refusal's code, `offline` where no answer came, or `noKey` where this browser can keep none
 */
export async function enrol(
  code: string,
): Promise<{ card: KioskCard } | { refused: RefusalCode | 'offline' | 'noKey' }> {
  const made = await newcomerKey().catch(() => undefined)
  if (!made) return { refused: 'noKey' }
  const answer = await ask(made.fetch, '/api/kiosk/enrol', { code, key: made.publicText })
  if (!answer) return { refused: 'offline' }
  if (!answer.ok) {
    const { refused } = (await answer.json()) as { refused?: { code: RefusalCode } }
    return { refused: refused?.code ?? 'offline' }
  }
  const before = rememberedCard()
  await becomeKiosk()
  const card = await keepCard(answer)
  void navigator.storage?.persist?.().catch(() => undefined)
  if (before && before.kiosk !== card.kiosk) {
    await openStore(before.kiosk, keyOf).delete()
    await dropKey(before.kiosk)
  }
  return { card }
}

/** The key to what is kept here comes with the card, and is kept apart from it. */
async function keepCard(answer: Response): Promise<KioskCard> {
  const { seal, ...card } = (await answer.json()) as KioskCard & { readonly seal: string }
  await giveKey(card.kiosk, seal)
  localStorage.setItem(key, JSON.stringify(card))
  return card
}

/** @returns whether the house still knows this device; undefined where no answer came */
export async function renew(store: Store, card: KioskCard): Promise<boolean | undefined> {
  const answer = await ask(signedAs(card.kiosk), '/api/kiosk')
  if (answer?.status === 401) return false
  if (!answer?.ok) return undefined
  await keepCard(answer)
  await putMeta(store, knownKey, Date.now()).catch(() => undefined) // a full disk
  return true
}
const knownKey = 'knownAt'

/** Tells the house whose letters five wrong PINs have locked, so that an officer sees it and can open them. */
export async function tellLocks(store: Store, card: KioskCard): Promise<void> {
  const locks = await untoldLocks(store)
  if (locks.length === 0) return
  const answer = await ask(signedAs(card.kiosk), '/api/kiosk/locks', { locks })
  if (answer?.ok) await toldLocks(store, locks)
}

/** A device that is no longer enrolled keeps nothing to read. What it had to tell waits, should it be enrolled again. */
export const forgetLetters = (store: Store): Promise<void> =>
  store.transaction('rw', store.tables, async () => {
    await store.inmates.clear()
    await store.matters.filter((held) => held.waiting === 0).delete()
    await store.meta.bulkDelete(['cursor', 'flight']) // a request under way would go on where they had got to
  })

/**
 * Whether the house has not answered this device for three days: somebody may have carried it away.
 *
 * @param now UTC milliseconds, this device's clock
 */
export async function isUnheard(store: Store, now: number): Promise<boolean> {
  const noted = await store.meta.bulkGet(['heardAt', knownKey])
  const unheard = isUnseen(
    noted.flatMap((row) => (row ? [row.value as number] : [])),
    now,
  )
  if (unheard === 'unknown') await putMeta(store, knownKey, now) // counted from here
  return unheard === true
}

/** Whether the house has told this device of people and letters since they were last forgotten. */
export const hasHeard = async (store: Store): Promise<boolean> =>
  Object.keys((await getMeta<Cursor>(store, 'cursor')) ?? {}).length > 0

/**
 * Then people and letters go, as if it were enrolled no longer, and come again with the next answer.
 *
 * @returns false where one came in the meantime
 */
export async function forgetUnheard(store: Store, now: number): Promise<boolean> {
  // In turn: an answer to what was asked before would go on where that had got to.
  const forgotten = await inTurn(
    store,
    () => now,
    false,
    async () => {
      const unheard = await isUnheard(store, now)
      if (unheard) await forgetLetters(store)
      return unheard
    },
  )
  return forgotten ?? true // another tab has the turn: there is another try in a minute
}

async function ask(signed: typeof fetch, path: string, body?: object): Promise<Response | undefined> {
  const answer = await signed(path, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json' },
    redirect: 'manual',
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => undefined)
  return answer?.headers.has(marker) ? answer : undefined
}
