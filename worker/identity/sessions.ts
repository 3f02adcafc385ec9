// `/api/identity/sessions`: where somebody is signed in, and the end of it from another device: a phone is lost.
import { and, eq, gt, lt, ne, type SQL } from 'drizzle-orm'
import { Hono } from 'hono'
import * as v from 'valibot'
import { directory } from '#db/directory.ts'
import { Id } from '#db/id.ts'
import { deviceIn, type SessionView } from '#db/session.ts'
import { endedSession, knownDevice, session, tabletPin } from '#db/tables/directory.ts'
import { checked, refuse } from '../checked.ts'
import { only } from '../doors.ts'
import type { Env, Signed } from '../env.ts'
import { hashOf } from '../house/code.ts'
import { tokenOf } from './session.ts'

/** A phone that has not been opened for longer asks for nothing any more: its browser has dropped the cookie. */
const TOLD_MS = 400 * 24 * 3_600_000

export const sessions = new Hono<Signed>()
  .get('/', ...only('people'), async (c) => {
    const here = await tokenOf(c)
    const rows = await directory(c.env)
      .select()
      .from(session)
      .where(and(eq(session.userId, c.var.me.account), gt(session.expiresAt, new Date())))
      .orderBy(session.createdAt)
    const views = rows.map((row): SessionView => ({
      id: row.id,
      here: row.token === here,
      ...deviceIn(row.userAgent ?? ''),
      since: row.createdAt.getTime(),
      usedAt: row.updatedAt.getTime(),
    }))
    return c.json({ sessions: views })
  })

  .post('/end', ...only('people'), checked(v.strictObject({ id: Id })), async (c) => {
    const ended = await endSessions(c.env, and(eq(session.userId, c.var.me.account), eq(session.id, c.var.input.id)))
    return ended === 0 ? refuse(c, 'not_allowed', 'id', 404) : c.json({ ended })
  })

  .post('/end-others', ...only('people'), checked(v.strictObject({})), async (c) => {
    const here = (await tokenOf(c)) ?? ''
    return c.json({
      ended: await endSessions(c.env, and(eq(session.userId, c.var.me.account), ne(session.token, here))),
    })
  })

/**
 * Their browsers are strangers again, a PIN that opened one opens nothing, and all hear of it when they next come.
 *
 * @returns how many
 */
export async function endSessions(env: Env, which: SQL | undefined): Promise<number> {
  const db = directory(env)
  const now = Date.now()
  const ended = await db.delete(session).where(which).returning()
  for (const { token, browser, userId } of ended)
    await db.batch([
      db.delete(endedSession).where(lt(endedSession.endedAt, now - TOLD_MS)),
      db
        .insert(endedSession)
        .values({ tokenHash: await hashOf(token), endedAt: now })
        .onConflictDoNothing(),
      db.delete(tabletPin).where(eq(tabletPin.session, token)),
      db.delete(knownDevice).where(and(eq(knownDevice.account, userId), eq(knownDevice.tokenHash, browser ?? ''))),
    ])
  return ended.length
}
