import type { devices as zhDevices, document as zhDocument, prove as zhProve } from '../zh/account.ts'
import type { Words } from '../words.ts'

export const prove: Words<typeof zhProve> = {
  title: 'First time on this phone',
  why: 'Telephone numbers get new owners. So that nobody else reads your letters, please answer one more question.',
  ask: { lastSix: 'Last six places of your document’s number', invite: 'A new invite code' },
  hint: {
    lastSix: 'The identity card or other document that you stated. The last place may be the letter X',
    invite: 'Ask the facility for a new invite, for the same relative and under the same name',
  },
  check: 'Check',
  instead: { lastSix: 'Use the document instead', invite: 'Use a new invite instead' },
  lastSixWrong: 'This is not what was stated. Please check it',
  inviteWrong: 'This invite cannot be used: it may be used up, too old, or not for this account',
  tooMany: 'Too many tries. Please try again tomorrow, or use another way',
  noNetwork: 'There is no network now. Please try again in a while',
  anew: 'This number used to be somebody else’s; I am new here',
  anewAsk:
    'This number will belong to a new account. What was there before does not appear here, and can no longer be opened with this number.',
  yesAnew: 'Yes, I am new here',
  noAnew: 'Not now',
  neither:
    'None of these? Please telephone the facility, or come with your document. What you wrote is safe on this phone.',
}

export const document: Words<typeof zhDocument> = {
  reading: 'Reading…',
  before: 'Before you fill this in',
  promises: [
    'What is kept: the kind of document, its number and your name. No picture.',
    'Why: the facility has to know who you are; on a new phone the last six places show that it is you.',
    'How: the number is kept encrypted, and only its last four places are ever shown.',
    'Who sees it: you, and the officers who handle your relative’s matters. Nobody else, and for nothing else.',
    'How long: as long as you use etongban. You can state another at any time.',
  ],
  begin: 'I understand, go on',
  again: 'State another',
  back: 'Not now',
  kind: 'Kind of document',
  kinds: {
    residentCard: 'Resident identity card',
    passport: 'Passport',
    hmtPass: 'Pass or residence card of Hong Kong, Macao or Taiwan',
    residencePermit: 'Foreign permanent resident card',
  },
  name: 'Name, as in the document',
  nameWrong: 'Please enter your name',
  number: 'Number',
  numberWrong: {
    residentCard: 'This is no identity number: 18 places, please check each',
    passport: 'This is no passport number: 6 to 12 letters and digits',
    hmtPass: 'This number is not right. Please check each place',
    residencePermit: 'This number is not right. Please check each place',
  },
  state: 'Save',
  silent: 'There is no network now. What you entered is still here; please try again in a while',
  done: 'Saved. Once an officer has seen the document it will say so here.',
  check: 'Checked',
  unchecked: 'Waiting for an officer. Please bring the document when you come',
  checked: (time) => `By an officer on ${time}`,
}

export const devices: Words<typeof zhDevices> = {
  what: 'A phone is lost, or you used somebody else’s: sign it out here. What it holds is thrown away when it next opens.',
  reading: 'Reading…',
  silent: 'There is no network now. Please look again in a while',
  here: 'This phone',
  systems: {
    android: 'Android phone',
    iPhone: 'iPhone',
    iPad: 'iPad',
    windows: 'Windows computer',
    mac: 'Mac',
    linux: 'Linux computer',
    other: 'Another device',
  },
  browsers: {
    weChat: 'WeChat',
    edge: 'Edge',
    firefox: 'Firefox',
    chrome: 'Chrome',
    safari: 'Safari',
    other: 'browser',
  },
  since: (time) => `Signed in ${time}`,
  used: (day) => `Last used ${day}`,
  end: 'Sign it out',
  endAsk: 'It has to answer again before it can sign in, and what it has not sent stays locked there. Are you sure?',
  yesEnd: 'Sign it out',
  noEnd: 'Not now',
  ended: 'Signed out. In 5 minutes at the latest it sees nothing of yours any more.',
  alone: 'You are signed in on this phone only.',
  others: 'Sign out all others',
}
