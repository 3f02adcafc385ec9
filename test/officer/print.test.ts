import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newId, reference } from '#db/id.ts'
import { squares } from '#web/parts/square.ts'
import { hasReference, readReference, readTicket, ticketLink } from '#web/routes/officer/handover/ticket.ts'
import { sheetsOf, type Part } from '#web/routes/officer/print/sheets.ts'

/** A sheet of `rows` lines of ten characters. */
const sheetOf = (rows: number) => (parts: readonly Part[]) =>
  parts.reduce((height, { text }) => height + Math.max(1, Math.ceil(text.length / 10)), 0) <= rows

const textOf = (sheets: Part[][]) =>
  sheets
    .flat()
    .map(({ text, goesOn }, index) => (index === 0 || goesOn ? text : `\n${text}`))
    .join('')

describe('a printed letter', () => {
  test('has every character on exactly one sheet, and none higher than the paper', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('甲', '乙', '\n', 'a'), maxLength: 300 }),
        fc.integer({ min: 1, max: 9 }),
        (body, rows) => {
          const sheets = sheetsOf(body, sheetOf(rows))
          expect(textOf(sheets)).toBe(body)
          for (const sheet of sheets) expect(sheetOf(rows)(sheet)).toBe(true)
        },
      ),
    )
  })

  test('of one line is one sheet; an empty one is still a sheet', () => {
    expect(sheetsOf('天冷了', sheetOf(9))).toHaveLength(1)
    expect(sheetsOf('', sheetOf(9))).toHaveLength(1)
  })

  test('a paragraph that goes on keeps its direction, though it goes on with a number', () => {
    const sheets = sheetsOf(`سلام${'1'.repeat(30)}`, sheetOf(2))
    expect(sheets.flat().map(({ direction }) => direction)).toEqual(['rtl', 'rtl'])
  })

  test('comes to an end where even one character is higher than the paper', () => {
    expect(textOf(sheetsOf('甲\n乙', () => false))).toBe('甲\n乙')
  })
})

describe('the code on its cover', () => {
  test('leads back to the letter and its edition, from the camera and from the address', () => {
    const ticket = { matter: newId(), edition: 4 }
    expect(readTicket(ticketLink('https://house.example', ticket))).toEqual(ticket)
    expect(readTicket(`#${ticket.matter}.4`)).toEqual(ticket)
    expect(squares(ticketLink('https://house.example', ticket)).path).toMatch(/^M\d/)
  })

  test('any other code in the world is none', () => {
    for (const other of ['', '#', 'https://example.org/', 'constructor', `${newId()}`, `#${newId()}.1.2`, '#x.1'])
      expect(readTicket(other)).toBeUndefined()
  })

  test('the number beside it can be typed as it is read out', () => {
    const id = newId()
    const digits = readReference(` ${reference(id).toLowerCase()} `)
    expect(digits && hasReference(id, digits)).toBe(true)
    expect(readReference('12')).toBeUndefined()
  })
})
