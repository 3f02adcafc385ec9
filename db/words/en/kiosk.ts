import type { kiosk as zh } from '../zh/kiosk.ts'
import type { Words } from '../words.ts'

export const kiosk: Words<typeof zh> = {
  title: 'Family letters',
  language: '中文',
  size: { label: 'Type size', sample: 'A', usual: 'Usual', elder: 'Large', largest: 'Largest' },
  lighting: { light: 'Light', dark: 'Dark' },
  enrol: {
    title: 'Enrol this device',
    intro: 'An officer types the code that the administration page shows. It works once, within 24 hours.',
    code: 'Enrolment code',
    action: 'Enrol',
    working: 'Enrolling',
    offline: 'No network: this device cannot be enrolled now. Please check the network and try again',
    ended: 'This device is no longer enrolled. An officer has to enrol it again',
    lost: 'This device has lost its key: the browser cleared what it kept. An officer has to enrol it again, as the same kiosk; what the house has not been told yet follows then',
    noKey:
      'The browser of this device can keep no key, so it cannot be enrolled. Please open an address that begins with https, and no private window',
  },
  rest: {
    begin: 'Touch the screen to read your letters',
    how: 'You need your number and your PIN',
    unheard:
      'This device has not reached its house for three days, and shows no letters until it does. Please tell an officer',
  },
  identify: {
    number: 'Your number',
    pin: 'Your PIN',
    next: 'Next',
    back: 'Back',
    open: 'Show my letters',
    erase: 'Delete',
    letters: 'Letters',
    digits: 'Digits',
    typed: (count) => (count === 1 ? '1 digit typed' : `${count} digits typed`),
    checking: 'Checking',
    wrong: 'The number or the PIN is not right. After 5 wrong ones the letters are locked, and an officer opens them',
  },
  locked: {
    title: 'The letters are locked',
    text: 'The PIN was wrong 5 times. Please tell an officer, who can open them. All letters are still there',
    back: 'Back',
  },
  list: {
    title: (name) => `Letters for ${name}`,
    empty: 'There is no letter now. A new one will be shown here',
    from: (kin, name) => `${name} (${kin})`,
    kin: { spouse: 'spouse', parent: 'parent', child: 'child', sibling: 'sibling', other: 'relative' },
    fresh: 'New',
    begun: 'Not read to the end',
    read: 'Read',
    leave: 'Done, leave',
    asOf: (time) => `No network: letters as of ${time}. Your family is told what you read once there is one`,
  },
  cover: {
    from: 'From',
    written: 'Sent',
    open: 'Open this letter',
    refuse: 'Do not take this letter',
    back: 'Not now, go back',
    sure: 'Do not take this letter',
    consequence:
      'Whether you take a letter is your own decision. If you do not, your family sees that you did not take it, and it cannot be opened later.',
    keep: 'Let me think',
    confirm: 'I do not take it',
  },
  paper: {
    page: (page, pages) => `Page ${page} of ${pages}`,
    previous: 'Previous page',
    next: 'Next page',
    done: 'Done, go back',
    close: 'Go back',
  },
  idle: (seconds) => `Going back in ${seconds} seconds. Touch the screen to read on`,
  full: 'This device has no room left, please tell an officer',
}
