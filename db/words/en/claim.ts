import type { claim as zhClaim } from '../zh/claim.ts'
import type { Words } from '../words.ts'

export const claim: Words<typeof zhClaim> = {
  without: 'No invite: ask here, and the facility checks',
  signIn: 'Please sign in with your mobile number first',
  goSignIn: 'Sign in',
  house: 'Which facility',
  choose: 'Please choose',
  person: 'Name of your relative inside',
  personHint: 'As on their identity card',
  born: 'Their date of birth',
  name: 'Your own name',
  kin: 'You are their',
  why: 'This is used only by the facility you choose, to check that you are family; only its officers see it, and it is kept for 90 days after they decide. The answer is the same whether or not the person is there.',
  send: 'Send the request',
  sending: 'Sending…',
  wrong: {
    house: 'Choose a facility',
    person: 'Enter the name of your relative, at most 40 characters',
    born: 'Enter their date of birth',
    name: 'Enter your name, at most 40 characters',
    kin: 'Choose what you are to them',
  },
  silent:
    'It was not sent; the network may be down. What you typed is on this phone. Please tap “Send the request” again.',
  tooMany: 'Too many requests today. Please try again tomorrow, or telephone the facility.',
  housesSilent: 'There is no network, so the list of facilities is not here yet. What you type stays on this phone.',
  again: 'Try again',
  received: 'Received. We will check',
  receivedNext: 'This takes some days. The result is shown on the first page; once registered you can write.',
  mine: 'My requests to be registered',
  states: { checking: 'Being checked', accepted: 'Registered', declined: 'Not registered this time' },
  about: (person, house) => `${person} · ${house}`,
  since: (time) => `sent ${time}`,
  declinedNext: 'Please bring your identity card and proof of kinship to the window, or telephone the facility.',
}
