// What an officer's tablet asks of a house beside its sync: the queue, one matter whole, the live desk, its looks.
import { Hono } from 'hono'
import * as v from 'valibot'
import type { Role } from '#db/actor.ts'
import { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import type { Change } from '#db/matter.ts'
import { readBody } from './body.ts'
import { nothing } from './doors.ts'
import { may, type InHouse } from './house/may.ts'
import type { Post } from './house/post.ts'
import { looked, lookKinds } from './record/looks.ts'
import { deskOf } from './rooms/poke.ts'
import {
  aboutColumns,
  byMatter,
  stepColumns,
  viewOf,
  type AboutRow,
  type ContentRow,
  type StepRow,
} from './sync/feed.ts'
import { matterColumns, type MatterRow } from './sync/load.ts'

/** A house that is not there, and a house in which one has no post, give the same answer as a matter that is not there. */
const atDesk = may('handle', nothing)

const QueueQuery = v.object({
  after: v.optional(v.pipe(v.string(), v.regex(/^\d{1,16}_[0-9a-f-]{36}$/))),
  limit: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,3}$/), v.transform(Number), v.minValue(1), v.maxValue(100)),
    '50',
  ),
  /** the queue of what waits to be handed over, beside the officer's own */
  stands: v.optional(v.picklist(['kiosk'])),
})

const Looks = v.strictObject({
  looks: v.pipe(
    v.array(
      v.strictObject({
        id: Id,
        matter: Id,
        how: v.picklist(lookKinds),
        at: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 53 - 1)),
      }),
    ),
    v.minLength(1),
    v.maxLength(100),
  ),
})
const maxLooksBytes = 32 * 1024

export const desk = new Hono<InHouse>()
  .get('/queue', ...atDesk, async (c) => {
    const query = v.safeParse(QueueQuery, c.req.query())
    if (!query.success) return c.json({ problem: v.getDotPath(query.issues[0]) }, 400)
    const { after, limit, stands } = query.output
    const { actor } = c.var.post
    const queues = stands ? [stands] : actor.roles
    const database = ledger(c.env, actor.facility)
    const page = await queuePage(database, actor.facility, queues, after, limit)
    const last = page.at(-1)
    return c.json({
      changes: await viewsOf(database, c.var.post, page),
      next: page.length === limit && last ? `${last.due ?? 0}_${last.id}` : null,
    })
  })

  .get('/matters/:id', ...atDesk, async (c) => {
    const id = v.safeParse(Id, c.req.param('id'))
    const database = ledger(c.env, c.var.post.actor.facility)
    const { results } = id.success
      ? await database
          .prepare(`SELECT ${matterColumns('m')} FROM matter m WHERE m.id = ?1 AND m.facility = ?2`)
          .bind(id.output, c.var.post.actor.facility)
          .all<MatterRow>()
      : { results: [] }
    const [change] = await viewsOf(database, c.var.post, results)
    return change ? c.json(change) : nothing(c)
  })

  .get('/desk', ...atDesk, async (c) => {
    // No browser asks another page's leave for a WebSocket, and a neighbour's page may send our cookies along.
    const origin = c.req.header('origin')
    if (origin !== undefined && new URL(c.req.url).host !== hostOf(origin)) return nothing(c)
    // Nor can it carry a header: whose line this is to be stands in its address, for a browser may still hold the session
    // of who had the tablet before.
    const { actor, name } = c.var.post
    if ((c.req.query('as') ?? actor.account) !== actor.account) return nothing(c)
    if (c.req.header('upgrade') !== 'websocket') return c.json({ problem: 'upgrade' }, 426)
    const tablet = new URLSearchParams({ facility: actor.facility, account: actor.account, name })
    return deskOf(c.env, actor.facility).fetch(`https://desk/?${tablet.toString()}`, {
      headers: { upgrade: 'websocket' },
    })
  })

  .post('/looks', ...atDesk, async (c) => {
    const body = await readBody(c.req.raw, maxLooksBytes)
    if ('problem' in body) return c.json({ problem: body.problem }, body.status)
    const said = v.safeParse(Looks, body.json)
    if (!said.success) return c.json({ problem: v.getDotPath(said.issues[0]) ?? 'body' }, 400)
    await looked(c.env, c.var.post.actor, said.output.looks)
    return c.json({ logged: true })
  })

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined)

/**
 * One page of what stands in some queues, the earliest due first. Each queue is read from its own place in one index,
 * so that the rows read depend on the page and never on how many matters the house has.
 *
 * @param after `<due>_<id>` of the last matter of the page before
 */
export async function queuePage(
  database: D1Database,
  facility: Id,
  queues: readonly Role[],
  after: string | undefined,
  limit: number,
): Promise<MatterRow[]> {
  const [due, id] = after?.split('_') ?? ['0', '']
  const pages = await database.batch<MatterRow>(
    queues.map((queue) => database.prepare(queueSql).bind(facility, queue, Number(due), id, limit)),
  )
  return pages
    .flatMap((page) => page.results)
    .sort((a, b) => (a.due ?? 0) - (b.due ?? 0) || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
}

const queueSql = `
  SELECT ${matterColumns('m')} FROM matter m
  WHERE m.facility = ?1 AND m.awaits = ?2 AND (m.due, m.id) > (?3, ?4) ORDER BY m.due, m.id LIMIT ?5`

/** Matters as an officer may see them, whole: every step, and every edition's text where it may be read. */
async function viewsOf(database: D1Database, post: Post, rows: readonly MatterRow[]): Promise<Change[]> {
  if (rows.length === 0) return []
  const ids = JSON.stringify(rows.map((row) => row.id))
  const [abouts, steps, contents] = await database.batch<Record<string, unknown>>([
    database
      .prepare(
        `SELECT m.id, ${aboutColumns} FROM json_each(?1) n JOIN matter m ON m.id = n.value
         JOIN detainee d ON d.id = m.detainee JOIN kinship k ON k.id = m.tie`,
      )
      .bind(ids),
    database
      .prepare(
        `SELECT ${stepColumns} FROM json_each(?1) n JOIN event e ON e.matter = n.value
         LEFT JOIN officer o ON o.facility = e.facility AND o.account = e.actor ORDER BY e.matter, e.seq`,
      )
      .bind(ids),
    database
      .prepare(
        'SELECT c.matter, c.seq, c.body FROM json_each(?1) n JOIN content c ON c.matter = n.value ORDER BY c.matter, c.seq',
      )
      .bind(ids),
  ])
  const about = new Map((abouts?.results as unknown as (AboutRow & { id: Id })[]).map((row) => [row.id, row]))
  const stepsOf = byMatter(steps?.results as unknown as StepRow[])
  const contentsOf = byMatter(contents?.results as unknown as ContentRow[])
  return rows.flatMap((row) => {
    const who = about.get(row.id)
    const view = who && viewOf(post.actor, { ...row, ...who }, stepsOf.get(row.id) ?? [], contentsOf.get(row.id) ?? [])
    return view ?? []
  })
}
