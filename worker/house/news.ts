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

/**
 * All matters under a tie leave its relative's phone, in the batch whose last event ends it: also what has been written
 * since the tie was looked at.
 */
export const allGone = (db: D1Database, facility: Id, tie: { readonly detainee: Id; readonly account: Id }) =>
  db
    .prepare(
      `INSERT INTO feed (channel, subject, position, what)
       SELECT ?1, m.id, (SELECT max(position) FROM event WHERE facility = ?2), 'gone'
       FROM matter m WHERE m.detainee = ?3 AND m.account = ?4
       UNION ALL SELECT 'account:' || ?2 || ':' || m.agent, m.id, (SELECT max(position) FROM event WHERE facility = ?2), 'gone'
       FROM matter m WHERE m.detainee = ?3 AND m.account = ?4 AND m.agent IS NOT NULL
       ON CONFLICT (channel, subject) DO UPDATE SET position = excluded.position, what = excluded.what`,
    )
    .bind(channels.account(facility, tie.account), facility, tie.detainee, tie.account)

/** The kiosks of a cell hear anew who somebody is, or that they are gone from it. */
export const inmateNews = (facility: Id, cell: string, person: Id, what: 'inmate' | 'gone'): News => ({
  channel: channels.cell(facility, cell),
  subject: person,
  what,
})

/** Somebody who is moved leaves the kiosks of one cell, with their letters, and comes to those of another. */
export const moveNews = (facility: Id, person: Id, from: string, to: string): News[] =>
  to === from
    ? [inmateNews(facility, from, person, 'inmate')]
    : [inmateNews(facility, from, person, 'gone'), inmateNews(facility, to, person, 'inmate')]
