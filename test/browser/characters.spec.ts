// What people write: signs of every kind, too many of them, and halves of them.
import type { Id } from '#db/id.ts'
import { people } from '#db/demo/qingshan.ts'
import { expect, test } from './people.ts'

const family = '👨‍👩‍👧‍👦'
const most = 2000

test('2,000 signs, families, rare characters and writing from the right, are read in the cell as they were written', async ({
  mother,
  kiosk,
  as,
  served,
}) => {
  const lines = ['𠮷𡈽𪚥𫝀，天冷了。', 'سلام، نحن بخير.', 'שלום לכולם']
  const before = [...new Intl.Segmenter('zh', { granularity: 'grapheme' }).segment(lines.join('\n'))].length + 1
  lines.push(family.repeat(most - before))
  await mother.settles()
  await mother.writes(lines.join('\n'))
  await mother.sees(`2,000／2,000 字`)
  const letter = (await mother.sends()) as Id
  await mother.sees('已送达监所')
  const { house } = await (await as('mother')).tie()
  await (await as('reviewer')).does(house.id, letter, 'approve')

  await kiosk.looksAgain()
  await kiosk.identifies(people.zhang.number, served.pins.get(people.zhang.number) ?? '')
  await kiosk.page.getByText('新来的信').first().click()
  await kiosk.page.getByRole('button', { name: '打开这封信' }).click()
  const paragraphs = kiosk.page.locator('article p')
  await expect(paragraphs).toHaveText(lines)
  for (const [nth, direction] of ['ltr', 'rtl', 'rtl'].entries())
    await expect(paragraphs.nth(nth)).toHaveCSS('direction', direction)
})

test('three signs too many: it is said how many, nothing is lost, and without them the letter goes', async ({
  mother,
  as,
}) => {
  const text = family.repeat(most)
  await mother.settles()
  await mother.writes(`${text}多三个`)
  await mother.page.getByRole('button', { name: '寄出' }).click()
  await expect(mother.page.getByRole('alert')).toContainText('多了 3 字，请删短一些再寄')
  await mother.looksAgain()
  await expect(mother.paper).toHaveValue(`${text}多三个`)
  expect(await (await as('mother')).letters()).not.toContain(`${text}多三个`)

  await mother.writes(text)
  await mother.sends()
  await mother.sees('已送达监所')
})

test('half an emoji: it is said plainly, and nothing else of the letter is lost', async ({ mother }) => {
  const broken = '半个表情：\ud83d'
  await mother.settles()
  await mother.paper.evaluate((field: HTMLTextAreaElement) => {
    field.value = '半个表情：\ud83d' // no keyboard gives it, a broken app may paste it
    field.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await mother.page.getByRole('button', { name: '寄出' }).click()
  await expect(mother.page.getByRole('alert')).toContainText('信里有一个字符不完整')
  await mother.looksAgain()
  expect(await mother.paper.evaluate((field: HTMLTextAreaElement) => field.value === '半个表情：\ud83d')).toBe(true)

  await mother.writes(broken.slice(0, -1))
  await mother.sends()
  await mother.sees('已送达监所')
})
