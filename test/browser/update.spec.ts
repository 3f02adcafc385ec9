// A newer version of the app comes while somebody writes.
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Relative } from './acting.ts'
import { expect, phone, test } from './people.ts'

const mark = '<meta name="newer">'

/** Stands before a house, and from a moment on serves a newer version of its app: each page has a mark in its head. */
async function releases(house: string) {
  let newer = false
  const server = createServer((asked, answer) => {
    const headers = { ...asked.headers, 'accept-encoding': 'identity' }
    const there = request(house + asked.url, { method: asked.method, headers, agent: false }, (came) => {
      const { 'content-length': _, etag: __, ...kept } = came.headers
      answer.writeHead(came.statusCode ?? 500, kept)
      if (newer && /html|javascript/.test(came.headers['content-type'] ?? ''))
        void text(came).then((page) => answer.end(changed(page)))
      else came.pipe(answer)
    })
    there.on('error', () => answer.destroy())
    asked.pipe(there)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    release: () => (newer = true),
    async stop() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** Another page, and in the service worker another revision of it. */
const changed = (page: string): string =>
  page.replace('<head>', `<head>${mark}`).replaceAll(/revision:([`"'])(\w+)\1/g, 'revision:"$2+"')

test('an update finds a letter half written: nobody is asked anything, and after it the text is there', async ({
  browser,
  served,
}) => {
  const house = await releases(served.url)
  const context = await browser.newContext({ ...phone, baseURL: house.url })
  const mother = new Relative(await context.newPage())
  await mother.goes('/local/sign-in?as=mother')
  await mother.settles()
  await mother.writes('写到一半')

  house.release()
  await mother.page.evaluate(async () => (await navigator.serviceWorker.ready).update())
  const lies = () => mother.page.evaluate(async () => (await navigator.serviceWorker.ready).waiting?.state)
  await expect.poll(lies, { timeout: 20_000 }).toBe('installed')
  await mother.paper.pressSequentially('，再写几个字')
  await expect(mother.page.locator('dialog, [role=dialog], [role=alert]')).toHaveCount(0)
  await expect(mother.page.getByRole('status')).toHaveText('')
  await expect(mother.paper).toBeFocused()
  await expect(mother.page.locator('meta[name=newer]')).toHaveCount(0)

  await mother.page.getByRole('link', { name: 'e通办' }).click()
  await expect(mother.page.locator('meta[name=newer]')).toHaveCount(1)
  await mother.page.getByRole('link', { name: /写到一半/ }).click()
  await expect(mother.paper).toHaveValue('写到一半，再写几个字')
  await context.close()
  await house.stop()
})
