// A letter on paper: printed sheet by sheet, and found again by the square code on its cover.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import type { Id } from '#db/id.ts'
import { base64, concat } from '#db/record.ts'
import { approvedLetter } from './calling.ts'
import { comesIn } from './comesIn.ts'
import { chromium as binary, flags } from './install.mjs'
import { expect, test, type Cast } from './people.ts'

test.slow()

const printed = async (cast: Cast, letter: Id): Promise<Page> => {
  const page = await cast.signedIn('reviewer', `/officer/print?id=${letter}`)
  await expect(page.getByRole('button', { name: '打印' })).toBeEnabled()
  return page
}

test('the printer gets the cover and the pages that it says, and no empty sheet', async ({ cast, as }) => {
  const body = '天冷了，多穿点。家里一切都好，你爸的腿好多了。\n'.repeat(60)
  const page = await printed(cast, await approvedLetter(await as('mother'), await as('reviewer'), body))
  const sheets = await page.getByRole('article').count()
  expect(sheets).toBeGreaterThan(2)

  const paper = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
  expect(paper.match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(sheets)
})

test('the code on the cover, held before the camera, shows whose letter it is; a tap hands it over', async ({
  cast,
  as,
  served,
}) => {
  const mother = await as('mother')
  const letter = await approvedLetter(mother, await as('reviewer'), '扫一扫封面上的码。')
  const cover = (await printed(cast, letter)).getByRole('article').first()
  const folder = mkdtempSync(join(tmpdir(), 'etongban-'))
  const seen = join(folder, 'cover.y4m')
  writeFileSync(seen, await asCameraSees(cover.page(), await cover.locator('svg').screenshot()))

  // A browser of its own: what its camera sees is chosen when it starts.
  const camera = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']
  const browser = await chromium.launch({
    executablePath: binary,
    args: [...flags, ...camera, `--use-file-for-fake-video-capture=${seen}`],
  })
  const desk = await browser.newPage({ baseURL: served.url, viewport: { width: 1180, height: 820 } })
  await comesIn(desk, served.url, 'desk', '/officer/handover')
  await desk.getByRole('button', { name: '打开摄像头扫码' }).click()
  await expect(desk.getByRole('heading', { name: '张伟' })).toBeVisible({ timeout: 20_000 })
  expect(await mother.sees(letter)).toBe('approved')

  await desk.getByRole('button', { name: '确认转递' }).click()
  await expect(desk.getByText('已登记：张伟 的信已转递')).toBeVisible()
  await expect.poll(() => mother.sees(letter), { timeout: 25_000 }).toBe('delivered')
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A picture of the code, some way off in the middle of a grey table, as one frame of raw video (YUV4MPEG2). */
async function asCameraSees(page: Page, code: Uint8Array): Promise<Uint8Array> {
  const [width, height] = [640, 480]
  const shades = await page.evaluate(
    async ({ png, width, height }) => {
      const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0))
      const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
      const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d')
      if (!context) throw new Error('a browser that cannot draw')
      context.fillStyle = '#999'
      context.fillRect(0, 0, width, height)
      context.drawImage(picture, width / 2 - 110, height / 2 - 110, 220, 220)
      return [...context.getImageData(0, 0, width, height).data.filter((_, at) => at % 4 === 1)]
    },
    { png: base64(code), width, height },
  )
  const noColour = new Uint8Array((width * height) / 2).fill(128)
  const header = `YUV4MPEG2 W${width} H${height} F5:1 Ip A1:1 C420jpeg\nFRAME\n`
  return concat([new TextEncoder().encode(header), Uint8Array.from(shades), noColour])
}
