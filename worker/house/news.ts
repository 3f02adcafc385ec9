// What the administration's steps tell those whom they concern, through the same feed as everything else.
import type { Id } from '#db/id.ts'
import { channels } from '../sync/feed.ts'
import type { FeedEntry } from '../sync/tell.ts'

type News = Pick<FeedEntry, 'channel' | 'subject' | 'what'>

/** A relative hears anew what is open under their tie. */
export const tieNews = (facility: Id, tie: { readonly id: Id; readonly account: Id }): News => ({
  channel: channels.account(facility, tie.account),
  subject: tie.id,
  what: 'tie',
})

/** A matter leaves a relative's phone. */
export const goneNews = (facility: Id, account: Id, matter: Id): News => ({
  channel: channels.account(facility, account),
  subject: matter,
  what: 'gone',
})

/** The kiosks of a cell hear anew who somebody is, or that they are gone from it. */
export const inmateNews = (facility: Id, cell: string, person: Id, what: 'inmate' | 'gone'): News => ({
  channel: channels.cell(facility, cell),
  subject: person,
  what,
})
