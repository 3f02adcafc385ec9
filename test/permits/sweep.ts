// Every cell of both matrices, tried as everybody over HTTP: who may come in where, who may move what in which state, and
// who may read how much of it. What is not named must be refused, and refused like what does not exist.
import { request } from 'node:http'
import type { Role } from '#db/actor.ts'
import { accountHeader, type Result } from '#db/command.ts'
import { permits, type HouseView } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import type { Lifecycle, Move } from '#db/lifecycle.ts'
import type { Change } from '#db/matter.ts'
import { kinds } from '#db/matters/index.ts'
import { protocol } from '#db/upcast.ts'
import { audiences } from '#worker/doors.ts'
import { sends, synced, writes, type Heard, type Province, type Somebody, type Stock } from './province.ts'
import { requests, type Asked } from './requests.ts'
import { routes, type Route } from './routes.ts'

export interface Swept {
  readonly cells: number
  /** cells in which somebody did, read or learned what they may not */
  readonly letThrough: readonly string[]
  /** cells in which somebody was refused what they may */
  readonly shutOut: readonly string[]
}

class Tally implements Swept {
  cells = 0
  readonly letThrough: string[] = []
  readonly shutOut: string[] = []

  try(cell: string, may: boolean, did: boolean, heard: unknown): void {
    this.cells += 1
    if (may === did) return
    const list = did ? this.letThrough : this.shutOut
    list.push(`${cell}: ${JSON.stringify(heard)}`)
  }
}

export async function sweep(province: Province): Promise<Swept> {
  const tally = new Tally()
  await attackRoutes(province, tally)
  await attackMoves(province, tally)
  await attackReads(province, tally)
  await attackDesks(province, tally)
  return tally
}

/** Routes for which no request is known: a new one has to be tried too. */
export const untried = (): string[] => routes().flatMap(({ name }) => (requests.has(name) ? [] : name))

/** Some at a time: whoever comes does not wait for everybody before them. */
async function together<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const hands = Array.from({ length: 8 }, async () => {
    for (const item of waiting) await work(item)
  })
  await Promise.all(hands)
}

// Who may come in where.

async function attackRoutes(province: Province, tally: Tally): Promise<void> {
  const all = routes().flatMap((route) => {
    const asked = requests.get(route.name)
    return asked ? [{ route, asked }] : []
  })
  for (const { asked } of all) await asked.makes(province.standing)
  const before = await written(province)
  const refused = all.flatMap(({ route, asked }) =>
    province.cast.filter((who) => !mayCome(route, asked, who)).map((who) => ({ route, asked, who })),
  )
  await together(refused, ({ route, asked, who }) => isRefused(province, route, asked, who, tally))
  const after = await written(province)
  tally.try('all that was refused, in the record', false, before !== after, after)

  for (const { route, asked } of all) {
    const open = 'to' in (route.door ?? {}) && (route.door as { to: string }).to === 'anybody'
    const heard = new Map<string, string[]>()
    await together(
      province.cast.filter((who) => mayCome(route, asked, who)),
      async (who) => {
        const { status, text } = await ask(province, route, asked, who, province.fresh)
        const { well } = await asked.makes(province.nowhere)
        tally.try(`${who.name}: ${route.name}`, true, well.includes(status), { status, text })
        const same = `${status} ${text.replaceAll(/"challenge":"[^"]*"/g, '')}`
        heard.set(same, [...(heard.get(same) ?? []), who.name])
        if (!(await asked.makes(province.nowhere)).about) return
        const theirs = await ask(province, route, asked, who, province.foreign)
        const none = await ask(province, route, asked, who, { ...province.nowhere, house: province.house })
        tally.try(`${who.name}: ${route.name} about another house’s`, false, !alike(theirs, none), theirs)
      },
    )
    // Whoever holds nothing hears the same, whoever they are otherwise.
    if (open) tally.try(`who is who at ${route.name}`, false, heard.size !== 1, [...heard])
  }
}

async function isRefused(province: Province, route: Route, asked: Asked, who: Somebody, tally: Tally): Promise<void> {
  const there = await ask(province, route, asked, who, province.standing)
  const nowhere = await ask(province, route, asked, who, province.nowhere)
  const refused = [401, 403, 404].includes(there.status) && alike(there, nowhere)
  tally.try(`${who.name}: ${route.name}`, false, !refused, { there, nowhere })
}

const alike = (one: Heard, other: Heard) =>
  one.status === other.status && one.text === other.text && one.headers === other.headers

async function ask(province: Province, route: Route, asked: Asked, who: Somebody, of: Stock): Promise<Heard> {
  const { path = {}, body } = await asked.makes(of)
  const names: Record<string, string> = { facility: of.house, ...path }
  const to = route.path.replaceAll(/:(\w+)/g, (_, name: string) => names[name] ?? '')
  const other = province.cast.find(({ visitor }) => visitor.account && visitor !== who.visitor)?.visitor.account
  const headers = route.name.endsWith('/sign-out') ? { [accountHeader]: other ?? '' } : undefined
  return sends(who.visitor, route.method, to, body, headers)
}

function mayCome({ door }: Route, asked: Asked, who: Somebody): boolean {
  if (asked.may && !asked.may(who)) return false
  if (!door) return false
  if ('may' in door) return permits[door.may].some((role: Role) => who.roles.includes(role))
  return door.to === 'anybody' || audiences[door.to].some((sort) => sort === who.sort)
}

/** How much the house's record and all its rows come to. */
async function written({ db, house }: Province): Promise<string> {
  const count = (sql: string) => db.prepare(sql).bind(house)
  const answers = await db.batch<{ n: number }>([
    count('SELECT count(*) AS n FROM event WHERE facility = ?'),
    count('SELECT count(*) AS n FROM detainee WHERE facility = ?'),
    count('SELECT count(*) AS n FROM kinship WHERE facility = ? AND ended_at IS NULL'),
    count('SELECT count(*) AS n FROM officer WHERE facility = ? AND disabled_at IS NULL'),
    count('SELECT count(*) AS n FROM kiosk WHERE facility = ? AND revoked_at IS NULL'),
    count('SELECT count(*) AS n FROM reach WHERE facility = ?'),
  ])
  return answers.map(({ results }) => results[0]?.n).join(' ')
}

// Who may move what, in which state.

/** What is said with a move, rightly, so that nothing but who it is can be wrong with it. */
const said: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  letter: {
    return: { marks: [{ from: 0, to: 1, reason: 'other', advice: '改一改' }] },
    withhold: { reasons: ['other'], note: '' },
    appeal: { why: '没有别的意思' },
    consent: { document: '同意字1号', until: null },
    close: { because: 'released' },
  },
}

/** Whether it was decided before, appealed against and stands anew: some may not decide it a second time. */
const pasts = ['new', 'decided'] as const
type Past = (typeof pasts)[number]

/** What the relations of the lifecycles mean, said a second time. */
const relations: Readonly<Record<string, (who: Somebody, past: Past) => boolean>> = {
  anyone: () => true,
  own: (who) => who.owner ?? false,
  theirCell: (who) => who.cell ?? false,
  freshEyes: (who, past) => !(past === 'decided' && who.name === 'reviewer'),
  decider: (who, past) => past === 'decided' && who.name === 'reviewer',
}

interface Target {
  readonly state: string
  readonly past: Past
  readonly may: boolean
}

async function attackMoves(province: Province, tally: Tally): Promise<void> {
  for (const [kind, lifecycle] of kinds) {
    const shared = await lettersIn(province, lifecycle)
    const attacks = [...lifecycle.moves].flatMap(([name, move]) =>
      province.cast.map((who) => ({ kind, name, move, who, targets: targetsOf(move, lifecycle, who) })),
    )
    // What takes effect goes one after the other: two that write at once may both be told to come again.
    const [some, none] = [true, false].map((may) =>
      attacks.filter(({ targets }) => may === targets.some(({ may }) => may)),
    )
    await together(none ?? [], (attack) => attackMove(province, attack, shared, tally))
    for (const attack of some ?? []) await attackMove(province, attack, shared, tally)
    const rows = await province.db
      .prepare('SELECT count(*) AS n FROM matter WHERE id IN (SELECT value FROM json_each(?)) AND version > 1')
      .bind(JSON.stringify([...shared.values()]))
      .first<{ n: number }>()
    tally.try(`all ${kind}s that were refused, in the ledger`, false, rows?.n !== 0, rows)
  }
}

interface Attack {
  readonly kind: string
  readonly name: string
  readonly move: Move
  readonly who: Somebody
  readonly targets: readonly Target[]
}

const targetsOf = (move: Move, { states }: Lifecycle, who: Somebody): Target[] =>
  states.flatMap((state) => pasts.map((past) => ({ state, past, may: mayMove(move, state, past, who) })))

async function attackMove(
  province: Province,
  { kind, name, who, targets: wanted }: Attack,
  shared: ReadonlyMap<string, Id>,
  tally: Tally,
): Promise<void> {
  const made = await mothersLetters(
    province,
    wanted.filter(({ may, state }) => may && state !== 'draft'),
  )
  const targets = wanted.map((target) => {
    const { state, past, may } = target
    const matter = state === 'draft' ? newId() : may ? made.shift() : shared.get(`${state} ${past}`)
    return { ...target, matter: matter as Id }
  })
  // Whoever is somebody elsewhere tries it under that house's name too.
  for (const facility of [province.house, ...(who.elsewhere ? [who.elsewhere] : [])]) {
    const unknown = { matter: newId(), state: 'unknown', past: 'new', may: false } as const
    const commands = [...targets, unknown].map(({ matter, state }) => ({
      ...{ id: newId(), facility, matter, kind, move: name, at: Date.now() },
      base: state === 'draft' ? 0 : 1,
      ...inputOf(kind, name, who.tie ?? province.tie),
    }))
    const body = { v: protocol, cursor: {}, limit: 0, ask: [], commands }
    const heard = await sends(who.visitor, 'POST', '/api/sync', body)
    const results = synced(heard)?.results
    for (const [nth, { state, past, may }] of targets.entries()) {
      const result = results?.[nth]
      const cell = `${who.name}: ${kind} ${state} (${past}) --${name}`
      const closed = state === 'draft' && result && 'refused' in result && result.refused.code === 'closed'
      const refused = result === undefined ? heard.status === 401 : closed ? true : isLikeUnknown(result)
      tally.try(
        cell,
        may && facility === province.house,
        result ? !refused : heard.status !== 401,
        result ?? heard.status,
      )
    }
  }
}

const isLikeUnknown = (result: Result) => JSON.stringify(result) === '{"refused":{"code":"not_allowed"}}'

const inputOf = (kind: string, move: string, to: Id): { input?: object } => {
  const input = move === 'submit' ? { to, body: '天冷了，多穿点。' } : said[kind]?.[move]
  return input ? { input } : {}
}

function mayMove(move: Move, state: string, past: Past, who: Somebody): boolean {
  if (!move.from.includes(state)) return false
  if (state === 'draft') return who.mayWrite ?? false // what nobody has sent yet is everybody's own
  return who.roles.some((role) => {
    const relation = move.by[role]
    if (!relation) return false
    const means = relations[relation.name]
    if (!means) throw new Error(`Say in test/permits/sweep.ts what the relation "${relation.name}" means.`)
    return means(who, past)
  })
}

/** One letter of the mother's in every state that the server knows, with each past. */
async function lettersIn(province: Province, { states }: Lifecycle): Promise<ReadonlyMap<string, Id>> {
  const wanted = states.filter((state) => state !== 'draft').flatMap((state) => pasts.map((past) => ({ state, past })))
  const letters = await mothersLetters(province, wanted)
  return new Map(wanted.map(({ state, past }, nth) => [`${state} ${past}`, letters[nth] as Id]))
}

async function mothersLetters(
  { db, house, tie, mother, person, reviewer }: Province,
  wanted: readonly { readonly state: string; readonly past: Past }[],
): Promise<Id[]> {
  const ids = wanted.map(() => newId())
  if (ids.length === 0) return []
  const commands = ids.map((matter, nth) =>
    writes({ facility: house, matter, to: tie, body: secretOf(wanted[nth]?.state ?? '', wanted[nth]?.past ?? 'new') }),
  )
  const heard = await sends(mother, 'POST', '/api/sync', { v: protocol, cursor: {}, limit: 0, ask: [], commands })
  if (synced(heard)?.results.some((result) => !('done' in result))) throw new Error(heard.text)
  const awaits = kinds.get('letter')?.awaits
  await db.batch(
    ids.flatMap((id, nth) => {
      const { state = '', past } = wanted[nth] ?? {}
      const decided = past === 'decided'
      return [
        db
          .prepare('UPDATE matter SET state = ?2, awaits = ?3, decider = ?4, appealed = ?5 WHERE id = ?1')
          .bind(id, state, awaits?.get(state) ?? null, decided ? reviewer : null, decided ? 1 : 0),
        // As if the kiosks of the cell had heard of each: they must see no more of it for that.
        db
          .prepare(
            `INSERT INTO feed (channel, subject, position, what)
             SELECT ?1, ?2, (SELECT max(position) FROM event WHERE matter = ?2), 'matter'`,
          )
          .bind(`person:${person}`, id),
      ]
    }),
  )
  return ids
}

// Who may read how much of what.

const secretOf = (state: string, past: Past) => `秘密·${state}·${past}·。`

async function attackReads(province: Province, tally: Tally): Promise<void> {
  for (const [kind, lifecycle] of kinds) {
    const letters = await lettersIn(province, lifecycle)
    await together(province.cast, async (who) => {
      const bySync = await readBySync(province, who)
      const byQueue = await readByQueue(province, who)
      for (const [which, id] of letters) {
        const [state = '', past = ''] = which.split(' ')
        const may = mayRead(lifecycle, state, who)
        const alone = await sends(who.visitor, 'GET', `/api/houses/${province.house}/matters/${id}`)
        const cell = (way: string) => `${who.name} reads ${kind} ${state} (${past}) ${way}`
        const opens = who.sort === 'officer' && who.roles.length > 0
        const single = alone.status === 200 ? howMuch(JSON.parse(alone.text) as Change, state, past) : undefined
        tally.try(cell('alone'), opens && may !== undefined, single !== undefined, alone)
        tally.try(cell('alone, whole'), opens && may === 'all', single === 'all', alone.status)
        tally.try(cell('by sync'), may !== undefined, bySync.get(id) !== undefined, bySync.get(id))
        tally.try(cell('by sync, whole'), may === 'all', bySync.get(id) === 'all', bySync.get(id))
        const waits = lifecycle.awaits.get(state)
        const queued =
          opens && may !== undefined && waits !== undefined && (waits === 'kiosk' || who.roles.includes(waits))
        tally.try(cell('in a queue'), queued, byQueue.has(id), byQueue.get(id))
        tally.try(cell('in a queue, whole'), queued && may === 'all', byQueue.get(id) === 'all', byQueue.get(id))
      }
    })
  }
  await attackViews(province, tally)
}

type Much = 'all' | 'cover'

function mayRead({ reads }: Lifecycle, state: string, who: Somebody): Much | undefined {
  const readings = who.roles.flatMap((role) => {
    const reading = reads.get(role)
    if (!reading || (reading.states !== 'all' && !reading.states.includes(state))) return []
    if (role === 'relative' && !who.owner) return []
    return role === 'kiosk' && !who.cell ? [] : [reading.what]
  })
  return readings.includes('all') ? 'all' : readings[0]
}

/** How much of a letter an answer holds: its words, or only who and when. */
function howMuch(change: Change, state: string, past: string): Much | undefined {
  if (!('matter' in change)) return undefined
  return JSON.stringify(change).includes(secretOf(state, past as Past)) ? 'all' : 'cover'
}

async function readBySync(province: Province, who: Somebody): Promise<ReadonlyMap<Id, Much>> {
  const read = new Map<Id, Much>()
  const facilities = [province.house, ...(who.elsewhere ? [who.elsewhere] : [])]
  // From the first event on, as no officer's tablet asks, and as one that is new.
  for (const start of [Object.fromEntries(facilities.map((facility) => [facility, 0])), {}]) {
    let cursor: unknown = start
    for (let more = true; more;) {
      const body = { v: protocol, cursor, limit: 512 * 1024, ask: [], commands: [] }
      const answer = synced(await sends(who.visitor, 'POST', '/api/sync', body))
      for (const change of answer?.changes ?? []) keep(read, change)
      more = answer?.more ?? false
      cursor = answer?.cursor
    }
  }
  return read
}

async function readByQueue({ house }: Province, who: Somebody): Promise<ReadonlyMap<Id, Much>> {
  const read = new Map<Id, Much>()
  for (const stands of ['', '&stands=kiosk'])
    for (let after: string | null = ''; after !== null;) {
      const heard = await sends(
        who.visitor,
        'GET',
        `/api/houses/${house}/queue?limit=100${stands}${after && `&after=${after}`}`,
      )
      if (heard.status !== 200) break
      const { changes, next } = JSON.parse(heard.text) as { changes: Change[]; next: string | null }
      for (const change of changes) keep(read, change)
      after = next
    }
  return read
}

function keep(read: Map<Id, Much>, change: Change): void {
  if (!('matter' in change)) return
  const [state = '', past = ''] = /秘密·([^·]*·[^·]*)·/.exec(JSON.stringify(change))?.[1]?.split('·') ?? []
  read.set(change.matter.id, state ? (howMuch(change, state, past) as Much) : 'cover')
}

/** What of a house's view is whose to see. */
const lists = { claims: 'claims', invites: 'invites', officers: 'reset', kiosks: 'kiosks', consents: 'view' } as const

async function attackViews(province: Province, tally: Tally): Promise<void> {
  const { house, cast } = province
  const tie = await province.standing.tie()
  await province.standing.claim()
  const admin = cast.find(({ name }) => name === 'admin')?.visitor
  await admin?.post(`/api/houses/${house}/invites`, { person: province.person, kin: 'parent', name: '家属' })
  await admin?.post(`/api/houses/${house}/consents`, { tie, kind: 'letter', until: null, document: '同意字1号' })
  for (const who of cast) {
    const heard = await sends(who.visitor, 'GET', `/api/houses/${house}`)
    const view = heard.status === 200 ? (JSON.parse(heard.text) as HouseView) : undefined
    for (const [list, action] of Object.entries(lists)) {
      const sees = (view?.[list as keyof typeof lists].length ?? 0) > 0
      const may = [permits.view, permits[action]].every((roles) => roles.some((role: Role) => who.roles.includes(role)))
      tally.try(`${who.name} sees the ${list} of the house`, may, sees, heard.status)
    }
  }
}

// The live desk.

async function attackDesks({ house, cast, url }: Province, tally: Tally): Promise<void> {
  for (const who of cast) {
    const may = who.sort === 'officer' && who.roles.length > 0
    const [there, nowhere] = [await upgrades(url, who, house), await upgrades(url, who, newId())]
    tally.try(`${who.name} at the live desk`, may, there === 101, there)
    if (!may) tally.try(`${who.name} at a live desk that is nowhere`, false, there !== nowhere, { there, nowhere })
  }
}

/** @returns the status of the answer to a WebSocket's handshake */
async function upgrades(url: string, { visitor }: Somebody, house: Id): Promise<number> {
  const path = `/api/houses/${house}/desk`
  const signature = await visitor.key?.signs(visitor.account, 'GET', path, '')
  return new Promise((resolve, reject) => {
    const asking = request(`${url}${path}`, {
      headers: {
        ...signature,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(visitor.account && { 'x-etongban-account': visitor.account }),
      },
    })
    asking.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve(101)
    })
    asking.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asking.on('error', reject)
    asking.end()
  })
}
