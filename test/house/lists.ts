// Lists as houses keep them: people by the hundred, and files as spreadsheets write them.
import { randomBytes } from 'node:crypto'
import { strToU8, zipSync } from 'fflate'
import type { Plan, RawRow } from '#db/roster.ts'
import type { Step } from '#db/rosterSteps.ts'

/** So many people who are not inside yet. */
export const newcomers = (count: number, from = 1): RawRow[] =>
  Array.from({ length: count }, (_, nth) => ({
    row: nth + 2,
    number: `N${String(from + nth).padStart(6, '0')}`,
    name: `王${['伟', '芳', '强', '敏', '磊', '洋', '静'][nth % 7]}`,
    status: nth % 3 === 0 ? '未决' : '留所服刑',
    cell: `${1 + (nth % 6)}-${String(1 + (nth % 20)).padStart(2, '0')}`,
  }))

/** What a tablet keeps of a PIN, without the work that it costs. */
export const anyPin = () => ({ salt: randomBytes(16).toString('base64'), hash: randomBytes(32).toString('base64') })

/** All of a plan, as the tablet sends it once somebody has confirmed it; nobody who is missing leaves. */
export const stepsOf = ({ add, change, leave }: Plan, pinOf: (number: string) => Pin = anyPin): Step[] => [
  ...add.map(({ row: _row, ...person }): Step => ({ step: 'admit', ...person, pin: pinOf(person.number) })),
  ...change.map(({ person, was, now }): Step => ({ step: 'change', person, was, now })),
  ...leave.map(({ person, was, because }): Step => ({ step: 'leave', person, was, because })),
]
type Pin = { readonly salt: string; readonly hash: string }

/** Text, a number as Excel keeps it, or a day (counted since 1900). */
type Cell = string | number | { readonly day: number }

/** A workbook of one sheet, with the parts and styles that Excel writes. */
export function xlsx(rows: readonly (readonly Cell[])[]): Uint8Array {
  const strings: string[] = []
  const cell = (value: Cell, row: number, column: number): string => {
    const at = `r="${String.fromCharCode(65 + column)}${row}"`
    if (typeof value === 'number') return `<c ${at}><v>${value}</v></c>`
    if (typeof value === 'object') return `<c ${at} s="1"><v>${value.day}</v></c>`
    return value === '' ? '' : `<c ${at} t="s"><v>${strings.push(value) - 1}</v></c>`
  }
  const sheet = rows
    .map((row, nth) => `<row r="${nth + 1}">${row.map((value, column) => cell(value, nth + 1, column)).join('')}</row>`)
    .join('')
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const related = 'http://schemas.openxmlformats.org/package/2006/relationships'
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const parts: Record<string, string> = {
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${type}.sharedStrings+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${related}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="名单" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${related}"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${office}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': `<styleSheet xmlns="${main}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" xfId="0"/><xf numFmtId="14" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><sheetData>${sheet}</sheetData></worksheet>`,
    'xl/sharedStrings.xml': `<sst xmlns="${main}">${strings.map((text) => `<si><t xml:space="preserve">${escaped(text)}</t></si>`).join('')}</sst>`,
  }
  const files = Object.entries(parts).map(([name, xml]) => [
    name,
    strToU8(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${xml}`),
  ])
  return zipSync(Object.fromEntries(files) as Record<string, Uint8Array>)
}
