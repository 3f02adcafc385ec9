import type { Refusal } from '#db/refusal.ts'

/** What stands between a letter and its way, to be said in words. */
export type Hindrance =
  | { readonly why: 'empty' | 'tooBig' | 'broken' | 'signIn' | 'noTie' | 'chooseTo' | 'closed' | 'full' | 'notSent' }
  | { readonly why: 'tooLong'; readonly over: number }
  | { readonly why: 'refused'; readonly refusal: Refusal }
