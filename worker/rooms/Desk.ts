// One durable object per house: who has which matter open, the poke that there is news, and the house's minute.
import { DurableObject } from 'cloudflare:workers'
import * as v from 'valibot'
import { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Env } from '#worker/env.ts'
import { logFault } from '#worker/fault.ts'
import { erasures } from '#worker/erasure/erase.ts'
import { postOf } from '#worker/house/post.ts'
import { transfers } from '#worker/house/transfers.ts'
import { askDue } from '#worker/lawyers/licences.ts'
import { minute } from '#worker/minute.ts'
import { registry } from '#worker/outside/licences.ts'
import { looked } from '#worker/record/looks.ts'

/** A claim is let go when nothing is heard of its officer for so long. */
export const claimMs = 5 * 60_000
const minuteMs = 60_000
const soonMs = 500

/** Who has a matter open; never written into the record, which keeps only that it was looked at. */
interface Claim {
  readonly account: Id
  readonly name: string
  /** UTC milliseconds */
  readonly until: number
}

/** What a tablet says: it opens a matter, leaves it, or is only still there. */
const Said = v.union([
  v.strictObject({ claim: Id }),
  v.strictObject({ leave: Id }),
  v.strictObject({ here: v.literal(true) }),
])

interface Tablet {
  readonly facility: Id
  readonly account: Id
  readonly name: string
}

export class Desk extends DurableObject<Env> {
  #asking = false

  /** There is news: every tablet hears of it, without data. What moved is nobody's any more. */
  async poke(facility: Id, moved: readonly Id[], soon: boolean): Promise<void> {
    await this.wind(facility, soon)
    if (moved.length > 0 && (await this.ctx.storage.delete(moved.map(claimKey))) > 0)
      this.tell({ claims: await this.claims(Date.now()) })
    this.tell({ poke: true })
  }

  /** An officer's tablet; who it is was checked by the route that sent it here. */
  override async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const tablet: Tablet = {
      facility: searchParams.get('facility') as Id,
      account: searchParams.get('account') as Id,
      name: searchParams.get('name') ?? '',
    }
    await this.wind(tablet.facility, false)
    const { 0: outer, 1: inner } = new WebSocketPair()
    this.ctx.acceptWebSocket(inner)
    inner.serializeAttachment(tablet)
    inner.send(JSON.stringify({ claims: await this.claims(Date.now()) }))
    return new Response(null, { status: 101, webSocket: outer })
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const said = v.safeParse(Said, parse(message))
    if (!said.success) return
    const { account, name, facility } = socket.deserializeAttachment() as Tablet
    const now = Date.now()
    const claims = await this.claims(now)
    const mine = Object.entries(claims).filter(([, claim]) => claim.account === account)

    if ('claim' in said.output) {
      const matter = said.output.claim
      const taken = claims[matter]
      if (taken && taken.account !== account) return socket.send(JSON.stringify({ claims }))
      // The line may be older than the post, or than its roles.
      const post = await postOf(ledger(this.env, facility), facility, account)
      if (!post) return socket.close(1008)
      if (!(await looked(this.env, post.actor, [{ matter, how: 'read' }])).has(matter)) return
      const faster = (await this.claims(now))[matter]
      if (faster && faster.account !== account) return
      await this.ctx.storage.put<Claim>(claimKey(matter), { account, name, until: now + claimMs })
    } else if ('leave' in said.output) {
      if (claims[said.output.leave]?.account === account) await this.ctx.storage.delete(claimKey(said.output.leave))
    } else
      for (const [matter, claim] of mine)
        await this.ctx.storage.put(claimKey(matter), { ...claim, until: now + claimMs })

    this.tell({ claims: await this.claims(now) })
  }

  /** The house's minute. It always sets the next one first, so that a fault costs one minute and not the clock. */
  override async alarm(): Promise<void> {
    const now = Date.now()
    await this.ctx.storage.setAlarm(now + minuteMs)
    const facility = await this.ctx.storage.get<Id>('facility')
    if (!facility) return
    const { moved, more } = await minute(this.env, facility, now)
    if (moved) this.tell({ poke: true })
    const between = await this.transfer(facility, now)
    const further = await erasures(this.env, facility, now)
    if (this.env.STANDS_STILL) console.error(JSON.stringify({ at: 'erasures', facility, waits: further }))
    if (more || between || further) await this.ctx.storage.setAlarm(now + soonMs)
    const before = await this.ctx.storage.list<Claim>({ prefix: 'claim:' })
    const claims = await this.claims(now)
    if (before.size > Object.keys(claims).length) this.tell({ claims })
    this.ctx.waitUntil(this.askLicences(now))
  }

  /** Nothing of the house waits for it: another one may be out of reach. It is gone on with in the next minute. */
  private async transfer(facility: Id, now: number): Promise<boolean> {
    try {
      return await transfers(this.env, facility, now)
    } catch (fault) {
      logFault('transfers', fault)
      return false
    }
  }

  /** Nothing of the house waits for it: the registry may be slow, or down for a night. */
  private async askLicences(now: number): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    try {
      await askDue(this.env, registry(this.env), now)
    } catch (fault) {
      logFault('licences', fault)
    } finally {
      this.#asking = false
    }
  }

  private async claims(now: number): Promise<Record<string, Claim>> {
    const claims: Record<string, Claim> = {}
    for (const [key, claim] of await this.ctx.storage.list<Claim>({ prefix: 'claim:' })) {
      if (claim.until > now) claims[key.slice('claim:'.length)] = claim
      else await this.ctx.storage.delete(key)
    }
    return claims
  }

  /** Sees to it that the minute runs; a further one is never put off. */
  private async wind(facility: Id, soon: boolean): Promise<void> {
    const at = Date.now() + (soon ? soonMs : minuteMs)
    const set = await this.ctx.storage.getAlarm()
    if (set === null) await this.ctx.storage.put('facility', facility)
    if (set === null || set > at) await this.ctx.storage.setAlarm(at)
  }

  private tell(news: unknown): void {
    for (const socket of this.ctx.getWebSockets()) socket.send(JSON.stringify(news))
  }
}

const claimKey = (matter: string): string => `claim:${matter}`

function parse(message: string | ArrayBuffer): unknown {
  try {
    return typeof message === 'string' && message.length < 1000 ? JSON.parse(message) : undefined
  } catch {
    return undefined
  }
}
