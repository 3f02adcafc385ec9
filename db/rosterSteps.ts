// What a tablet asks about a list, and what it has done once the plan has been looked at. Apart from `roster.ts`,
// because a tablet loads only that.
import * as v from 'valibot'
import { Born } from './claim.ts'
import { AdmitPerson } from './house.ts'
import { Id } from './id.ts'
import { leavings } from './matter.ts'
import { cellLimit, rowsAtMost, stepsAtOnce } from './roster.ts'
import { statuses } from './settings.ts'

const cellText = v.optional(v.pipe(v.string(), v.maxLength(2 * cellLimit)))

/** The rows of a file: the answer is the `Plan`, and nothing is changed. */
export const AskPlan = v.strictObject({
  rows: v.pipe(
    v.array(
      v.strictObject({
        row: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2_000_000)),
        number: cellText,
        name: cellText,
        status: cellText,
        cell: cellText,
        born: cellText,
        because: cellText,
      }),
    ),
    v.minLength(1),
    v.maxLength(rowsAtMost),
  ),
  whole: v.boolean(),
})

const base64 = (bytes: number) =>
  v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]+={0,2}$/), v.length(4 * Math.ceil(bytes / 3)))
const place = v.strictObject({
  status: v.picklist(statuses),
  cell: AdmitPerson.entries.cell,
  born: v.nullable(Born),
})

/** One step of a plan, with what was seen of the person when it was looked at. */
const Step = v.variant('step', [
  v.strictObject({
    step: v.literal('admit'),
    ...AdmitPerson.entries,
    /** what is kept of the PIN that the tablet has made (`keepPin`); the PIN itself goes onto paper only */
    pin: v.strictObject({ salt: base64(16), hash: base64(32) }),
  }),
  v.strictObject({ step: v.literal('change'), person: Id, was: place, now: place }),
  v.strictObject({ step: v.literal('leave'), person: Id, was: place, because: v.picklist(leavings) }),
])
export type Step = v.InferOutput<typeof Step>

/** The same steps a second time change nothing. */
export const TakeSteps = v.strictObject({
  steps: v.pipe(
    v.array(Step),
    v.minLength(1),
    v.maxLength(stepsAtOnce),
    v.check((steps) => new Set(steps.map(whose)).size === steps.length, 'somebody twice'),
  ),
})
const whose = (step: Step): string => (step.step === 'admit' ? step.number : step.person)
