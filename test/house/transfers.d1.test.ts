// Somebody is transferred from one house to another, whose ledgers are two databases: their family and what waits go
// along, wherever it was killed on the way, and never twice.
import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { dying } from '#test/dying.ts'
import { command, letterTo, openHouse, syncs, type House, type Somebody } from '#test/ledger.ts'
import { southHouse } from '#test/shards.ts'
import type { Env } from '#worker/env.ts'
import { leaves, transfers } from '#worker/house/transfers.ts'
import { minute } from '#worker/minute.ts'
import { append } from '#worker/record/append.ts'

let old: House
let south: House
let mother: Somebody
let admin: Id

const opened = async (house: Id, name: string) => {
  await env.DB.prepare(
    `INSERT INTO facility (id, code, name, kind, telephone, hours, created_at) VALUES (?1, ?1, ?2, 'detention', '', '', 0)
     ON CONFLICT DO NOTHING`,
  )
    .bind(house, name)
    .run()
}

beforeEach(async () => {
  old = await openHouse('serving')
  south ??= await openHouse('serving', env.DB_SOUTH, southHouse)
  admin = newId()
  mother = { me: { ...old.mother.me, facilities: [old.facility, southHouse] }, cursor: {} }
  await opened(old.facility, '青山看守所')
  await opened(southHouse, '临溪看守所')
  await setsSouth('serving', 'open')
})

const setsSouth = (status: string, access: string) =>
  env.DB_SOUTH.prepare(
    `INSERT INTO setting (facility, kind, settings) VALUES (?1, 'letter', ?2)
     ON CONFLICT (facility, kind) DO UPDATE SET settings = ?2`,
  )
    .bind(
      southHouse,
      JSON.stringify({ access: { untried: 'consent', serving: 'open', [status]: access }, dueHours: {}, source: '' }),
    )
    .run()

const leavesFor = (at: Env) =>
  append(at, old.facility, { account: admin, role: 'admin' }, [{ subject: old.detainee, move: 'leave' }], (db) => [
    db
      .prepare(`UPDATE detainee SET left_at = ?, left_because = 'transferred' WHERE id = ?`)
      .bind(Date.now(), old.detainee),
    leaves(db, old.facility, old.detainee, { id: southHouse, name: '临溪看守所' }, Date.now()),
  ])
/** What the admin's tap does. */
const admits = async () => {
  const coming = await env.DB_SOUTH.prepare(`SELECT person FROM arrival WHERE detainee = ? AND state = 'expected'`)
    .bind(old.detainee)
    .first<{ person: Id }>()
  if (!coming) return
  const { person } = coming
  await append(env, southHouse, { account: admin, role: 'admin' }, [{ subject: person, move: 'admit' }], (db) => [
    db
      .prepare(
        `INSERT INTO detainee (id, facility, number, name, status, cell, pin_salt, pin_hash)
         SELECT person, facility, ?2, name, status, '1-01', '', '' FROM arrival WHERE person = ?1`,
      )
      .bind(person, person),
    db.prepare(`UPDATE arrival SET state = 'admitted' WHERE person = ?`).bind(person),
  ])
}

const minutes = async (at: Env) => {
  for (let times = 0; times < 3; times += 1)
    for (const house of [old.facility, southHouse]) {
      await minute(at, house, Date.now())
      while (await transfers(at, house, Date.now()));
    }
}

const writes = async (...bodies: string[]): Promise<Id[]> => {
  const letters = bodies.map((body) => letterTo(old, newId(), body))
  await syncs(old, mother, letters)
  return letters.map(({ matter }) => matter)
}

/** Her letters as a new phone of hers sees them. */
async function sees() {
  mother.cursor = {}
  const { changes } = await syncs(old, mother)
  return {
    letters: changes.flatMap((change) =>
      'matter' in change && change.matter.account === mother.me.account
        ? [
            {
              house: change.matter.facility === southHouse ? 'south' : 'old',
              state: change.matter.state,
              body: change.contents.map(({ input }) => input['body']).find((body) => body !== undefined),
              steps: change.steps.map(({ move, facts }) => (move === 'close' ? String(facts['because']) : move)),
            },
          ]
        : [],
    ),
    ties: changes.flatMap((change) => ('tie' in change ? [change.tie] : [])),
  }
}

test('what waits goes on in the other house, and she has nothing to do', async () => {
  const [, approved, mending, handed] = await writes('等着的信', '通过的信', '要改的信', '收到的信')
  const decides = (letter: Id | undefined, move: string, input?: Record<string, unknown>) =>
    syncs(old, old.reviewer, [command(old, letter as Id, move, { base: 1, ...(input && { input }) })])
  await decides(approved, 'approve')
  await decides(handed, 'approve')
  await syncs(old, old.kiosk, [command(old, handed as Id, 'deliver', { base: 1 })])
  await decides(mending, 'return', { marks: [{ from: 0, to: 2, reason: 'contact', advice: '请改' }] })

  await leavesFor(env)
  await minutes(env)
  expect((await sees()).ties).toMatchObject([
    { house: { id: old.facility }, movingTo: '临溪看守所', access: { letter: 'closed' } },
  ])
  await admits()
  await minutes(env)

  const { letters, ties } = await sees()
  expect(ties.map(({ house, moved, access }) => [house.id, moved, access.letter])).toEqual(
    expect.arrayContaining([
      [old.facility, true, 'closed'],
      [southHouse, undefined, 'open'],
    ]),
  )
  expect(letters.filter(({ house }) => house === 'south')).toEqual(
    expect.arrayContaining([
      { house: 'south', state: 'submitted', body: '等着的信', steps: ['follow'] },
      { house: 'south', state: 'submitted', body: '通过的信', steps: ['follow'] },
    ]),
  )
  const there = letters
    .filter(({ house }) => house === 'old')
    .map(({ body, state, steps }) => [body, state, steps.at(-1)])
  expect(there).toEqual(
    expect.arrayContaining([
      ['等着的信', 'closed', 'follows'],
      ['通过的信', 'closed', 'follows'],
      ['要改的信', 'closed', 'transferred'],
      ['收到的信', 'delivered', 'deliver'],
    ]),
  )
  expect(letters).toHaveLength(6)
})

test('the new house’s own rules let them in, let them wait or end them', async () => {
  await setsSouth('serving', 'consent')
  await writes('要等同意')
  await leavesFor(env)
  await minutes(env)
  await admits()
  await minutes(env)
  expect((await sees()).letters).toEqual(
    expect.arrayContaining([
      { house: 'south', state: 'awaitingConsent', body: '要等同意', steps: ['follow', 'suspend'] },
    ]),
  )

  old = await openHouse('serving')
  mother = { me: { ...old.mother.me, facilities: [old.facility, southHouse] }, cursor: {} }
  await opened(old.facility, '青山看守所')
  await setsSouth('serving', 'closed')
  await writes('不开放')
  await leavesFor(env)
  await minutes(env)
  await admits()
  await minutes(env)
  expect((await sees()).letters).toEqual(
    expect.arrayContaining([{ house: 'south', state: 'closed', body: '不开放', steps: ['follow', 'notOpen'] }]),
  )
})

test('a ban and what is shut under a tie go along', async () => {
  const until = Date.now() + 3_600_000
  await env.DB.prepare(
    `UPDATE kinship SET shut = '["letter"]', banned_from = 1, banned_until = ?, ban_reason = 'order', ban_note = '文书' WHERE id = ?`,
  )
    .bind(until, old.tie)
    .run()
  await leavesFor(env)
  await minutes(env)
  await admits()
  await minutes(env)
  const tie = (await sees()).ties.find(({ house }) => house.id === southHouse)
  expect(tie).toMatchObject({ bannedUntil: until, access: { letter: 'closed' }, ended: false })
})

test('who is not expected does not come: the old house and the family hear so, and nothing of them stays', async () => {
  await writes('等着的信')
  await leavesFor(env)
  await minutes(env)
  await env.DB_SOUTH.prepare(`UPDATE arrival SET at = 0 WHERE detainee = ?`).bind(old.detainee).run()
  await minutes(env)
  expect(await env.DB_SOUTH.prepare(`SELECT 1 FROM arrival WHERE detainee = ?`).bind(old.detainee).first()).toBeNull()
  const { ties, letters } = await sees()
  expect(ties).toMatchObject([{ house: { id: old.facility } }])
  expect(ties[0]?.movingTo).toBeUndefined()
  expect(letters).toMatchObject([{ house: 'old', state: 'closed', body: '等着的信' }])
})

test(
  'whatever step it is killed at, before it or after: the next minute ends it, once',
  { timeout: 300_000 },
  async () => {
    let last = 0
    for (const when of ['before', 'after'] as const)
      for (let at = 1; ; at += 1) {
        old = await openHouse('serving')
        mother = { me: { ...old.mother.me, facilities: [old.facility, southHouse] }, cursor: {} }
        await opened(old.facility, '青山看守所')
        await writes('第一封', '第二封')
        await leavesFor(env)
        await minute(env, old.facility, Date.now())
        const goes = async (mortal: Env) => {
          while (await transfers(mortal, old.facility, Date.now()));
          await admits()
          while (await transfers(mortal, southHouse, Date.now()));
        }
        const died = await goes(dying(at, when)).then(
          () => false,
          () => true,
        )
        await goes(env)
        const { letters, ties } = await sees()
        expect({ when, at, letters: letters.map(({ house, state, body }) => [house, state, body]).sort() }).toEqual({
          when,
          at,
          letters: [
            ['old', 'closed', '第一封'],
            ['old', 'closed', '第二封'],
            ['south', 'submitted', '第一封'],
            ['south', 'submitted', '第二封'],
          ],
        })
        expect(ties.map(({ house }) => house.id).sort()).toEqual([old.facility, southHouse].sort())
        expect(
          await env.DB_SOUTH.prepare(`SELECT 1 FROM arrival WHERE detainee = ?`).bind(old.detainee).first(),
        ).toBeNull()
        if (!died) break
        last = at
      }
    expect(last).toBeGreaterThan(20)
  },
)
