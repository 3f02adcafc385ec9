// The product's own phone, in Node over an IndexedDB in memory: its store, its loop, its waiting.
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import type { Actor } from '#db/actor.ts'
import type { Command } from '#db/command.ts'
import { newId, type Id } from '#db/id.ts'
import { fetchLink, type Link } from '#web/outbox/link.ts'
import { startSync } from '#web/outbox/live.ts'
import { make } from '#web/outbox/make.ts'
import { openStore } from '#web/outbox/store.ts'
import type { Visitor } from '#test/server.ts'
import { demoDoor, newRelative, tie as tieTo } from '../relatives.ts'
import { Wire } from '../wire.ts'
import { until, type Device, type Home, type Run, type Tally, type Transport } from './client.ts'

/** How a disk keeps it changes nothing on the wire. */
const noKey = () => Promise.resolve(undefined)

/** What a page has and Node has not: nobody hides it, and it hears of no network, but knows how its requests travelled. */
function openPage(transport: Transport): void {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  Object.assign(globalThis, {
    document: page,
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  })
  const timing = { name: '/api/sync', nextHopProtocol: transport === 'tls' ? 'h2' : 'http/1.1' }
  performance.getEntriesByType = () => [timing as unknown as PerformanceEntry]
}

/** A relative who is new to the demo house. */
export async function etongbanHome({ server, nth, transport }: Run): Promise<Home> {
  openPage(transport)
  const relative = await newRelative(server, nth)
  const tie = await tieTo(await demoDoor(server), relative, nth)
  const account = relative.account as Id
  /** every body that went onto a wire: of which letter, and when */
  const sent: { matter: Id; at: number }[] = []

  const watched = (link: Link): Link => ({
    ...link,
    send(whose, cargo) {
      if (cargo.body.byteLength > 0)
        for (const { matter } of cargo.request.commands as Command[]) sent.push({ matter, at: Date.now() })
      return link.send(whose, cargo)
    },
  })

  return {
    async device(url, certificate): Promise<Device> {
      const wire = new Wire(url, relative, certificate)
      const store = openStore(account, noKey, { indexedDB: new IDBFactory(), IDBKeyRange })
      const link = watched(fetchLink(wire.fetch))
      const whileOpen = async (so: () => Promise<boolean>) => {
        const live = startSync(store, { link })
        await until(so)
        live.stop()
      }
      return {
        opens: () => whileOpen(async () => (await store.ties.count()) > 0),
        async writes(bodies) {
          const who: Actor = { account, facility: tie.house.id, roles: ['relative'] }
          for (const body of bodies) {
            const input = { to: tie.id, body }
            const wish = { facility: tie.house.id, matter: newId(), kind: 'letter', move: 'submit', input } as const
            const outcome = await make(store, who, wish, Date.now())
            if ('refused' in outcome) throw new Error(`the phone refused a letter: ${outcome.refused.code}`)
          }
        },
        sends: () => whileOpen(async () => (await store.outbox.count()) === 0),
        hears: (count) => whileOpen(async () => (await store.matters.count()) >= count),
        requests: () => wire.requests,
        async stop() {
          wire.stop()
        },
      }
    },

    async tally(): Promise<Tally> {
      const filed = await lettersOf(relative)
      // The house's clock and this one are the same: a body that left after its letter had been filed left in vain.
      const filedAt = new Map(filed.map(({ id, at }) => [id, at]))
      return {
        letters: filed.map(({ body }) => body),
        duplicates: filed.length - new Set(filed.map(({ body }) => body)).size,
        resent: sent.filter(({ matter, at }) => at > (filedAt.get(matter) ?? Infinity)).length,
      }
    },
  }
}

async function lettersOf(relative: Visitor): Promise<{ id: Id; at: number; body: string }[]> {
  const filed: { id: Id; at: number; body: string }[] = []
  for (let more = true; more;) {
    const answer = await relative.syncs()
    for (const change of answer.changes)
      if ('matter' in change)
        filed.push({
          id: change.matter.id,
          at: change.matter.since,
          body: change.contents[0]?.input['body'] as string,
        })
    more = answer.more
  }
  return filed
}
