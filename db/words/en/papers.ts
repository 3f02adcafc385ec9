import type { papers as zh } from '../zh/papers.ts'
import type { Words } from '../words.ts'

export const papers: Words<typeof zh> = {
  title: (person) => `${person}: photos of papers`,
  which: {
    claims: 'A household register, a marriage or birth certificate: at most 3, and none is fine too.',
    engagements: 'The power of attorney or legal-aid letter, your firm’s letter and your licence: at most 3.',
  },
  why: 'Only officers of the facility you chose see them, each look is recorded, and they are kept for 90 days after the decision.',
  held: (held, most) => `${held} of at most ${most} have arrived`,
  choose: 'Take or choose photos',
  sending: 'Sending…',
  again: (count) => `Send again (${count} left)`,
  silent: 'A photo did not arrive; the network may be down. Please keep this page open and send it again.',
  unreadable: 'This photo cannot be opened; please choose another',
  tooMany: 'Too many photos; please choose fewer',
}
