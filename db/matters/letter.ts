// 亲情信件: written by a relative, decided by a reviewer, read in the cell or printed and handed over.
import * as v from 'valibot'
import { anyone, decider, freshEyes, own, theirCell } from '../actor.ts'
import { Id } from '../id.ts'
import { lifecycle } from '../lifecycle.ts'
import { leavings } from '../matter.ts'
import { text } from '../text.ts'

export const letterGraphemes = 2000
export const letterBytes = 64 * 1024

/** What a relative sends: to whom (one of their own ties) and the letter itself, plain text. */
export const Letter = v.strictObject({
  to: Id,
  body: text({ graphemes: letterGraphemes, bytes: letterBytes }),
})
export type Letter = v.InferOutput<typeof Letter>

/** Why a passage or a letter cannot go as it is: a closed list, each with a sentence in words/. */
export const reasons = ['caseTalk', 'codeWords', 'contact', 'threat', 'abuse', 'illegible', 'other'] as const
export type Reason = (typeof reasons)[number]

const offset = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(letterBytes))

/** A passage of the letter with a reason and advice. Offsets are UTF-16 units into the body of the edition seen. */
export const Mark = v.pipe(
  v.strictObject({
    from: offset,
    to: offset,
    reason: v.picklist(reasons),
    advice: text({ graphemes: 300, bytes: 4096 }),
  }),
  v.check((mark) => mark.from < mark.to, 'a mark covers something'),
)
export type Mark = v.InferOutput<typeof Mark>

const Return = v.strictObject({
  marks: v.pipe(v.array(Mark), v.minLength(1), v.maxLength(50)),
})

const Withhold = v.strictObject({
  reasons: v.pipe(v.array(v.picklist(reasons)), v.minLength(1), v.maxLength(reasons.length)),
  note: text({ graphemes: 500, bytes: 8192, mayBeEmpty: true }),
})

const Appeal = v.strictObject({ why: text({ graphemes: 500, bytes: 8192 }) })

/** The paper in which the case-handling body agreed: its number, and until when it holds (UTC milliseconds). */
const Consent = v.strictObject({
  document: text({ graphemes: 60, bytes: 400 }),
  until: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 53 - 1))),
})

const Closed = v.strictObject({ because: v.picklist([...leavings, 'tieEnded', 'notOpen', 'follows']) })

// prettier-ignore
export const letter = lifecycle({
  states: ['draft', 'awaitingConsent', 'submitted', 'returned', 'withheld', 'withdrawn', 'approved', 'delivered',
    'read', 'refused', 'declined', 'expired', 'closed'],
  moves: {
    submit:        { from: ['draft', 'returned'], to: 'submitted', by: { relative: own }, needs: 'stands', input: Letter, writes: true, asks: true },
    follow:        { from: ['draft'], to: 'submitted', by: { system: own }, needs: 'stands', input: Letter, writes: true },
    withdraw:      { from: ['awaitingConsent', 'submitted'], to: 'withdrawn', by: { relative: own }, needs: 'stands' },
    consent:       { from: ['awaitingConsent'], to: 'submitted', by: { desk: anyone }, needs: 'stands', input: Consent },
    proceed:       { from: ['awaitingConsent'], to: 'submitted', by: { system: anyone }, needs: 'stands' },
    refuseConsent: { from: ['awaitingConsent'], to: 'declined', by: { desk: anyone, system: anyone }, needs: 'stands' },
    suspend:       { from: ['submitted', 'approved'], to: 'awaitingConsent', by: { system: anyone }, needs: 'stands' },
    approve:       { from: ['submitted'], to: 'approved', by: { reviewer: freshEyes }, needs: 'sees', decides: true },
    return:        { from: ['submitted'], to: 'returned', by: { reviewer: freshEyes }, needs: 'sees', decides: true, input: Return,
                     facts: (input) => ({ reasons: (input['marks'] as Mark[]).map((mark) => mark.reason) }) },
    withhold:      { from: ['submitted'], to: 'withheld', by: { reviewer: freshEyes }, needs: 'sees', decides: true, input: Withhold,
                     facts: (input) => ({ reasons: input['reasons'] as Reason[] }) },
    appeal:        { from: ['withheld'], to: 'submitted', by: { relative: own }, needs: 'stands', input: Appeal, appeals: true },
    recall:        { from: ['approved'], to: 'submitted', by: { reviewer: decider, system: anyone }, needs: 'stands' },
    deliver:       { from: ['approved'], to: 'delivered', by: { kiosk: theirCell, duty: anyone, keeper: anyone, desk: anyone }, needs: 'sees' },
    read:          { from: ['delivered'], to: 'read', by: { kiosk: theirCell }, needs: 'stands' },
    refuse:        { from: ['approved'], to: 'refused', by: { kiosk: theirCell }, needs: 'stands' },
    expire:        { from: ['awaitingConsent', 'returned'], to: 'expired', by: { system: anyone }, needs: 'stands' },
    close:         { from: ['awaitingConsent', 'submitted', 'returned', 'withheld', 'approved'], to: 'closed', by: { system: anyone }, needs: 'stands', input: Closed,
                     facts: (input) => ({ because: input['because'] as string }) },
  },
  awaits: { awaitingConsent: 'desk', submitted: 'reviewer', returned: 'relative', approved: 'kiosk' },
  finished: ['withdrawn', 'read', 'refused', 'declined', 'expired', 'closed'],
  reads: {
    relative: { states: 'all', what: 'all' },
    reviewer: { states: 'all', what: 'all' },
    desk: { states: 'all', what: 'cover' },
    duty: { states: ['approved', 'delivered', 'read'], what: 'cover' },
    keeper: { states: ['approved', 'delivered', 'read'], what: 'cover' },
    leader: { states: 'all', what: 'all' },
    oversight: { states: 'all', what: 'all' },
    kiosk: { states: ['approved', 'delivered', 'read'], what: 'all' },
  },
})
