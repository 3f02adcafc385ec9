import type { lock as zh } from '../zh/lock.ts'
import type { Words } from '../words.ts'

export const lock: Words<typeof zh> = {
  title: 'Locked',
  pin: 'Enter the 6-digit PIN',
  open: 'Open',
  opening: 'Opening…',
  short: 'Please enter 6 digits',
  wrong: 'That is not the PIN. Please try again',
  paused: (seconds) => `Too many wrong ones: please wait ${seconds} seconds. What you wrote is safe`,
  forgotten: 'PIN forgotten, or somebody else is here',
  forgottenWhat:
    'You can sign in again: with a code, and the question that a new phone is asked. The lock is taken off; you can set it again.',
  holds: (unsent, drafts) =>
    `On this phone are ${unsent} not sent yet and ${drafts} drafts. They stay sealed until the same account signs in again; nobody else sees them.`,
  no: 'Try the PIN again',
  yes: 'Sign in again',
  silent: 'There is no network now, so you cannot sign in. What is locked is safe; please try again in a while',
  passkey: 'Open with a passkey',
  cancelled: 'Not confirmed. Try again, or enter the PIN',
  unable: 'This passkey does not open it. Please enter the PIN',
}
