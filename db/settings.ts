// What a house opens to whom, and by when it owes an answer: (kind of house × legal status × kind of matter).
// Every number is a default that a house may change, with its legal source beside it (FIELD).
import * as v from 'valibot'
import type { Kind } from './matters/index.ts'

export const houseKinds = ['detention', 'administrative'] as const
/** 看守所 or 拘留所 */
export type HouseKind = (typeof houseKinds)[number]

export const statuses = ['untried', 'serving'] as const
/** 未决 or 留所服刑 */
export type Status = (typeof statuses)[number]

export const accesses = ['open', 'consent', 'closed'] as const
export type Access = (typeof accesses)[number]

const hours = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(24 * 366))

/** What a house has set for one kind of matter. */
export const KindSettings = v.object({
  access: v.object({ untried: v.picklist(accesses), serving: v.picklist(accesses) }),
  /** hours until the next step is owed, by the state a matter waits in */
  dueHours: v.record(v.string(), hours),
  /** where the rule stands, shown beside it */
  source: v.pipe(v.string(), v.maxLength(300)),
})
export type KindSettings = v.InferOutput<typeof KindSettings>
export type Settings = Readonly<Record<Kind, KindSettings>>

const letterDue = { awaitingConsent: 30 * 24, submitted: 48, returned: 30 * 24, approved: 24 }

/**
 * The settings a new house starts with.
 * Source: 看守所条例（1990）第二十八条, letters of the untried with the case-handling body's consent;
 * 看守所留所执行刑罚罪犯管理办法（2013）第四十五条, those who serve a sentence write and receive letters.
 */
export const defaults: Readonly<Record<HouseKind, Settings>> = {
  detention: {
    letter: {
      access: { untried: 'consent', serving: 'open' },
      dueHours: letterDue,
      source: '看守所条例第二十八条；看守所留所执行刑罚罪犯管理办法第四十五条',
    },
  },
  administrative: {
    letter: {
      access: { untried: 'open', serving: 'open' },
      dueHours: letterDue,
      source: '拘留所条例第二十七条',
    },
  },
}
