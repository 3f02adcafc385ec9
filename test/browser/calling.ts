// What people do without a screen: all of it is real, only nobody looks at it.
import type { Command, SyncAnswer } from '#db/command.ts'
import type { HouseView } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import type { Tie } from '#db/matter.ts'
import { Visitor } from '#test/server.ts'

export class Caller {
  readonly http: Visitor
  readonly #states = new Map<Id, string>()
  #tie: Tie | undefined

  static async signedIn(url: string, name: string): Promise<Caller> {
    return new Caller(await Visitor.signedIn(url, name))
  }

  private constructor(http: Visitor) {
    this.http = http
  }

  async syncs(...commands: Command[]): Promise<SyncAnswer> {
    const answer = await this.http.syncs(...commands)
    for (const change of answer.changes) {
      if ('tie' in change) this.#tie ??= change.tie
      if ('matter' in change) this.#states.set(change.matter.id, change.matter.state)
    }
    return answer
  }

  /** @throws Error where the house did not do it */
  async does(facility: Id, matter: Id, move: string, more: Partial<Command> = {}): Promise<void> {
    const command = { id: newId(), facility, matter, kind: 'letter', move, base: 1, at: Date.now(), ...more }
    const [result] = (await this.syncs(command)).results
    if (!result || !('done' in result)) throw new Error(`${move} came to ${JSON.stringify(result)}`)
    this.#states.set(matter, result.done.state) // what somebody did themself is no news to them
  }

  async tie(): Promise<Tie> {
    await this.syncs()
    if (!this.#tie) throw new Error('nobody is tied to this account')
    return this.#tie
  }

  /** @returns the state of one matter, as this account is told; undefined for one that it does not see */
  async sees(matter: Id): Promise<string | undefined> {
    await this.syncs()
    return this.#states.get(matter)
  }

  /** @returns the text of every letter of this account that the house has, in the order in which they came */
  async letters(): Promise<string[]> {
    const fresh = new Visitor(this.http.url)
    fresh.account = this.http.account
    for (const [name, value] of this.http.cookies) fresh.cookies.set(name, value)
    const texts = new Map<Id, string>()
    for (let more = true; more;) {
      const answer = await fresh.syncs()
      for (const change of answer.changes) {
        const body = 'matter' in change ? change.contents[0]?.input['body'] : undefined
        if ('matter' in change && typeof body === 'string') texts.set(change.matter.id, body)
      }
      more = answer.more
    }
    return [...texts.values()]
  }

  async house(): Promise<HouseView> {
    const me = (await this.http.ask('GET', '/api/me')).said as { posts: { house: { id: Id } }[] }
    return (await this.http.ask('GET', `/api/houses/${me.posts[0]?.house.id}`)).said as HouseView
  }
}

/** A letter from a relative that a reviewer has let through: it waits at the kiosk. */
export async function approvedLetter(mother: Caller, reviewer: Caller, body: string): Promise<Id> {
  const tie = await mother.tie()
  const id = newId()
  await mother.does(tie.house.id, id, 'submit', { base: 0, input: { to: tie.id, body } })
  await reviewer.does(tie.house.id, id, 'approve')
  return id
}

/** Somebody writes to whom they are tied to. @returns the letter */
export async function writes(writer: Caller, body: string, more: { matter?: Id } = {}): Promise<Id> {
  const tie = await writer.tie()
  const matter = more.matter ?? newId()
  await writer.does(tie.house.id, matter, 'submit', { base: 0, input: { to: tie.id, body } })
  return matter
}
