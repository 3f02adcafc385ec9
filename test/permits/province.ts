// Two houses and everybody who might come to their doors. What somebody is, is said here and looked up nowhere.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { officerRoles, type OfficerRole, type Role } from '#db/actor.ts'
import type { SyncAnswer } from '#db/command.ts'
import { newId, type Id } from '#db/id.ts'
import { hires, newHouseForm, opens, startServer, Visitor } from '#test/server.ts'
import type { Holder } from '#worker/start/licences.ts'

/** Somebody, and what they are to the house that is attacked and to the mother's letters in it. */
export interface Somebody {
  readonly name: string
  readonly visitor: Visitor
  /** undefined for whoever is not signed in, or not any more */
  readonly sort: 'relative' | 'officer' | 'kiosk' | undefined
  /** in the house; of `relative` all who have a tie there, or had one */
  readonly roles: readonly Role[]
  /** the letters are theirs */
  readonly owner?: true
  /** the person of the letters is in their cell */
  readonly cell?: true
  /** their own tie in the house, one that has ended or is banned too, and whether they may write under it */
  readonly tie?: Id
  readonly mayWrite?: true
  /** another house, in which they are somebody */
  readonly elsewhere?: Id
  /** what they have asked of the house, and nobody else's */
  readonly own?: Partial<Pick<Stock, 'claim' | 'engagement' | 'engaged' | 'licence'>>
  /** how the registry lets them act as a lawyer */
  readonly standing?: 'valid' | 'suspended'
}

/** What a request is about. Each is in the house that is attacked, in another house, or nowhere. */
export interface Stock {
  readonly house: Id
  readonly person: () => Promise<Id>
  readonly tie: () => Promise<Id>
  readonly claim: () => Promise<Id>
  readonly paper: () => Promise<{ readonly claim: Id; readonly hash: string }>
  /** that the desk has not decided */
  readonly engagement: () => Promise<Id>
  /** that it has accepted */
  readonly engaged: () => Promise<Id>
  readonly engagementPaper: () => Promise<{ readonly engagement: Id; readonly hash: string }>
  /** what a lawyer says of themselves */
  readonly licence: () => Promise<object>
  readonly mandate: () => Promise<Id>
  readonly signed: () => Promise<{ readonly mandate: Id; readonly hash: string }>
  readonly kiosk: () => Promise<Id>
  readonly officer: () => Promise<Id>
  readonly matter: () => Promise<Id>
}

export interface Province {
  readonly url: string
  readonly db: D1Database
  readonly house: Id
  readonly cast: readonly Somebody[]
  /** to whom the mother writes, and under which tie */
  readonly person: Id
  readonly tie: Id
  readonly mother: Visitor
  /** the account of the reviewer who has decided what is decided */
  readonly reviewer: Id
  /** there, and meant to stay as it is */
  readonly standing: Stock
  /** made anew each time, for whoever may do something to it */
  readonly fresh: Stock
  /** another house's, under the name of this one */
  readonly foreign: Stock
  readonly nowhere: Stock
  readonly stop: () => Promise<void>
}

export const born = '1990-03-07'
const holders = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../worker/start/licences.json'), 'utf8'),
) as readonly Holder[]
let advocates = 0
/** Of a number that the registry has never heard of, and each time another one. */
const unknownLicence = () => ({
  ...{ grade: 'lawyer', licence: `13302202011${String(100_000 + Number(next()))}`, firm: '某某律师事务所' },
  document: { kind: 'passport', number: 'E12345678', name: '某某' },
})
let numbers = 0
const next = () => String((numbers += 1)).padStart(4, '0')

export async function province(): Promise<Province> {
  const served = await startServer()
  const { url, db } = served
  const one = await opens(url, 'songling')
  const other = await opens(url, 'qinglin')
  const here = making(one.admin, one.house, one.at)
  const there = making(other.admin, other.house, other.at)

  const [zhang, li] = [await here.admit('3-02'), await here.admit('3-05')]
  const { visitor: mother, tie } = await here.tied(zhang)
  const father = await here.tied(zhang)
  const wife = await here.tied(li)
  const once = await here.tied(zhang)
  await one.admin.does(`${one.at}/kinships/${once.tie}/end`, {})
  const banned = await here.tied(zhang)
  const ban = { until: Date.now() + 24 * 3_600_000, reason: 'other', note: '' }
  await one.admin.does(`${one.at}/kinships/${banned.tie}/ban`, ban)
  const abroad = await there.tied(await there.admit('1-01'))
  const stranger = await somebody(url)
  const claimant = await here.claims()
  const advocates = { one: await here.advocate(), other: await here.advocate() }
  const suspended = await here.advocate('suspended')
  const abroadToo = await there.advocate()
  await there.engages(abroadToo.visitor)

  const officers = new Map<OfficerRole, Visitor>()
  for (const role of officerRoles) officers.set(role, await hires(one.admin, one.at, `${role}-${next()}`, [role]))
  const second = await hires(one.admin, one.at, '周审核', ['reviewer'])
  const theirs = await hires(other.admin, other.at, '吴外单位', [...officerRoles])

  const disabled = await hires(one.admin, one.at, '郑停用', [...officerRoles])
  await one.admin.does(`${one.at}/officers/${disabled.account}/disable`, {})
  // still somebody, in a house of her own, and known to have been here
  const formerly = await hires(one.admin, one.at, '陈曾任', [...officerRoles])
  const own = (await formerly.does<{ id: Id }>('/api/houses', newHouseForm('xiufeng'))).id
  await one.admin.does(`${one.at}/officers/${formerly.account}/disable`, {})
  await restoreSession(db, formerly)
  const ended = await hires(one.admin, one.at, '孙已退', [...officerRoles])
  await endSession(ended)

  const cellKiosk = await here.device('3-02')
  const otherKiosk = await here.device('3-05')
  const theirKiosk = await there.device('3-02')
  const revoked = await here.device('3-02')
  await one.admin.does(`${one.at}/kiosks/${revoked.account}/revoke`, {})

  const disguised = new Visitor(url)
  Object.assign(disguised, { account: cellKiosk.account, key: otherKiosk.key })

  const forged = new Visitor(url)
  forged.account = one.admin.account
  forged.cookies.set('etb', (mother.cookies.get('etb') ?? '').replace(/^./, 'B'))
  forged.cookies.set('etongban.session_token', `${'a'.repeat(32)}.${'b'.repeat(43)}%3D`)

  const relative = { sort: 'relative', roles: ['relative'] } as const
  const cast: Somebody[] = [
    { name: 'nobody', visitor: new Visitor(url), sort: undefined, roles: [] },
    { name: 'forged cookies', visitor: forged, sort: undefined, roles: [] },
    { name: 'the mother', visitor: mother, ...relative, owner: true, tie, mayWrite: true },
    { name: 'another relative of his', visitor: father.visitor, ...relative, tie: father.tie, mayWrite: true },
    { name: 'a relative of another', visitor: wife.visitor, ...relative, tie: wife.tie, mayWrite: true },
    { name: 'a relative whose tie has ended', visitor: once.visitor, ...relative, tie: once.tie },
    { name: 'a banned relative', visitor: banned.visitor, ...relative, tie: banned.tie },
    {
      name: 'a relative in another house',
      visitor: abroad.visitor,
      sort: 'relative',
      roles: [],
      elsewhere: other.house,
    },
    { name: 'a stranger', visitor: stranger, sort: 'relative', roles: [] },
    {
      name: 'somebody who has asked to be tied',
      visitor: claimant.visitor,
      sort: 'relative',
      roles: [],
      own: { claim: () => Promise.resolve(claimant.claim) },
    },
    { name: 'a lawyer', visitor: advocates.one.visitor, ...acting(here, advocates.one) },
    { name: 'another lawyer', visitor: advocates.other.visitor, ...acting(here, advocates.other) },
    {
      name: 'a suspended lawyer',
      visitor: suspended.visitor,
      sort: 'relative',
      roles: [],
      standing: 'suspended',
      own: { licence: () => Promise.resolve(suspended.licence) },
    },
    {
      name: 'a lawyer in another house',
      visitor: abroadToo.visitor,
      sort: 'relative',
      roles: [],
      elsewhere: other.house,
      standing: 'valid',
      own: { licence: () => Promise.resolve(abroadToo.licence) },
    },
    ...[...officers].map(([role, visitor]): Somebody => ({ name: role, visitor, sort: 'officer', roles: [role] })),
    { name: 'another reviewer', visitor: second, sort: 'officer', roles: ['reviewer'] },
    { name: 'an officer of another house', visitor: theirs, sort: 'officer', roles: [], elsewhere: other.house },
    { name: 'an officer whose post has ended', visitor: formerly, sort: 'officer', roles: [], elsewhere: own },
    { name: 'a disabled officer', visitor: disabled, sort: undefined, roles: [] },
    { name: 'an officer who has signed out', visitor: ended, sort: undefined, roles: [] },
    { name: 'the kiosk', visitor: cellKiosk, sort: 'kiosk', roles: ['kiosk'], cell: true },
    { name: 'the kiosk of another cell', visitor: otherKiosk, sort: 'kiosk', roles: ['kiosk'] },
    { name: 'a kiosk of another house', visitor: theirKiosk, sort: 'kiosk', roles: [], elsewhere: other.house },
    { name: 'a kiosk taken away', visitor: revoked, sort: undefined, roles: [] },
    { name: 'a kiosk in the name of another', visitor: disguised, sort: undefined, roles: [] },
  ]
  for (const [nth, { visitor }] of cast.entries()) visitor.address = `198.51.100.${nth + 1}`

  return {
    ...{ url, db, house: one.house, cast, person: zhang, tie, mother, stop: served.stop },
    reviewer: officers.get('reviewer')?.account as Id,
    fresh: here,
    standing: kept(here),
    foreign: { ...kept(there), house: one.house },
    nowhere: nowhere(),
  }
}

/** Somebody new with a telephone, signed in. */
async function somebody(url: string): Promise<Visitor> {
  const number = next()
  const visitor = await Visitor.signedIn(url, `+8615300${number.padStart(6, '0')}`)
  visitor.address = `10.0.${Math.floor(Number(number) / 250)}.${Number(number) % 250}`
  return visitor
}

/** What a lawyer is, who asks and is accepted as often as it takes. */
const acting = (here: Making, { visitor, licence }: Advocate) =>
  ({
    sort: 'relative',
    roles: [],
    standing: 'valid',
    own: {
      engagement: () => here.engages(visitor),
      engaged: () => here.accepted(visitor),
      licence: () => Promise.resolve(licence),
    },
  }) as const

interface Advocate {
  readonly visitor: Visitor
  readonly licence: object
}

interface Making extends Stock {
  readonly admit: (cell: string) => Promise<Id>
  readonly tied: (person: Id) => Promise<{ readonly visitor: Visitor; readonly tie: Id }>
  readonly device: (cell: string) => Promise<Visitor>
  readonly claims: () => Promise<{ readonly visitor: Visitor; readonly claim: Id }>
  /** somebody new whom the registry knows */
  readonly advocate: (standing?: Holder['standing']) => Promise<Advocate>
  readonly engages: (lawyer: Visitor) => Promise<Id>
  readonly accepted: (lawyer: Visitor) => Promise<Id>
}

/** A house in which all that is asked for is made. */
function making(admin: Visitor, house: Id, at: string): Making {
  const { url } = admin
  const admit = async (cell: string) => {
    const form = { number: next(), name: `在押${next()}`, status: 'serving', cell }
    return (await admin.does<{ id: Id }>(`${at}/people`, form)).id
  }
  const tied = async (person: Id) => {
    const { code } = await admin.does<{ code: string }>(`${at}/invites`, {
      person,
      kin: 'parent',
      name: `家属${next()}`,
    })
    const visitor = await somebody(url)
    const { tie } = await visitor.does<{ tie: { id: Id } }>('/api/invites/take', { code })
    return { visitor, tie: tie.id }
  }
  const claims = async () => {
    const visitor = await somebody(url)
    const said = { id: newId(), house, person: '某某', born, name: '家属', kin: 'parent' }
    return { visitor, claim: (await visitor.does<{ id: Id }>('/api/claims', said)).id }
  }
  const advocate = async (standing: Holder['standing'] = 'valid') => {
    const visitor = await somebody(url)
    visitor.address = `192.0.2.${(advocates += 1) % 256}`
    const able = holders.filter((one) => one.grade === 'lawyer' && one.standing === standing)
    const { grade, licence, firm, name, document } = able[advocates % able.length] as Holder
    const stated = { grade, licence, firm, document: { ...document, name } }
    await visitor.does('/api/lawyers/me', stated)
    return { visitor, licence: stated }
  }
  const engages = async (lawyer: Visitor) => {
    const asked = { id: newId(), house, person: `委托${next()}`, born, ground: 'entrusted' }
    return (await lawyer.does<{ id: Id }>('/api/engagements', asked)).id
  }
  const accepted = async (lawyer: Visitor) => {
    const engagement = await engages(lawyer)
    await admin.does(`${at}/engagements/${engagement}/accept`, { person: await admit('9-09') })
    return engagement
  }
  const mandated = async () => {
    const { tie } = await tied(await admit('9-09'))
    const said = { name: '某某', until: Date.now() + 24 * 3_600_000 }
    return admin.does<{ id: Id }>(`${at}/mandates/${tie}`, said)
  }
  const hung = (cell: string) =>
    admin.does<{ id: Id; code: string }>(`${at}/kiosks`, { name: `${cell} ${next()}`, cell })
  return {
    house,
    ...{ admit, tied, claims, advocate, engages, accepted },
    device: async (cell) => {
      const { code } = await hung(cell)
      return (await Visitor.kiosk(url, code)).device
    },
    person: () => admit('9-09'),
    tie: async () => (await tied(await admit('9-09'))).tie,
    claim: async () => (await claims()).claim,
    paper: async () => {
      const { visitor, claim } = await claims()
      const { hash, bytes } = photo()
      await sends(visitor, 'PUT', `/api/claims/${house}/${claim}/papers/${hash}`, bytes)
      return { claim, hash }
    },
    engagement: async () => engages((await advocate()).visitor),
    engaged: async () => accepted((await advocate()).visitor),
    engagementPaper: async () => {
      const { visitor: lawyer } = await advocate()
      const engagement = await engages(lawyer)
      const { hash, bytes } = photo()
      await sends(lawyer, 'PUT', `/api/engagements/${house}/${engagement}/papers/${hash}`, bytes)
      return { engagement, hash }
    },
    licence: () => Promise.resolve(unknownLicence()),
    mandate: async () => (await mandated()).id,
    signed: async () => {
      const { id } = await mandated()
      const { hash, bytes } = photo()
      await sends(admin, 'PUT', `${at}/mandates/${id}/paper/${hash}`, bytes)
      return { mandate: id, hash }
    },
    kiosk: async () => (await hung('9-09')).id,
    officer: async () =>
      (await admin.does<{ account: Id }>(`${at}/officers`, { name: '某某', roles: ['desk'] })).account,
    matter: async () => {
      const { visitor, tie } = await tied(await admit('9-09'))
      const matter = newId()
      await visitor.syncs(writes({ facility: house, matter, to: tie, body: '天冷了。' }))
      return matter
    },
  }
}

/** The same things each time. */
function kept(stock: Stock): Stock {
  const made = new Map<string, Promise<unknown>>()
  const keep =
    <Value>(name: string, make: () => Promise<Value>) =>
    () => {
      if (!made.has(name)) made.set(name, make())
      return made.get(name) as Promise<Value>
    }
  return {
    house: stock.house,
    person: keep('person', stock.person),
    tie: keep('tie', stock.tie),
    claim: keep('claim', stock.claim),
    paper: keep('paper', stock.paper),
    engagement: keep('engagement', stock.engagement),
    engaged: keep('engaged', stock.engaged),
    engagementPaper: keep('engagementPaper', stock.engagementPaper),
    licence: stock.licence,
    mandate: keep('mandate', stock.mandate),
    signed: keep('signed', stock.signed),
    kiosk: keep('kiosk', stock.kiosk),
    officer: keep('officer', stock.officer),
    matter: keep('matter', stock.matter),
  }
}

function nowhere(): Stock {
  const id = () => Promise.resolve(newId())
  const hash = 'd'.repeat(64)
  const paper = () => Promise.resolve({ claim: newId(), hash })
  const engagementPaper = () => Promise.resolve({ engagement: newId(), hash })
  const signed = () => Promise.resolve({ mandate: newId(), hash })
  return {
    ...{ house: newId(), person: id, tie: id, claim: id, paper, kiosk: id, officer: id, matter: id },
    ...{ engagement: id, engaged: id, engagementPaper, licence: () => Promise.resolve(unknownLicence()) },
    ...{ mandate: id, signed },
  }
}

export const writes = ({ facility, matter, to, body }: { facility: Id; matter: Id; to: Id; body: string }) => ({
  ...{ id: newId(), facility, matter, kind: 'letter', move: 'submit', base: 0, at: Date.now() },
  input: { to, body },
})

export function photo(): { readonly bytes: Uint8Array<ArrayBuffer>; readonly hash: string } {
  const bytes = crypto.getRandomValues(new Uint8Array(64))
  bytes.set([0xff, 0xd8, 0xff])
  return { bytes, hash: createHash('sha256').update(bytes).digest('hex') }
}

export interface Heard {
  readonly status: number
  readonly text: string
  /** names of its headers, and what those say that are the same each time */
  readonly headers: string
}

/** One request as somebody's browser sends it; what it sets as cookies is not kept, so that everybody stays who they are. */
export async function sends(
  who: Visitor,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Heard> {
  const bytes = body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : undefined
  const words = bytes ?? (body === undefined ? '' : JSON.stringify(body))
  const answer = await fetch(`${who.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(await who.key?.signs(who.account, method, path, words)),
      cookie: [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      origin: who.url,
      'accept-encoding': 'identity',
      'content-type': bytes ? 'image/jpeg' : 'application/json',
      ...(who.account && { 'x-etongban-account': who.account }),
      ...(who.address && { 'cf-connecting-ip': who.address }),
      ...headers,
    },
    ...(body !== undefined && { body: words }),
  })
  const told = [...answer.headers].filter(([name]) => name !== 'date' && name !== 'set-cookie')
  return { status: answer.status, text: await answer.text(), headers: JSON.stringify(told) }
}

/** What a sync was answered; undefined where it was refused as a whole. */
export const synced = ({ status, text }: Heard): SyncAnswer | undefined =>
  status === 200 ? (JSON.parse(text) as SyncAnswer) : undefined

/** Signs somebody out, who keeps the cookies as they were. */
async function endSession(who: Visitor): Promise<void> {
  await sends(who, 'POST', '/api/identity/sign-out', {})
}

/** A session of an account whose sessions were ended with a post: as if they had signed in again since. */
async function restoreSession(db: D1Database, who: Visitor): Promise<void> {
  const token = decodeURIComponent(who.cookies.get('etongban.session_token') ?? '').split('.')[0] ?? ''
  const now = Date.now()
  await db
    .prepare(`INSERT INTO session (id, token, user_id, expires_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)`)
    .bind(newId(), token, who.account, now + 86_400_000, now, now)
    .run()
}
