// Reads a spreadsheet where nobody waits for it: the rows of its first sheet, every cell as text.
import { parse } from 'papaparse'
import { readSheet } from 'read-excel-file/universal'
import type { Sheet } from './sheet.ts'

self.onmessage = ({ data }: MessageEvent<File>) => void read(data).then((sheet) => self.postMessage(sheet))

const read = async (file: File): Promise<Sheet> => {
  const bytes = await file.arrayBuffer()
  const [first, second] = new Uint8Array(bytes)
  if (first === 0xd0 && second === 0xcf) return { unread: 'xls' } // OLE2: what Excel wrote until 2003
  try {
    return { cells: first === 0x50 && second === 0x4b ? await excel(bytes) : csv(bytes) } // PK: a zip
  } catch {
    return { unread: 'other' }
  }
}

/** A number keeps the digits that the file has; a day becomes what no cell of ours is called. */
const excel = async (bytes: ArrayBuffer): Promise<string[][]> =>
  (await readSheet<string>(bytes, { parseNumber: (digits) => digits })).map((row) => row.map(textOf))

function textOf(cell: unknown): string {
  if (cell instanceof Date) return cell.toISOString()
  return typeof cell === 'string' || typeof cell === 'boolean' ? String(cell) : ''
}

/** What Excel writes in China is GBK where it does not say otherwise; WPS and others write UTF-8. */
function csv(bytes: ArrayBuffer): string[][] {
  const [first, second] = new Uint8Array(bytes)
  const text = first === 0xff && second === 0xfe ? new TextDecoder('utf-16le').decode(bytes) : utf8OrGbk(bytes)
  if (text.includes('\0')) throw new Error('no text')
  return parse<string[]>(text, { delimiter: delimiterOf(text), skipEmptyLines: false }).data
}

/** What stands most often in the line of the headings: guessed from all lines it is sometimes what stands in a name. */
function delimiterOf(text: string): string {
  const headings = text.split(/\r?\n/).find((line) => line.trim() !== '') ?? ''
  const count = (one: string) => headings.split(one).length
  return [',', '\t', ';'].reduce((most, one) => (count(one) > count(most) ? one : most))
}

function utf8OrGbk(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030', { fatal: true }).decode(bytes)
  }
}
