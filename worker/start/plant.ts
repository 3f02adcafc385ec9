// Plants the two demo houses through the product's own doors: what it shows is what the product does.
import type { Command } from '#db/command.ts'
import * as linxi from '#db/demo/linxi.ts'
import * as qingshan from '#db/demo/qingshan.ts'
import type { DemoLawyer, DemoLetter, DemoOfficer, DemoRelative, DemoStep } from '#db/demo/qingshan.ts'
import type { AddKiosk, AdmitPerson, HouseView, OfficerCode, OpenHouse } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import type { Tie } from '#db/matter.ts'
import { Caller } from './caller.ts'

/** A house, as a file of db/demo describes it. */
interface Demo {
  readonly house: OpenHouse
  readonly officers: Readonly<Record<'reviewer' | 'desk' | 'keeper', DemoOfficer>>
  readonly people: Readonly<Record<string, AdmitPerson>>
  readonly kiosks: Readonly<Record<string, AddKiosk>>
  readonly relatives: Readonly<Record<string, DemoRelative>>
  readonly letters: readonly DemoLetter[]
  readonly lawyer?: DemoLawyer
}

/** What only the moment of planting knows. */
export interface Planted {
  readonly pins: readonly { readonly number: string; readonly pin: string }[]
}

/** @param url of a server with an empty database, whose secret `FOUNDING_CODE` is `founding` */
export async function plant(url: string, founding: string): Promise<Planted> {
  const pins = [...(await plantHouse(url, founding, qingshan)), ...(await plantHouse(url, founding, linxi))]
  return { pins }
}

/** @returns the PINs of its people */
async function plantHouse(url: string, founding: string, demo: Demo): Promise<Planted['pins']> {
  const { house, officers, people, kiosks, relatives, letters, lawyer } = demo
  const { admin, id } = await Caller.found(url, founding, house)
  const at = `/api/houses/${id}`
  const codes = new Map<string, string>()
  for (const [name, officer] of Object.entries(officers))
    codes.set(name, (await admin.post<OfficerCode>(`${at}/officers`, officer)).code)
  const comes = (name: keyof Demo['officers']) => Caller.enrol(url, codes.get(name) ?? '')
  for (const kiosk of Object.values(kiosks)) await admin.post(`${at}/kiosks`, kiosk)

  const pins: { number: string; pin: string }[] = []
  for (const person of Object.values(people)) {
    const { pin } = await admin.post<{ pin: string }>(`${at}/people`, person)
    pins.push({ number: person.number, pin })
  }

  const view = await admin.get<HouseView>(at)
  const desk = await comes('desk')
  const families = new Map<string, Family>()
  for (const [name, relative] of Object.entries(relatives))
    families.set(name, await tie(url, admin, desk, view, relative, people[relative.person]?.number))

  const reviewer = await comes('reviewer')
  const keeper = await comes('keeper')
  for (const letter of letters) {
    const family = families.get(letter.from)
    if (family) await write(letter, family, reviewer, keeper)
  }
  if (lawyer) await act(url, lawyer, desk, view, people)
  // What they came in with is thrown away: whoever tries the house registers a passkey of their own.
  for (const { account } of [desk, reviewer, keeper]) await admin.post(`${at}/officers/${account}/reset`)
  return pins
}

interface Family {
  readonly caller: Caller
  readonly tie: Tie
}

async function tie(
  url: string,
  admin: Caller,
  desk: Caller,
  view: HouseView,
  relative: DemoRelative,
  number: string | undefined,
): Promise<Family> {
  const at = `/api/houses/${view.house.id}`
  const person = view.people.find((person) => person.number === number)?.id
  const { name, kin, phone, consent } = relative
  const { code } = await admin.post<{ code: string }>(`${at}/invites`, { person, kin, name })
  const caller = await Caller.signIn(url, phone)
  const { tie } = await caller.post<{ tie: Tie }>('/api/invites/take', { code })
  if (consent) await desk.post(`${at}/consents`, { tie: tie.id, kind: 'letter', until: null, document: consent })
  return { caller, tie }
}

/** Somebody states a licence, and says for whom they act; the desk accepts what the house has accepted. */
async function act(
  url: string,
  { phone, licence, firm, document, actsFor }: DemoLawyer,
  desk: Caller,
  { house, people }: HouseView,
  inside: Demo['people'],
): Promise<void> {
  const caller = await Caller.signIn(url, phone)
  await caller.post('/api/lawyers/me', { grade: 'lawyer', licence, firm, document })
  for (const { person, ground, accepted } of actsFor) {
    const { number, name, born } = inside[person] ?? {}
    const { id } = await caller.post<{ id: Id }>('/api/engagements', {
      ...{ id: newId(), house: house.id, person: name, born, ground },
    })
    const meant = people.find((one) => one.number === number)?.id
    if (accepted) await desk.post(`/api/houses/${house.id}/engagements/${id}/accept`, { person: meant })
  }
}

async function write(letter: DemoLetter, { caller, tie }: Family, reviewer: Caller, keeper: Caller): Promise<void> {
  const matter = newId()
  const command = (move: string, input?: object): Command => ({
    id: newId(),
    facility: tie.house.id,
    matter,
    kind: 'letter',
    move,
    base: 1, // only its first step brought text
    at: Date.now(),
    ...(input && { input: { ...input } }),
  })
  await caller.does({ ...command('submit', { to: tie.id, body: letter.body }), base: 0 })
  for (const step of letter.then ?? [])
    await who(step, caller, reviewer, keeper).does(command(step.move, said(step, letter)))
}

function who(step: DemoStep, relative: Caller, reviewer: Caller, keeper: Caller): Caller {
  if (step.move === 'deliver') return keeper
  return step.move === 'withdraw' || step.move === 'appeal' ? relative : reviewer
}

function said(step: DemoStep, { body }: DemoLetter): object | undefined {
  switch (step.move) {
    case 'return': {
      const { passage, reason, advice } = step
      const from = body.indexOf(passage)
      return { marks: [{ from, to: from + passage.length, reason, advice }] }
    }
    case 'withhold':
      return { reasons: step.reasons, note: step.note }
    case 'appeal':
      return { why: step.why }
    default:
      return undefined
  }
}
