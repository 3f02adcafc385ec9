// What people do on their devices, by the product's own functions.
import { newId, type Id } from '#db/id.ts'
import { kinds } from '#db/matters/index.ts'
import { listDrafts, saveDraft, type Draft } from '#web/outbox/draft.ts'
import type { Made } from '#web/outbox/make.ts'
import type { Held } from '#web/outbox/store.ts'
import type { Chances } from './chances.ts'
import type { Device } from './device.ts'
import type { Witness } from './witness.ts'

/** What somebody finds around them. */
export interface Around {
  readonly chances: Chances
  readonly witness: Witness
  /** the chance of a letter as long as one may be */
  readonly long: number
  /** UTC milliseconds, by the device in their hands */
  readonly now: number
}

type Inputs = ReadonlyMap<string, Record<string, unknown> | undefined>

export const decisions: Inputs = new Map<string, Record<string, unknown> | undefined>([
  ['approve', undefined],
  ['return', { marks: [{ from: 0, to: 1, reason: 'other', advice: '请改' }] }],
  ['withhold', { reasons: ['other'], note: '' }],
  ['recall', undefined],
  ['consent', { document: '杭公〔2026〕1号', until: null }],
  ['deliver', undefined],
])
export const readings: Inputs = new Map([
  ['deliver', undefined],
  ['read', undefined],
  ['refuse', undefined],
])

export async function writes(device: Device, around: Around): Promise<void> {
  const ties = (await device.store.ties.toArray()).filter(({ ended }) => !ended)
  if (ties.length === 0) return
  const { id: to, house } = around.chances.one(ties)
  // the longest that a letter may be is the largest thing on the wire: a family is 25 bytes and one character
  const long = around.chances.hits(around.long)
  const id = newId()
  const more = !long
    ? '家里一切都好。'.repeat(around.chances.below(20))
    : id.charCodeAt(35) % 2
      ? '👨‍👩‍👧‍👦'.repeat(1950)
      : manyWords(id.charCodeAt(34))
  if (long) around.chances.met('longLetter')
  const body = `信 ${id}。${more}`
  const draft: Draft = { id: newId(), kind: 'letter', to, body, at: around.now }
  await saves(device, around, draft)
  const actor = device.actors.get(house.id)
  if (actor) keeps(device, around, await device.app.sendDraft(device.store, actor, draft, around.now))
}

/** Words that no zipper makes much smaller: a letter that travels in pieces where connections break. */
const manyWords = (seed: number): string =>
  String.fromCodePoint(
    ...Array.from({ length: 1800 }, (_, nth) => 0x4e00 + ((nth * nth * 7919 + seed * 104_729) % 0x5000)),
  )

/** What was made is saved: it may never be nowhere. */
function keeps(device: Device, { witness }: Around, outcome: Made): boolean {
  if ('refused' in outcome) return false
  device.made.add(outcome.made.id)
  witness.made(outcome.made.id, device)
  return true
}

/** @param which the letter to mend; any, where none is named */
export async function mends(device: Device, around: Around, which?: Id): Promise<void> {
  const held = which ? await device.store.matters.get(which) : await heldIn(device, around, ['returned', 'withdrawn'])
  const actor = held && device.actors.get(held.matter.facility)
  if (!actor) return
  const { tie: to } = held.matter
  const draft: Draft = { id: newId(), kind: 'letter', to, body: `改过的信 ${newId()}`, at: around.now, from: held.id }
  await saves(device, around, draft)
  keeps(device, around, await device.app.sendDraft(device.store, actor, draft, around.now))
}

/** A letter that somebody has only begun: nothing says yet that it is saved. */
export async function begins(device: Device, { now }: Around): Promise<void> {
  await saveDraft({ id: newId(), kind: 'letter', body: '妈妈', at: now }, 'relaxed', device.me.account)
}

/** Every stroke is kept, the pause after the last one strictly: only that is called saved. */
async function saves(device: Device, { chances, witness }: Around, draft: Draft): Promise<void> {
  const strokes = chances.below(3)
  for (let stroke = 1; stroke <= strokes; stroke += 1)
    await saveDraft({ ...draft, body: draft.body.slice(0, 5 * stroke) }, 'relaxed', device.me.account)
  await saveDraft(draft, 'strict', device.me.account)
  witness.hears(draft.body, device)
}

export async function appeals(device: Device, around: Around): Promise<void> {
  const held = await heldIn(device, around, ['withheld'])
  if (held) await decides(device, around, held, 'appeal', new Map([['appeal', { why: '请再看一次' }]]), false)
}

export async function takesBack(device: Device, around: Around): Promise<void> {
  const held = await heldIn(device, around, ['submitted', 'awaitingConsent'])
  const actor = held && device.actors.get(held.matter.facility)
  const body = held?.contents.find(({ seq }) => seq === held.matter.edition)?.input['body']
  if (!actor || typeof body !== 'string') return
  const { now, chances, witness } = around
  const draft: Draft = { id: newId(), kind: 'letter', to: held.matter.tie, body, at: now }
  const outcome = await device.app.takeBack(device.store, actor, held, draft, now)
  // what never left is taken back by undoing it: then it is the draft that may not be lost
  if ('made' in outcome && outcome.made.move === 'submit') {
    device.made.delete(outcome.made.id)
    witness.undone(outcome.made.id)
  } else keeps(device, around, outcome)
  witness.hears(body, device)
  chances.met('takenBack')
  if (chances.hits(0.5)) await device.exchanges(now)
  if (chances.hits(0.5)) await writesOn(device, around, held.id)
}

/** Something is added to a letter taken back, whatever the house is saying of it meanwhile. */
async function writesOn(device: Device, { now, witness }: Around, letter: Id): Promise<void> {
  const drafts = await listDrafts(device.me.account)
  const draft = drafts.find(({ id, from }) => id === letter || from === letter)
  if (!draft) return
  const body = `${draft.body}又及：${newId()}`
  await saveDraft({ ...draft, body, at: now }, 'strict', device.me.account)
  witness.forgets(draft.body)
  witness.hears(body, device)
}

/**
 * A move on one of the letters that this device may make it on.
 *
 * @param mayWait whether it may be one that can be undone for ten seconds
 */
export async function moves(device: Device, around: Around, inputs: Inputs, mayWait: boolean): Promise<void> {
  const { chances, now } = around
  if (chances.hits(0.5)) await device.exchanges(now)
  const able = (await device.store.matters.toArray()).flatMap((held) =>
    [...inputs.keys()].flatMap((move) =>
      kinds.get('letter')?.moves.get(move)?.from.includes(held.matter.state) ? [{ held, move }] : [],
    ),
  )
  if (able.length === 0) return
  const { held, move } = chances.one(able)
  await decides(device, around, held, move, inputs, mayWait && chances.hits(0.5))
  if (chances.hits(0.5)) await device.exchanges(now)
}

/** @param waits whether it can be undone for ten seconds */
export async function decides(
  device: Device,
  around: Around,
  { id, matter }: Held,
  move: string,
  inputs: Inputs,
  waits: boolean,
): Promise<void> {
  const { chances, now } = around
  const { facility, kind } = matter
  const actor = device.actors.get(facility)
  if (!actor) return
  const input = inputs.get(move)
  const wish = { facility, matter: id, kind, move, ...(input && { input }) }
  const outcome = await device.app.make(device.store, actor, wish, now, waits ? { holdMs: 10_000 } : undefined)
  if (keeps(device, around, outcome)) chances.met(`made:${move}`)
}

export async function undoes(device: Device, { chances, witness }: Around): Promise<void> {
  const last = await device.store.outbox.orderBy('id').last()
  if (!last || !(await device.app.undo(device.store, last.id))) return
  device.made.delete(last.id)
  witness.undone(last.id)
  chances.met('undone')
}

export async function heldIn(
  device: Device,
  { chances }: Around,
  states: readonly string[],
): Promise<Held | undefined> {
  const able = await device.store.matters.filter(({ matter }) => states.includes(matter.state)).toArray()
  return able.length === 0 ? undefined : chances.one(able)
}
