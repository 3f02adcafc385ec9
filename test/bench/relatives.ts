// How somebody new becomes a relative: by the house's doors, an invite of its admin that is taken.
import { people, relatives } from '#db/demo/qingshan.ts'
import type { HouseView } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import type { Tie } from '#db/matter.ts'
import { opens, Visitor } from '#test/server.ts'

/** Where the relatives of one person come in. */
export interface Door {
  readonly admin: Visitor
  /** where the house's administration is reached */
  readonly at: string
  readonly person: Id
}

/** To the mother's son in the demo house. */
export async function demoDoor(server: string): Promise<Door> {
  const admin = await Visitor.signedIn(server, 'admin')
  const { posts } = (await admin.ask('GET', '/api/me')).said as { posts: { house: { id: Id } }[] }
  const at = `/api/houses/${posts[0]?.house.id}`
  const { said } = await admin.ask('GET', at)
  const person = (said as HouseView).people.find(({ number }) => number === people[relatives.mother.person].number)
  if (!person) throw new Error('nobody has a mother in the demo house')
  return { admin, at, person: person.id }
}

/** To the first person of a house that is opened for it. */
export async function newDoor(server: string, code: string): Promise<Door> {
  const { admin, at } = await opens(server, code)
  const { said } = await admin.post(`${at}/people`, { number: '0001', name: '张伟', status: 'serving', cell: '3-02' })
  return { admin, at, person: (said as { id: Id }).id }
}

/** @param nth tells the relatives of a bench apart; 60,000 at most */
export const newRelative = (server: string, nth: number): Promise<Visitor> =>
  Visitor.signedIn(server, `+86137${String(nth).padStart(8, '0')}`)

export async function tie({ admin, at, person }: Door, relative: Visitor, nth: number): Promise<Tie> {
  const invite = await admin.post(`${at}/invites`, { person, kin: 'parent', name: '张秀兰' })
  const { code } = invite.said as { code: string }
  // Each from an address of their own, as the edge would say of different phones: invites are counted by it.
  const address = `203.0.${Math.floor(nth / 250)}.${nth % 250}`
  const taken = await relative.ask('POST', '/api/invites/take', { code }, { 'cf-connecting-ip': address })
  return (taken.said as { tie: Tie }).tie
}
