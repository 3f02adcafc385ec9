// A small house straight in the ledger, for tests that stand at the server's own door: one mother with a tie, a
// reviewer, a desk officer, and a kiosk in the cell of the person inside.
import { env } from 'cloudflare:workers'
import type { OfficerRole } from '#db/actor.ts'
import { type Command, type Cursor, type Result, type SyncAnswer } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import { newId, type Id } from '#db/id.ts'
import type { Status } from '#db/settings.ts'
import type { Env, Me } from '#worker/env.ts'
import { answerTo } from '#worker/sync/answer.ts'

export interface House {
  readonly facility: Id
  readonly env: Env
  readonly detainee: Id
  readonly tie: Id
  readonly mother: Somebody
  readonly stranger: Somebody
  readonly reviewer: Somebody
  readonly second: Somebody
  readonly desk: Somebody
  readonly kiosk: Somebody
}

/** Somebody with a device: what they do goes through a real sync, and the device keeps its cursor. */
export interface Somebody {
  readonly me: Me
  cursor: Cursor
}

export async function openHouse(status: Status, database: D1Database = env.DB, facility: Id = newId()): Promise<House> {
  const [detainee, tie, mother, kiosk] = [newId(), newId(), newId(), newId()]
  const [stranger, reviewer, second, desk] = [newId(), newId(), newId(), newId()]
  const officer = (account: Id, name: string, roles: OfficerRole[]) =>
    database
      .prepare('INSERT INTO officer (facility, account, name, roles) VALUES (?, ?, ?, ?)')
      .bind(facility, account, name, JSON.stringify(roles))
  await database.batch([
    database
      .prepare(
        "INSERT INTO house (id, code, name, kind, telephone, hours) VALUES (?, ?, '青山看守所', 'detention', '0000', '9–17')",
      )
      .bind(facility, `h${facility.slice(-8)}`),
    database
      .prepare(
        "INSERT INTO detainee (id, facility, number, name, status, cell, pin_salt, pin_hash) VALUES (?, ?, '1001', '王强', ?, '3-02', '', '')",
      )
      .bind(detainee, facility, status),
    database
      .prepare(
        "INSERT INTO kinship (id, facility, detainee, account, kin, name, since) VALUES (?, ?, ?, ?, 'parent', '李芳', 0)",
      )
      .bind(tie, facility, detainee, mother),
    database
      .prepare("INSERT INTO kiosk (id, facility, cell, name) VALUES (?, ?, '3-02', '3-02')")
      .bind(kiosk, facility),
    officer(reviewer, '赵民警', ['reviewer']),
    officer(second, '钱民警', ['reviewer']),
    officer(desk, '孙民警', ['desk']),
  ])
  const person = (account: Id, officer: boolean): Somebody => ({
    me: { account, officer, facilities: [facility] },
    cursor: {},
  })
  return {
    facility,
    env: { ...env, DB: database },
    detainee,
    tie,
    mother: person(mother, false),
    stranger: person(stranger, false),
    reviewer: person(reviewer, true),
    second: person(second, true),
    desk: person(desk, true),
    kiosk: {
      me: { account: kiosk, officer: false, kiosk: { id: kiosk, facility, cell: '3-02' }, facilities: [facility] },
      cursor: {},
    },
  }
}

/** What somebody wants to do with a letter; the rest of the command is as a device would make it. */
export const command = (
  house: House,
  matter: Id,
  move: string,
  more: { input?: Record<string, unknown>; base?: number; id?: Id } = {},
): Command => ({
  id: more.id ?? newId(),
  facility: house.facility,
  matter,
  kind: 'letter',
  move,
  base: more.base ?? 0,
  at: Date.now(),
  ...(more.input && { input: more.input }),
})

export const letterTo = (house: House, matter: Id, body: string): Command =>
  command(house, matter, 'submit', { input: { to: house.tie, body } })

let salts = 0
export async function syncs(
  house: House,
  who: Somebody,
  commands: readonly unknown[] = [],
  more: { ask?: readonly Id[]; limit?: number; now?: number } = {},
): Promise<SyncAnswer> {
  const { answer } = await answerTo(
    house.env,
    who.me,
    {
      v: protocol,
      cursor: who.cursor,
      limit: more.limit ?? 65_536,
      ask: (more.ask ?? []).map((id) => ({ id, facility: house.facility })),
      commands: [...commands],
    },
    { now: more.now ?? Date.now(), salt: () => btoa(`salt ${(salts += 1)}`.padEnd(16)) },
  )
  who.cursor = { ...answer.cursor }
  return answer
}

export const stateOf = (result: Result | undefined): string =>
  result && 'done' in result
    ? result.done.state
    : result && 'refused' in result
      ? result.refused.code
      : JSON.stringify(result)
