// How a house is run: the forms of its administration, what its screens are told, and which role may do what.
import * as v from 'valibot'
import { officerRoles, type OfficerRole } from './actor.ts'
import { Born } from './claim.ts'
import { engagementDeclines, engagementEnds, normalCase, type EngagementView } from './engagement.ts'
import { Id } from './id.ts'
import { kins } from './kin.ts'
import type { MandateView } from './mandate.ts'
import { leavings, type HouseCard, type Kin } from './matter.ts'
import { matters, type Kind } from './matters/index.ts'
import { houseKinds, KindSettings, statuses, type HouseKind, type Settings, type Status } from './settings.ts'
import { text } from './text.ts'

const line = (graphemes: number) => v.pipe(text({ graphemes, bytes: graphemes * 8 }), v.trim())
const personName = line(40)
const cell = line(20)
const kind = v.picklist(Object.keys(matters) as [Kind, ...Kind[]])
/** UTC milliseconds */
const moment = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 53 - 1))

export const OpenHouse = v.strictObject({
  /** short name in addresses, commands and codes */
  code: v.pipe(v.string(), v.trim(), v.toLowerCase(), v.regex(/^[a-z][a-z0-9]{1,19}$/)),
  name: line(40),
  kind: v.picklist(houseKinds),
  telephone: line(40),
  hours: line(60),
  /** the admin's own name: whoever opens a house is its first admin */
  admin: personName,
})
export type OpenHouse = v.InferOutput<typeof OpenHouse>

/** A house is opened by whoever holds the secret code, who is no officer yet: they become its first admin. */
export const FoundHouse = v.strictObject({
  founding: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200)),
  ...OpenHouse.entries,
})

export const AdmitPerson = v.strictObject({
  number: v.pipe(v.string(), v.trim(), v.regex(/^[0-9A-Za-z-]{1,20}$/)),
  name: personName,
  status: v.picklist(statuses),
  cell,
  /** without it no claim of a relative is found to be near them */
  born: v.optional(Born),
})
export type AdmitPerson = v.InferOutput<typeof AdmitPerson>

/** Their day of birth, or null where it is not known after all. */
export const SetBorn = v.strictObject({ born: v.nullable(Born) })
export const ChangeStatus = v.strictObject({ status: v.picklist(statuses) })
export const MoveCell = v.strictObject({ cell })
/** @property to another house of this installation, to which they are transferred; absent where it is none of these */
export const Leave = v.pipe(
  v.strictObject({ because: v.picklist(leavings), to: v.optional(Id) }),
  v.forward(
    v.check(({ because, to }) => to === undefined || because === 'transferred', 'only who is transferred goes there'),
    ['to'],
  ),
)
/** Somebody who comes from another house is given a place in this one. */
export const AdmitArrival = v.strictObject({ number: AdmitPerson.entries.number, cell })
/** So long somebody is expected; then the house that they left is told that they have not come. */
export const expectedDays = 30

const roles = v.pipe(v.array(v.picklist(officerRoles)), v.minLength(1), v.maxLength(officerRoles.length))
export const AddOfficer = v.strictObject({ name: personName, roles })
export const ChangeRoles = v.strictObject({ roles })

export const AddKiosk = v.strictObject({ name: line(40), cell })
export type AddKiosk = v.InferOutput<typeof AddKiosk>

export const MakeInvite = v.strictObject({ person: Id, kin: v.picklist(kins), name: personName })
export type MakeInvite = v.InferOutput<typeof MakeInvite>
export const inviteDays = 14
/** bits of chance in an invite: it opens a tie to whoever holds it */
export const inviteBits = 130
/** an enrolment is typed at the kiosk by an officer who stands before it */
export const enrolBits = 60
export const enrolHours = 24

/** Whose relative somebody is found to be, once their papers are checked. */
export const AcceptClaim = v.strictObject({ person: Id, kin: v.picklist(kins) })

/** Why a claim is declined: for officers alone. The relative reads the same sentence whatever it is. */
export const declines = ['nobody', 'papers', 'notKin', 'twice', 'other'] as const
export const DeclineClaim = v.strictObject({ reason: v.picklist(declines) })

/** For whom a lawyer is found to act, once their papers are checked. */
export const AcceptEngagement = v.strictObject({ person: Id })
export const DeclineEngagement = v.strictObject({ reason: v.picklist(engagementDeclines) })
export const EndEngagement = v.strictObject({ reason: v.picklist(engagementEnds) })

/** The case that somebody is accused in, by its number, or null where none is named any more. */
export const SetCase = v.strictObject({
  case: v.nullable(v.pipe(v.string(), v.maxLength(200), v.transform(normalCase), line(60))),
})

export const ChangeSettings = v.strictObject({ kind, settings: KindSettings })

/** How long names and texts are kept after somebody has left, and where that stands. */
export const Retention = v.strictObject({
  years: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(30)),
  /** after so many a claim or an engagement that nobody has answered is declined by itself */
  answerDays: v.pipe(v.number(), v.integer(), v.minValue(7), v.maxValue(730)),
  source: v.pipe(line(300), v.minLength(1)),
})
export type Retention = v.InferOutput<typeof Retention>
/** Source: 个人信息保护法（2021）第十九条, no longer than is needed; 第四十七条, erased when the time is over. */
const retentionByDefault: Retention = { years: 3, answerDays: 180, source: '个人信息保护法第十九条、第四十七条' }

/** @param kept as the house's ledger has it; null where the house has set nothing, and without what is newer than it */
export const retentionIn = (kept: string | null | undefined): Retention => ({
  ...retentionByDefault,
  ...(kept ? (JSON.parse(kept) as Partial<Retention>) : {}),
})

/** Leave of the case-handling body for one tie and one kind of matter. */
export const GiveConsent = v.strictObject({
  tie: Id,
  kind,
  /** UTC milliseconds; null for no end */
  until: v.nullable(moment),
  document: line(60),
})

/** Leave that is taken back, or refused for what waits for it. */
/** Which statement of a document an officer has compared with the paper: when it was made, UTC milliseconds. */
export const CheckDocument = v.strictObject({ statedAt: v.pipe(v.number(), v.integer(), v.minValue(0)) })

export const EndConsent = v.strictObject({ tie: Id, kind, how: v.picklist(['takenBack', 'refused']) })

/** For which tie and kind a link for the case-handling body is made. */
export const MakeLink = v.strictObject({ tie: Id, kind })
export const linkDays = 7
/** bits of chance in such a link: whoever holds it answers */
export const linkBits = 130

/** The kinds that are shut for one tie. A tie can be narrower than what the house opens, never wider. */
export const SetRights = v.strictObject({ shut: v.pipe(v.array(kind), v.maxLength(Object.keys(matters).length)) })

/** With whose tie a minor comes; null for nobody any more. */
export const SetAdult = v.strictObject({ adult: v.nullable(Id) })

/** Why a relative may ask for nothing new for a time. No relative is told. */
export const banReasons = ['order', 'safety', 'breach', 'other'] as const
export type BanReason = (typeof banReasons)[number]

/** Until when a relative may ask for nothing new (UTC milliseconds), and why: for officers alone. */
export const Ban = v.strictObject({
  until: moment,
  reason: v.picklist(banReasons),
  note: v.pipe(text({ graphemes: 200, bytes: 1600, mayBeEmpty: true }), v.trim()),
})
export type Ban = v.InferOutput<typeof Ban>

export const Code = v.strictObject({ code: v.pipe(v.string(), v.maxLength(100)) })
/** bits of chance in an officer's code: it opens their account to whoever holds it */
export const officerBits = 130
export const officerHours = 72
export const Nothing = v.strictObject({})

/** Who may do what in the administration of a house; what is not named is forbidden. */
export const permits = {
  /** to have the queue, matters and the live desk before one; what of them a role may read is in the lifecycles */
  handle: officerRoles,
  view: ['admin', 'leader', 'keeper', 'desk', 'duty'],
  people: ['admin'],
  status: ['admin'],
  move: ['admin', 'keeper'],
  leave: ['admin'],
  arrivals: ['admin'],
  pin: ['admin', 'keeper'],
  open: ['admin', 'keeper', 'duty'],
  officers: ['admin'],
  reset: ['admin', 'leader'],
  kiosks: ['admin'],
  settings: ['admin'],
  retention: ['admin'],
  invites: ['admin', 'keeper'],
  claims: ['admin', 'keeper'],
  kinships: ['admin'],
  rights: ['admin'],
  bans: ['admin', 'leader'],
  consents: ['admin', 'desk'],
  mandates: ['admin', 'desk'],
  copies: ['admin', 'desk'],
  documents: ['admin', 'keeper', 'desk'],
  engagements: ['admin', 'desk'],
  cases: ['admin', 'desk'],
} as const satisfies Record<string, readonly OfficerRole[]>
export type HouseAction = keyof typeof permits

/** Whether somebody with these roles may do it. */
export const mayDo = (action: HouseAction, roles: readonly OfficerRole[]): boolean =>
  permits[action].some((role) => roles.includes(role))

/** Where the live desk of a house is: it says in whose name, for a WebSocket carries no header that could. */
export const deskPath = (facility: Id, account: string): string => `/api/houses/${facility}/desk?as=${account}`

export interface House extends HouseCard {
  readonly code: string
  readonly kind: HouseKind
}

/** All that the administration's screens show; of the other lists an officer is told those with which their roles have to do. */
export interface HouseView {
  readonly house: House
  readonly settings: Settings
  /** the kinds for which the house has set something itself */
  readonly own: readonly Kind[]
  readonly retention: Retention
  readonly people: readonly PersonView[]
  readonly ties: readonly TieView[]
  /** those who are on the way here; for who may admit them */
  readonly arrivals: readonly ArrivalView[]
  /** the other houses of this installation; for who may transfer somebody there */
  readonly others: readonly { readonly id: Id; readonly name: string }[]
  readonly invites: readonly InviteView[]
  /** those that nobody has decided yet; for who may decide them */
  readonly claims: readonly ClaimView[]
  readonly consents: readonly ConsentView[]
  /** those that are checked or stand; for who may decide them */
  readonly engagements: readonly EngagementView[]
  readonly officers: readonly OfficerView[]
  readonly kiosks: readonly KioskView[]
}

export interface PersonView {
  readonly id: Id
  readonly number: string
  readonly name: string
  readonly status: Status
  readonly cell: string
  /** whether five wrong PINs have locked their letters since an officer last opened them */
  readonly locked: boolean
  readonly born: string | null
  readonly leftAt: number | null
  /** the number of their case; null for none, and for who may not set it */
  readonly case: string | null
  /** the other house to which they have left */
  readonly movedTo: string | null
  readonly moved: 'leaving' | 'announced' | 'arrived' | 'lapsed' | null
}

/** Somebody who is on the way from another house. */
export interface ArrivalView {
  readonly id: Id
  readonly number: string
  readonly name: string
  readonly status: Status
  readonly born: string | null
  /** the name of the house that they left, and when, UTC milliseconds */
  readonly from: string
  readonly at: number
}

export interface TieView {
  readonly id: Id
  readonly person: Id
  readonly name: string
  readonly kin: Kin
  readonly since: number
  readonly endedAt: number | null
  readonly shut: readonly Kind[]
  /** when they are of age (UTC milliseconds), where their document says so, and for a minor the tie of who comes along */
  readonly ofAgeAt: number | null
  readonly adult: Id | null
  /** who acts for them, or may once they take the code */
  readonly mandates: readonly MandateView[]
  /** the ban that stands, where one does */
  readonly ban: { readonly until: number; readonly reason: BanReason; readonly note: string } | null
}

/** An invite that nobody has taken yet. */
export interface InviteView {
  readonly person: Id
  readonly name: string
  readonly kin: Kin
  readonly expiresAt: number
}

export interface ClaimView {
  readonly id: Id
  /** whom it names, as it was written */
  readonly person: string
  readonly born: string
  readonly name: string
  readonly kin: Kin
  readonly at: number
  /** the photos of papers, by hash */
  readonly papers: readonly string[]
  /** people inside with the same day of birth and a near name, the nearest first */
  readonly near: readonly Id[]
}

export interface ConsentView {
  readonly tie: Id
  readonly kind: Kind
  readonly from: number
  readonly until: number | null
  readonly document: string
}

export interface OfficerView {
  readonly account: Id
  readonly name: string
  readonly roles: readonly OfficerRole[]
  readonly disabledAt: number | null
  /** with how many passkeys they can sign in: with none they have still to take their code */
  readonly passkeys: number
}

/** A code for an officer, told once. */
export interface OfficerCode {
  readonly account: Id
  readonly code: string
  /** UTC milliseconds */
  readonly until: number
}

/** What the page of an officer's code says before it is taken. */
export interface EnrolmentLook {
  readonly house: HouseCard
  readonly name: string
  readonly roles: readonly OfficerRole[]
}

export interface KioskView {
  readonly id: Id
  readonly name: string
  readonly cell: string
  readonly state: 'waiting' | 'enrolled' | 'revoked'
}

/** What an invite says before it is taken: enough to know that it is meant for oneself, and no more. */
export interface InviteLook {
  readonly house: HouseCard
  /** the relative's name, as the officer wrote it */
  readonly name: string
  readonly kin: Kin
  /** the family name of the person inside; the rest is hidden until the tie stands */
  readonly person: string
}
