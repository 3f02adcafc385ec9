// The part of a phone that keeps passkeys, in a browser that has none of its own.
import type { CDPSession, Page } from '@playwright/test'

/** A device that keeps passkeys and knows its owner by their finger. */
export async function withAuthenticator(page: Page): Promise<{ tools: CDPSession; authenticatorId: string }> {
  const tools = await page.context().newCDPSession(page)
  await tools.send('WebAuthn.enable')
  const { authenticatorId } = await tools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf: true,
    },
  })
  return { tools, authenticatorId }
}
