import type {
  tieNotice as zhTieNotice,
  following as zhFollowing,
  shelf as zhShelf,
  start as zhStart,
} from '../zh/family.ts'
import type { Words } from '../words.ts'

export const start: Words<typeof zhStart> = {
  lead: 'Write to your relative inside, and see here how far things have come.',
  write: 'Write a letter',
  drafts: 'Unfinished letters',
  emptyDraft: '(nothing written yet)',
  writtenAt: (time) => `Written ${time}`,
  deleteDraft: 'Delete this draft',
  deleteDraftAsk: 'It cannot be brought back. Delete it?',
  yesDelete: 'Delete',
  noDelete: 'Keep it',
  mine: 'My matters',
  more: (count) => `Show ${count} more`,
  none: 'Nothing yet. Once a letter is sent, you see here how far it has come.',
  notSent: (count) => `${count} not sent yet`,
  shelf: (count) =>
    count === 1
      ? '1 thing did not go through; its text is here'
      : `${count} things did not go through; their text is here`,
  needsYou: 'Needs you',
  to: (name) => `To ${name}`,
  signIn: 'Sign in',
  signInWhy: 'Signed in, you can send letters and see how far they have come.',
  signedIn: (phone) => `Signed in: ${phone}`,
  mandates: 'Acting for family',
  document: 'My document',
  devices: 'Where I am signed in',
  passkeys: 'Passkeys',
  lock: 'App lock',
  needsNetwork: 'This needs a network. Please try again in a while',
  signOut: 'Sign out',
  signOutAsk:
    'This phone will no longer show your matters. What has not been sent stays and goes when you sign in again.',
  yesSignOut: 'Sign out',
  noSignOut: 'Stay signed in',
  elder: 'Large type',
  usual: 'Usual type',
  settings: 'Type size, colours and language',
  size: 'Type size',
  sizes: { usual: 'Usual', elder: 'Large', largest: 'Largest' },
  lighting: 'Colours',
  lightings: { system: 'As the phone', light: 'Light', dark: 'Dark' },
  language: 'Language',
  help: 'Need a hand? Read the help, or telephone',
  claim: 'Register a relative inside',
}

export const tieNotice: Words<typeof zhTieNotice> = {
  acts: (of, name, day) => `You act for ${of} towards ${name}: all of it is theirs. Until ${day}.`,
  until: (name, day) => `Until the end of ${day} nothing new can be asked for ${name}. What is under way goes on.`,
  onTheWay: (name, house) =>
    `${name} is on the way to ${house}. What was asked for comes along; you can go on once they are there.`,
  why: 'Please telephone the facility with any question. What you have written stays on this phone.',
}

export const following: Words<typeof zhFollowing> = {
  by: (name) => `By ${name}, in their stead`,
  title: (kind, name) => `${kind} to ${name}`,
  sent: 'The letter is saved on this phone',
  sentArrived: 'The letter has reached the facility',
  reference: 'Reference',
  now: 'Now',
  next: 'Next',
  progress: 'What happened',
  due: (time) => `by ${time} at the latest`,
  since: (time) => `since ${time}`,
  letter: 'The letter',
  keep: 'Keep a copy',
  copy: 'Copy the text',
  copied: 'Copied',
  save: 'Save as a file',
  file: (reference) => `letter ${reference}.txt`,
  marks: (count) => (count === 1 ? '1 passage needs a change' : `${count} passages need a change`),
  advice: 'Advice',
  mend: 'Change this letter',
  withheld: 'Why it was not passed on',
  note: 'What the officer says',
  appealTitle: 'Appeal',
  appealWhy: 'Please write down why',
  appealRule: 'A different officer will decide',
  appealSend: 'Send the appeal',
  appealEmpty: 'Please write down why first',
  cancel: 'Not now',
  withdrawAsk: 'Take this letter back?',
  withdrawWhat: 'It will not be reviewed. The text goes back into your drafts; you can change it and send it again.',
  notThere: 'This is not here',
  notThereWhy:
    'It may not have come from the facility yet, or it was done on another phone. It updates by itself when there is a network.',
  rewrite: 'Write another letter',
  onPhoneNext: 'It goes to the facility by itself as soon as there is a network; there is nothing more to do',
  shelfNone:
    'The facility has taken everything. What it does not take stays here with all its words, to mend and send again.',
  shelved: (time) => `Not taken ${time}`,
}

export const shelf: Words<typeof zhShelf> = {
  title: 'Not sent',
  intro: 'The house did not take what is below. The words are all here: mend them and send again, or keep a copy',
  writeAgain: 'Mend and send again',
  drop: 'I understand, no need to keep it',
}
