// Who may read how much of what: each letter in each state, by every way there is to it, and the lists of a house.
import type { Role } from '#db/actor.ts'
import { permits, type HouseAction, type HouseView } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import type { Lifecycle } from '#db/lifecycle.ts'
import type { Change } from '#db/matter.ts'
import { kinds } from '#db/matters/index.ts'
import { protocol } from '#db/upcast.ts'
import { lettersIn, secretOf, type Past } from './letters.ts'
import { sends, synced, type Province, type Somebody } from './province.ts'
import { together, type Tally } from './tally.ts'

export async function attackReads(province: Province, tally: Tally): Promise<void> {
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
const lists = {
  claims: 'claims',
  invites: 'invites',
  officers: 'reset',
  kiosks: 'kiosks',
  consents: 'view',
  engagements: 'engagements',
} as const satisfies Partial<Record<keyof HouseView, HouseAction>>

export async function attackViews(province: Province, tally: Tally): Promise<void> {
  const { house, cast } = province
  const tie = await province.standing.tie()
  await province.standing.claim()
  await province.standing.engagement()
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
