// One request does it all: load → fold → save → feed, in two trips to D1 whether it brings 1 command or 50.
import { Hono } from 'hono'
import * as v from 'valibot'
import { maxBodyBytes, protocol, SyncRequest } from '#db/command.ts'
import { readBody } from '#worker/body.ts'
import type { Signed } from '#worker/env.ts'
import { signedIn } from '#worker/identity/signedIn.ts'
import { pokeDesk } from '#worker/rooms/poke.ts'
import { answerTo } from './answer.ts'
import { randomSalt } from './fold.ts'

export const sync = new Hono<Signed>().post('/', signedIn, async (c) => {
  const body = await readBody(c.req.raw, maxBodyBytes)
  if ('problem' in body) return c.json({ problem: body.problem }, body.status)
  const request = v.safeParse(SyncRequest, body.json)
  if (!request.success) return c.json({ problem: v.getDotPath(request.issues[0]) ?? 'body' }, 400)
  if (request.output.v > protocol) return c.json({ problem: 'wrong_version' }, 400)

  const { answer, moved } = await answerTo(c.env, c.var.me, request.output, { now: Date.now(), salt: randomSalt })
  for (const [facility, matters] of moved) c.executionCtx.waitUntil(pokeDesk(c.env, facility, { moved: matters }))
  return c.json(answer)
})
