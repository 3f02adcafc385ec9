// What is said on a screen, in the language of the person in front of it. Chinese comes with the page; another
// language is fetched when it is first asked for, so that most phones never load it.
import type { Words } from '#db/words/words.ts'
import { keepIn, keptIn } from '#web/outbox/whose.ts'

export const languages = ['zh', 'en'] as const
export type Language = (typeof languages)[number]

const KEPT_UNDER = 'etongban.lang'

/** The language spoken now. A prerendered page is Chinese, so the first paint of every page is too. */
class Spoken {
  language = $state.raw<Language>('zh')
}
const spoken = new Spoken()

export const language = (): Language => spoken.language

/** Speaks what was chosen on this device. Called once, when a layout is mounted. */
export function speakAsChosen(): void {
  const kept = keptLanguage()
  if (kept) speak(kept)
}

/** Changes the language on every screen of this page, and for the next visits. */
export function choose(chosen: Language): void {
  speak(chosen)
  keepIn(KEPT_UNDER, chosen) // a browser that refuses storage still speaks it until the page is closed
}

/**
 * The words of one area.
 *
 * @param zh the Chinese words: the model, already loaded
 * @param load fetches the same words in English
 * @returns `now`: reactive; Chinese until the other language has come
 */
export function words<Model extends object>(
  zh: Model,
  load: () => Promise<Words<Model>>,
): { readonly now: Words<Model> } {
  let area = areas.get(zh) as Area<Model> | undefined
  if (!area) {
    area = new Area(zh, load)
    areas.set(zh, area)
  }
  if (spoken.language !== 'zh') area.fetch()
  return area
}

/** One area of words in both languages. Asked for again, it is the same one: a page that comes back loads nothing. */
class Area<Model extends object> {
  #english = $state.raw<Words<Model>>()
  #coming = false
  readonly #zh: Words<Model>
  readonly #load: () => Promise<Words<Model>>

  constructor(zh: Model, load: () => Promise<Words<Model>>) {
    // A model is its own first translation: the same keys, the same arguments.
    this.#zh = zh as unknown as Words<Model>
    this.#load = load
  }

  get now(): Words<Model> {
    return (spoken.language === 'en' && this.#english) || this.#zh
  }

  fetch(): void {
    if (this.#coming) return
    this.#coming = true
    this.#load().then(
      (english) => (this.#english = english),
      () => (this.#coming = false), // no network: asked for again by the next page
    )
  }
}
const areas = new Map<object, Area<object>>()

function speak(chosen: Language): void {
  spoken.language = chosen
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : chosen
  if (chosen !== 'zh') for (const area of areas.values()) area.fetch()
}

function keptLanguage(): Language | undefined {
  const kept = keptIn(KEPT_UNDER)
  return languages.find((language) => language === kept)
}
