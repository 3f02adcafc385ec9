// Who hears of a step: its owner, the house's officers, and the kiosks of the person's cell once they may read it.
import type { Id } from '#db/id.ts'
import type { Matter } from '#db/matter.ts'
import { kinds } from '#db/matters/index.ts'
import { channels } from './feed.ts'
import type { NewEvent } from './save.ts'

/** One line for a reader's feed, written only if its event is. */
export interface FeedEntry {
  readonly channel: string
  readonly subject: Id
  readonly what: 'matter' | 'tie' | 'inmate' | 'gone'
  readonly by: Pick<NewEvent, 'matter' | 'seq' | 'hash'>
}

export function tell(before: Matter | undefined, after: Matter, by: FeedEntry['by']): FeedEntry[] {
  const entry = (channel: string): FeedEntry => ({ channel, subject: after.id, what: 'matter', by })
  const owners = after.agent === undefined ? [after.account] : [after.account, after.agent]
  const news = [
    ...owners.map((account) => entry(channels.account(after.facility, account))),
    entry(channels.house(after.facility)),
  ]
  const shown = kinds.get(after.kind)?.reads.get('kiosk')?.states ?? []
  // a letter that was taken back has to leave the kiosk as surely as an approved one has to reach it
  const kioskKnows = [before?.state, after.state].some((state) => state !== undefined && shown.includes(state))
  return kioskKnows ? [...news, entry(channels.person(after.detainee))] : news
}
