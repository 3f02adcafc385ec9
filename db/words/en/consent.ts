import type { consent as zh } from '../zh/consent.ts'
import type { Words } from '../words.ts'

export const consent: Words<typeof zh> = {
  title: 'Answer of the case-handling body',
  reading: 'Opening…',
  lead: 'Please check what follows, then answer. Opening this page changes nothing; there is one answer, and it is on the record.',
  house: 'House',
  kind: 'Matter',
  person: 'Person inside',
  relative: 'Relative',
  expires: 'Link good until',
  agree: 'Agree',
  document: 'Number of the consent paper',
  until: 'Consent valid until (empty for no end)',
  send: 'Answer: agreed',
  refuse: 'Refuse',
  refuseWhat: 'What waits for it ends, and the relative reads “Consent not given”.',
  refuseSend: 'Answer: refused',
  badDocument: 'Enter the number of the paper, at most 60 characters',
  badDay: 'Choose today or a later day',
  done: { agrees: 'Recorded: agreed', refuses: 'Recorded: refused' },
  doneNext: 'This link is used up; you can close the page. To change the answer, please contact the house.',
  wrong: 'This link cannot be used',
  wrongWhy: 'It was answered already or is too old. Please contact the house that gave it to you.',
  silent: 'No connection. Please check the network and try again; what you typed is still here.',
  again: 'Try again',
}
