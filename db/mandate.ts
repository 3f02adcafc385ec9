// A leave to act for a relative (代办授权): who is to act, for which tie, until when. The one named takes it with a code;
// it can be withdrawn at any time by whoever gave it, and given up by whoever has it.
// Source: 民法典第一百六十五条, a written leave names who acts, in what, and for how long; 第一百七十三条, it ends with its
// time, when it is withdrawn, or when it is given up.
import * as v from 'valibot'
import { Id } from './id.ts'
import { kins } from './kin.ts'
import type { HouseCard, Kin } from './matter.ts'
import { text } from './text.ts'

/** The longest time for which a leave is given. The house's own rule: no law names one. */
export const mostMandateDays = 365
/** for how long its code is good, and bits of chance in that */
export const mandateCodeDays = 7
export const mandateBits = 130

const entries = {
  /** who is to act */
  name: v.pipe(text({ graphemes: 40, bytes: 320 }), v.trim(), v.minLength(1)),
  /** UTC milliseconds */
  until: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 53 - 1)),
}
/** A relative gives leave on their own phone. */
export const GiveMandate = v.strictObject({ house: Id, tie: Id, ...entries })
/** Somebody who has no phone, and whose papers the desk has seen: their tie stands without one. */
export const TieWithoutPhone = v.strictObject({ person: Id, kin: v.picklist(kins), name: entries.name })
/** The desk records what a relative has signed. */
export const RecordMandate = v.strictObject(entries)

/** A leave as whoever gave it, and officers, see it. */
export interface MandateView {
  readonly id: Id
  readonly ground: 'given' | 'paper'
  readonly name: string
  readonly until: number
  /** since when it stands; null while nobody has taken the code */
  readonly since: number | null
  /** the signed paper's photo, by hash */
  readonly paper: string | null
}

/** A leave as either side of it sees it on their phone. */
export interface MandateCard extends MandateView {
  readonly house: HouseCard
  /** the person inside */
  readonly person: string
  /** whose tie it is, for whoever acts; null for whose it is */
  readonly of: string | null
  readonly tie: Id
}

/** What a code says before it is taken. */
export interface MandateLook {
  readonly house: HouseCard
  /** who is to act, for whom, and what those are to the person inside */
  readonly name: string
  readonly of: string
  readonly kin: Kin
  /** the family name of the person inside */
  readonly person: string
  readonly until: number
}
