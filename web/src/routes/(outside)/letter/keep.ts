// Keeps what is being written, from the first stroke. The same code is inlined in the prerendered page, where it
// works before (and without) any framework, and imported by the page, which takes the running keeper over.
import type { Id } from '#db/id.ts'
import { newId } from '#db/uuid.ts'
import { inPlain, listDrafts, saveDraft, type Draft } from '#web/outbox/draft.ts'

/**
 * Where the newest stroke lies: there is none yet, in the database but perhaps not on the disk, on the disk of this phone,
 * in the browser's second-best store because the disk is full or the best is refused, or refused by both.
 */
export type Kept = 'nothing' | 'writing' | 'phone' | 'full' | 'plain' | 'nowhere'

export interface Keeper {
  readonly field: HTMLTextAreaElement
  /** what is being written; undefined before the first stroke of a new letter */
  draft: Draft | undefined
  kept: Kept
  /** the newest stroke is in no safe place: leaving the page may cost it */
  readonly atRisk: boolean
  /** false until it is known what was written here before */
  ready: boolean
  /** sending was asked for before there was anything to send with */
  sendAsked: boolean
  /** called whenever one of the above has changed */
  tell: (() => void) | undefined
  /** chooses to whom it is written, or under which id it goes on */
  change(part: Partial<Draft>): Promise<void>
  stop(): void
}

declare global {
  interface Window {
    /** the keeper that was inlined in the page */
    keeper?: Keeper
  }
}

/** A pause in writing this long (ms) is used to press the text through to the disk. */
const PAUSE_MS = 1000

/**
 * Brings back what was written before and keeps every stroke that follows. The address says which draft: `?id=…`,
 * `?new` for an empty sheet, and without either the newest one.
 */
export function keepDraft(field: HTMLTextAreaElement): Keeper {
  let pause: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  const keeper: Keeper = {
    field,
    draft: undefined,
    kept: 'nothing',
    get atRisk() {
      return keeper.kept === 'full' || keeper.kept === 'plain' || keeper.kept === 'nowhere'
    },
    ready: false,
    sendAsked: false,
    tell: undefined,
    change(part) {
      keeper.draft = { ...(keeper.draft ?? blank()), ...part }
      return save('strict')
    },
    stop() {
      stopped = true
      clearTimeout(pause)
      field.removeEventListener('input', stroke)
      document.removeEventListener('visibilitychange', lookAgain)
      removeEventListener('pagehide', press)
      if (window.keeper === keeper) delete window.keeper
    },
  }

  function stroke() {
    if (!keeper.ready) return // kept together with what is being brought back, in a moment
    if (!keeper.draft) {
      keeper.draft = blank()
      // Asked for once there is something to lose; the answer changes nothing for the writer.
      navigator.storage?.persist?.().catch(() => false)
    }
    keeper.draft = { ...keeper.draft, body: field.value, at: Date.now() }
    void save('relaxed')
    say('writing')
    clearTimeout(pause)
    pause = setTimeout(press, PAUSE_MS)
  }

  /** A new sheet; its address names it, so that a reload brings back this one. */
  function blank(): Draft {
    const id = (named() as Id | null) ?? newId()
    const address = new URL(location.href)
    address.search = `?id=${id}`
    history.replaceState(history.state, '', address)
    return { id, kind: 'letter', body: field.value, at: Date.now() }
  }

  async function save(durability: 'relaxed' | 'strict'): Promise<void> {
    const draft = keeper.draft
    if (!draft) return
    const kept = await saveDraft(draft, durability).then(
      (where) => (where !== 'database' ? where : durability === 'strict' ? 'phone' : 'writing'),
      () => 'nowhere' as const,
    )
    if (keeper.draft === draft) say(kept)
  }

  const press = () => void save('strict')

  /** Another tab may have written on while this one was out of sight: the newest text is the text. */
  const lookAgain = () => (document.visibilityState === 'hidden' ? press() : void takeNewer())

  async function takeNewer() {
    const draft = keeper.draft
    const stored = (await listDrafts().catch(() => [])).find(({ id }) => id === draft?.id)
    if (!draft || !stored || stored.at <= (keeper.draft?.at ?? 0)) return
    keeper.draft = stored
    field.value = stored.body
    keeper.kept = 'phone'
    keeper.tell?.()
  }

  function say(kept: Kept) {
    if (keeper.kept === kept) return
    keeper.kept = kept
    if (!stopped) keeper.tell?.()
  }

  async function bringBack() {
    const drafts = await listDrafts().catch((): Draft[] => [])
    const id = named()
    const stored = isNew() ? undefined : id ? drafts.find((draft) => draft.id === id) : drafts[0]
    const typed = field.value
    keeper.ready = true
    if (stored) {
      keeper.draft = stored
      field.value = joined(stored.body, typed)
      field.setSelectionRange(field.value.length, field.value.length)
      keeper.kept = inPlain(stored.id) ? 'full' : 'phone'
      if (keeper.atRisk) press() // there may be room by now
    }
    if (field.value !== (stored?.body ?? '')) stroke()
    keeper.tell?.()
  }

  field.addEventListener('input', stroke)
  document.addEventListener('visibilitychange', lookAgain)
  addEventListener('pagehide', press)
  void bringBack()
  return keeper
}

const named = (): string | null => new URLSearchParams(location.search).get('id')
const isNew = (): boolean => new URLSearchParams(location.search).has('new')

/** Somebody may type before the old text is back: both stay. A browser that filled the field itself adds nothing. */
const joined = (stored: string, typed: string): string =>
  typed.startsWith(stored) ? typed : stored.endsWith(typed) ? stored : stored + typed
