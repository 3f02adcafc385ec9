// What a lawyer reads of their own, and nobody else does: the card of the licence, and where each engagement stands.
import type { EngagementCard } from '#db/engagement.ts'
import type { Id } from '#db/id.ts'
import type { LawyerCard } from '#db/licence.ts'
import { sends, type Province } from './province.ts'
import type { Tally } from './tally.ts'

export async function attackLawyers(province: Province, tally: Tally): Promise<void> {
  const { cast, standing } = province
  const whose = new Map<Id, string>()
  for (const { name, own } of cast)
    for (const asks of [own?.engagement, own?.engaged]) if (asks) whose.set(await asks(), name)
  for (const asks of [standing.engagement, standing.engaged]) whose.set(await asks(), 'a lawyer who is not here')

  for (const who of cast) {
    const { status, text } = await sends(who.visitor, 'GET', '/api/engagements')
    const cards = status === 200 ? (JSON.parse(text) as { engagements: EngagementCard[] }).engagements : []
    const seen = new Set(cards.map(({ id }) => id))
    for (const [id, name] of whose)
      tally.try(`${who.name} reads an engagement of ${name}`, name === who.name, seen.has(id), { status, text })

    const own = await sends(who.visitor, 'GET', '/api/lawyers/me')
    const card = own.status === 200 ? (JSON.parse(own.text) as { lawyer: LawyerCard | null }).lawyer : null
    tally.try(`${who.name} reads a licence as theirs`, who.standing !== undefined, card !== null, own)
    if (who.standing) tally.try(`${who.name} reads how it stands`, true, card?.standing === who.standing, own)
  }
}
