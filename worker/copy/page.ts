// The copy on paper: one page of HTML that needs nothing else, no script and no network.
import { moment } from '#db/calendar.ts'
import type { Copied, Copy, Tables } from '#db/copy.ts'
import { house as houseEn } from '#db/words/en/house.ts'
import { copyPage as en } from '#db/words/en/copy.ts'
import { letter as letterEn } from '#db/words/en/letter.ts'
import { house as houseZh } from '#db/words/zh/house.ts'
import { copyPage as zh } from '#db/words/zh/copy.ts'
import { letter as letterZh } from '#db/words/zh/letter.ts'

const languages = {
  zh: { words: zh, lang: 'zh-CN', house: houseZh, letter: letterZh },
  en: { words: en, lang: 'en', house: houseEn, letter: letterEn },
} as const
type Language = keyof typeof languages

/** @param accepted the request's `accept-language` */
export const copied = (copy: Copy, accepted: string | undefined): Copied => ({
  copy,
  page: pageOf(copy, /^en\b/i.test(accepted ?? '') ? 'en' : 'zh'),
})

function pageOf({ of, at, account, houses, notTold }: Copy, language: Language): string {
  const { words, lang } = languages[language]
  const parts = houses.map(
    ({ house, tables }) =>
      `<h2>${text(house.name)}</h2><p>${text(house.telephone)} · ${text(house.hours)}</p>${tablesOf(tables, language)}`,
  )
  const list = (names: readonly string[]) => `<p class="names">${names.map(text).join(' · ')}</p>`
  return `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>${words.title}</title>
<meta name="viewport" content="width=device-width"><style>${style}</style></head><body>
<h1>${words.title}</h1><p>${words.of[of]} · ${words.made(moment(at, language, at))}</p><p>${words.what}</p>
${Object.keys(account).length > 0 ? `<h2>${words.account}</h2>${tablesOf(account, language)}` : ''}
${parts.join('')}
<h2>${words.notTold}</h2><p>${words.why.secret}</p>${list(notTold.secret)}<p>${words.why.officers}</p>${list(notTold.officers)}
${of === 'person' ? `<p>${words.undelivered}</p>` : ''}</body></html>`
}

const style = `body{font:14px/1.6 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2rem;border-bottom:2px solid}dl{display:grid;grid-template-columns:10rem 1fr;gap:.1rem 1rem;margin:0;
padding:.5rem 0;border-bottom:1px solid #999;break-inside:avoid}dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
dt,.names{color:#444}.names{overflow-wrap:anywhere}@page{size:A4;margin:16mm}`

const tablesOf = (tables: Tables, language: Language): string =>
  Object.entries(tables)
    .map(
      ([table, rows]) =>
        `<h3>${named(languages[language].words.tables, table)}</h3>${rows.map((row) => rowOf(row, language)).join('')}`,
    )
    .join('')

const rowOf = (row: Tables[string][number], language: Language): string =>
  `<dl>${Object.entries(row)
    .map(
      ([column, value]) =>
        `<dt>${named(languages[language].words.columns, column)}</dt><dd>${valueOf(column, value, language)}</dd>`,
    )
    .join('')}</dl>`

/** Every time in a copy is a number of milliseconds, and no other number is as large. */
const TIMES_FROM = Date.UTC(2000)

function valueOf(column: string, value: unknown, language: Language): string {
  const { words } = languages[language]
  const never = value === 0 && column.endsWith('_at')
  if (value === null || value === undefined || value === '' || never) return words.nothing
  if (typeof value === 'number' && value > TIMES_FROM) return text(moment(value, language, 0))
  if (typeof value === 'boolean' || ['appealed', 'refused', 'synced'].includes(column))
    return value ? words.yes : words.no
  if (Array.isArray(value))
    return value.length === 0 ? words.nothing : value.map((one) => valueOf('', one, language)).join('\n')
  if (typeof value === 'object')
    return Object.keys(value).length === 0
      ? words.nothing
      : Object.entries(value)
          .map(([name, inside]) => `${named(words.columns, name)}: ${valueOf(name, inside, language)}`)
          .join('\n')
  return text(said(column, typeof value === 'string' ? value : JSON.stringify(value), language))
}

/** A code from a closed list, in words where it is one that people know. */
function said(column: string, code: string, language: Language): string {
  const { house, letter } = languages[language]
  const lists: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    kin: house.kin,
    left_because: house.leavings,
    because: house.leavings,
    role: house.roles,
    state: letter.states,
    move: letter.moves,
  }
  return named(lists[column] ?? {}, code)
}

/** A name that has no words is shown as it is. */
const named = (words: Readonly<Record<string, string>>, name: string): string =>
  Object.hasOwn(words, name) ? (words[name] ?? name) : name

const text = (given: string): string => given.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
