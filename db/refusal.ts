// A refusal is an answer: a code from a closed list and the field it is about; words/ has the sentence for each.

export const refusalCodes = [
  'not_allowed', // the move does not exist, not from here, or not for you: unknown and forbidden look alike
  'stale', // the content moved since it was looked at
  'check_input', // a field is missing, too long or of the wrong shape
  'needs_failed', // a command that this one needs was refused, or is nowhere
  'mandate_ended', // the leave to act for somebody has ended
  'closed', // this kind is not open for this person now
  'id_reused', // the same id came before with another body
  'too_large',
  'wrong_version', // the app is newer than the server
  'taken', // a number or a name that must be the only one is in use
  'wrong_code', // a code that is not known, used up or expired: which of them is not told
  'too_many', // tried too often; the answer says when to come again
  'unreachable', // a message could not be sent on; nothing was changed
] as const
export type RefusalCode = (typeof refusalCodes)[number]

export interface Refusal {
  readonly code: RefusalCode
  /** the dotted path of the input's field that is at fault */
  readonly field?: string
}
