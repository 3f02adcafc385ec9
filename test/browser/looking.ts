// Whether everybody can use a screen: looked at with axe, and for what sticks out of it.
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

export type Language = 'zh' | 'en'
type Contrast = '7:1' | '4.5:1'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** Each language in each lighting and in each size, not each with each. */
const dresses = {
  zh: [
    { look: 'light', size: 'usual' },
    { look: 'dark', size: 'largest' },
  ],
  en: [
    { look: 'dark', size: 'usual' },
    { look: 'light', size: 'largest' },
  ],
} as const
type Dress = (typeof dresses)[Language][number]

/** What the colours and the size of type can change of a page that was found right in others. */
const ofDress = ['color-contrast', 'target-size', 'scrollable-region-focusable']

/**
 * In both dresses of its language; it wears the usual size again afterwards.
 *
 * @param contrast 7 to 1 instead of 4.5 to 1, where old eyes read on old screens
 */
export async function looksAt(page: Page, name: string, language: Language, contrast: Contrast): Promise<void> {
  const enhanced = 'color-contrast-enhanced'
  const wears = (dress: Dress) =>
    page.evaluate((dress) => void Object.assign(document.documentElement.dataset, dress), dress)
  for (const [nth, dress] of dresses[language].entries()) {
    await wears(dress)
    // Legacy: in the same page, for a page of axe's own would take longer than its look.
    const axe = new AxeBuilder({ page }).setLegacyMode()
    if (nth === 0) axe.options({ rules: { [enhanced]: { enabled: contrast === '7:1' } } }).withTags(tags)
    else axe.withRules(contrast === '7:1' ? [...ofDress, enhanced] : ofDress)
    const { violations } = await axe.analyze()
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' ')}`)
    const tooWide = await page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('main')]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map(({ tagName, scrollWidth, clientWidth }) => `${tagName} ${scrollWidth} > ${clientWidth}`),
    )
    expect.soft([...found, ...tooWide], `${name}, ${language}, ${dress.look}, ${dress.size}`).toEqual([])
  }
  await wears(dresses[language][0])
}
