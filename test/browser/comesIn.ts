// How a page comes to be somebody's: a relative by the local server's door, an officer by their passkey. No screen is
// looked at on the way; passkey.spec.ts does that.
import type { Page } from '@playwright/test'
import { relatives } from '#db/demo/qingshan.ts'
import { Visitor } from '#test/server.ts'

/** @param url of the server, without a slash at its end */
export async function comesIn(page: Page, url: string, as: string, path: string): Promise<void> {
  if (Object.hasOwn(relatives, as)) {
    await page.goto(`${url}/local/sign-in?as=${as}&to=${encodeURIComponent(path)}`)
    return
  }
  const { cookies } = await Visitor.signedIn(url, as)
  const kept = [...cookies].map(([name, value]) => ({ name, value, url, httpOnly: true, sameSite: 'Lax' as const }))
  await page.context().clearCookies({ name: 'etb' }) // of a relative who was here before
  await page.context().addCookies(kept)
  await page.goto(`${url}${path}`)
}
