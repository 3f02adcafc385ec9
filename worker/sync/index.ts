// One request does it all: load → fold → save → feed, in two trips to D1 whether it brings 1 command or 50.
import { Hono } from 'hono'
import * as v from 'valibot'
import { maxBodyBytes, SyncRequest, type SyncAnswer } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import type { Id } from '#db/id.ts'
import { restHeader } from '#db/rest.ts'
import { uploadHeader, type Have } from '#db/upload.ts'
import { readBody } from '#worker/body.ts'
import { only } from '#worker/doors.ts'
import type { Env, Me, Signed } from '#worker/env.ts'
import { pokeDesk } from '#worker/rooms/poke.ts'
import { answerTo } from './answer.ts'
import { randomSalt, type World } from './fold.ts'
import { readPiece, receive } from './upload.ts'
import { written } from './written.ts'

export const sync = new Hono<Signed>().post('/', ...only('everybody'), async (c) => {
  const responding = respond(c.req.raw, c.env, c.var.me, { now: Date.now(), salt: randomSalt })
  // What has come is kept, and what has come whole is carried out, although whoever sent it is gone.
  c.executionCtx.waitUntil(responding.catch(() => undefined))
  const { body, status, moved, done } = await responding
  if (done) c.executionCtx.waitUntil(done())
  for (const [facility, matters] of moved) c.executionCtx.waitUntil(pokeDesk(c.env, facility, { moved: matters }))
  return 'problem' in body || 'have' in body ? c.json(body, status) : written(body, c.req.header(restHeader))
})

interface Responded {
  readonly body: SyncAnswer | Have | { readonly problem: string }
  /** 202 for a piece after which some are missing */
  readonly status: 200 | 202 | 400 | 413 | 415
  /** which matters moved in which house */
  readonly moved: ReadonlyMap<Id, readonly Id[]>
  /** forgets the pieces in which the request came, once it is answered */
  readonly done?: () => Promise<unknown>
}

/** @param me whose session the request came under */
export async function respond(
  raw: Pick<Request, 'headers' | 'body'>,
  env: Env,
  me: Me,
  world: World,
): Promise<Responded> {
  const none = new Map<Id, readonly Id[]>()
  const piece = readPiece(raw.headers.get(uploadHeader) ?? '')
  const received = piece ? await receive(env, me, raw, piece, world.now) : { whole: raw, done: undefined }
  if ('have' in received) return { body: received, status: 202, moved: none }
  if ('problem' in received) return { body: { problem: received.problem }, status: received.status, moved: none }
  const { whole, done } = received

  const body = await readBody(whole, maxBodyBytes)
  if ('problem' in body) return { body: { problem: body.problem }, status: body.status, moved: none }
  const request = v.safeParse(SyncRequest, body.json)
  if (!request.success)
    return { body: { problem: v.getDotPath(request.issues[0]) ?? 'body' }, status: 400, moved: none }
  if (request.output.v > protocol) return { body: { problem: 'wrong_version' }, status: 400, moved: none }

  const { answer, moved } = await answerTo(env, me, request.output, world)
  return { body: answer, status: 200, moved, ...(done && { done }) }
}
