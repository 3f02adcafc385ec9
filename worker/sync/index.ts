// One request does it all: load → fold → save → feed, in two trips to D1 whether it brings 1 command or 50.
import { Hono } from 'hono'
import * as v from 'valibot'
import { maxBodyBytes, SyncRequest, type SyncAnswer } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import type { Id } from '#db/id.ts'
import { readBody } from '#worker/body.ts'
import type { Env, Me, Signed } from '#worker/env.ts'
import { signedIn } from '#worker/identity/signedIn.ts'
import { pokeDesk } from '#worker/rooms/poke.ts'
import { answerTo, inLines } from './answer.ts'
import { randomSalt, type World } from './fold.ts'

export const sync = new Hono<Signed>().post('/', signedIn, async (c) => {
  const { body, status, moved } = await respond(c.req.raw, c.env, c.var.me, { now: Date.now(), salt: randomSalt })
  for (const [facility, matters] of moved) c.executionCtx.waitUntil(pokeDesk(c.env, facility, { moved: matters }))
  return 'problem' in body
    ? c.json(body, status)
    : c.body(inLines(body), status, { 'content-type': 'application/json' })
})

interface Responded {
  readonly body: SyncAnswer | { readonly problem: string }
  readonly status: 200 | 400 | 413 | 415
  /** which matters moved in which house */
  readonly moved: ReadonlyMap<Id, readonly Id[]>
}

/** @param me whose session the request came under */
export async function respond(
  raw: Pick<Request, 'headers' | 'body'>,
  env: Env,
  me: Me,
  world: World,
): Promise<Responded> {
  const none = new Map<Id, readonly Id[]>()
  const body = await readBody(raw, maxBodyBytes)
  if ('problem' in body) return { body: { problem: body.problem }, status: body.status, moved: none }
  const request = v.safeParse(SyncRequest, body.json)
  if (!request.success)
    return { body: { problem: v.getDotPath(request.issues[0]) ?? 'body' }, status: 400, moved: none }
  if (request.output.v > protocol) return { body: { problem: 'wrong_version' }, status: 400, moved: none }

  const { answer, moved } = await answerTo(env, me, request.output, world)
  return { body: answer, status: 200, moved }
}
