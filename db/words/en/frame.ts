import type { frame as zhFrame } from '../zh/frame.ts'
import type { Words } from '../words.ts'

export const frame: Words<typeof zhFrame> = {
  app: 'etongban',
  home: 'Home',
  help: 'Help',
  signIn: 'Sign in',
  skip: 'Skip to the text',
  inApp: 'Please open this page in the phone’s own browser',
  inAppHow:
    'This page was opened inside another app, such as WeChat or QQ. Tap “…” at the top right and choose “Open in browser” (“Open in Safari” on an iPhone). What you write in here cannot be seen from the other browser.',
  reading: 'Reading what is on this phone…',
  telephone: 'Telephone of the facility',
  hours: 'Answered',
}
