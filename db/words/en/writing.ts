import type { writing as zhWriting } from '../zh/writing.ts'
import type { Words } from '../words.ts'

export const writing: Words<typeof zhWriting> = {
  title: 'Write a letter',
  to: 'To',
  chooseTo: 'To whom',
  chooseToFirst: 'Please choose to whom you are writing',
  body: 'The letter',
  rules: 'Before you write: what a letter may not hold',
  count: (written, most) => `${written} of ${most} characters`,
  tooLong: (over) => `Please shorten it by ${over} characters before sending`,
  tooBig: 'Too many emoji and special characters. Please remove some before sending',
  broken: 'One character is incomplete (perhaps half an emoji). Please remove it before sending',
  empty: 'The letter is still empty. Please write a few words',
  kept: {
    nothing: 'Every word is saved on this phone as you write',
    writing: 'Saving…',
    phone: 'Saved on this phone',
    full: 'This phone has no room left. What you wrote is still here: please make some room before you send, and clear no browser data',
    plain: 'This browser does not let pages keep things well. Please send before you close the page',
    nowhere:
      'This browser does not let pages keep anything. Please leave the page open and send once there is a network, or copy the text',
  },
  send: 'Send',
  sending: 'Sending…',
  stored: 'The letter is saved on this phone',
  storedNext: 'It goes to the facility by itself as soon as there is a network; there is nothing more to do.',
  reference: 'Reference',
  sendAgain: 'Send again',
  consent: 'When it has arrived, the case-handling body must agree before an officer reads it',
  signIn: 'Please sign in before sending',
  signInWhy: 'What you wrote is safe on this phone. It moves into your account when you sign in; nothing is lost.',
  goSignIn: 'Sign in',
  noTie: 'It cannot be sent yet: your account is not tied to a person inside',
  noTieWhy: 'You can be registered with or without an invite. What you wrote stays on this phone.',
  goClaim: 'Register as a relative',
  closed: 'Letters to this relative are not open now',
  closedWhy: 'What you wrote stays here. Please telephone the facility with any question.',
  full: 'This phone has no room left, so the letter was not sent',
  fullWhy:
    'All that you wrote is still here. Please delete some photos, videos or apps you no longer use, then tap “Send” again.',
  notSent: 'It was not sent',
  notSentWhy:
    'There is no network now, and this browser does not let pages keep things. Please leave the page open and tap “Send” again when there is a network.',
  fix: 'Please correct this and send again',
}
