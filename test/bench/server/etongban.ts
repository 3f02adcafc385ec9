// A phone as the server sees it: the product's own wire and protocol, without a store behind it.
import { limitBytes, type Command, type Cursor } from '#db/command.ts'
import { newId, type Id } from '#db/id.ts'
import type { Tie } from '#db/matter.ts'
import { protocol } from '#db/upcast.ts'
import { fetchLink, pack, type Link } from '#web/outbox/link.ts'
import { newRelative, tie, type Door } from '../relatives.ts'
import { Wire } from '../wire.ts'
import type { Phone } from './phone.ts'

/**
 * A signed-in relative of one person in each of the houses.
 *
 * @param nth tells the phones of a bench apart
 */
export async function etongbanPhone(server: string, doors: readonly Door[], nth: number): Promise<Phone> {
  const relative = await newRelative(server, nth)
  const ties: Tie[] = []
  for (const door of doors) ties.push(await tie(door, relative, nth))
  const wire = new Wire(server, relative)
  const exchange = exchanges(fetchLink(wire.fetch), relative.account as Id)

  return {
    syncs: (letters) => exchange(letters.map((body, at) => submit(ties[at % ties.length] as Tie, body))),
    stop: () => wire.stop(),
  }
}

/** One sync is as many exchanges as it takes until there is no more news; what it brings goes with the first. */
function exchanges(link: Link, account: Id): (commands: readonly Command[]) => Promise<void> {
  let cursor: Cursor = {}
  return async (commands) => {
    let rest = [...commands]
    for (let more = true; more; rest = []) {
      const request = { v: protocol, cursor, limit: limitBytes.usual, ask: [], commands: rest }
      const heard = await link.send(account, await pack(request))
      if (!('answer' in heard)) throw new Error('silence' in heard ? heard.silence : 'not whole')
      const { results } = heard.answer
      const failed = results.find((result) => !('done' in result))
      if (failed || results.length !== rest.length) throw new Error(JSON.stringify(failed ?? 'results are missing'))
      cursor = { ...cursor, ...heard.answer.cursor }
      more = heard.answer.more
    }
  }
}

const submit = ({ id, house }: Tie, body: string): Command => ({
  id: newId(),
  facility: house.id,
  matter: newId(),
  kind: 'letter',
  move: 'submit',
  base: 0,
  at: Date.now(),
  input: { to: id, body },
})
