// Erasure may be killed between any two of its steps: what was begun is ended later, and done once.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { dying } from '#test/dying.ts'
import { letterTo, openHouse, syncs, type House } from '#test/ledger.ts'
import type { Env } from '#worker/env.ts'
import { erasures } from '#worker/erasure/erase.ts'

const DAY_MS = 86_400_000
/** Two in the night, in the house's zone. */
const night = Date.UTC(2026, 10, 30, 18)

/** A house from which somebody left long ago; the relative has nobody else. */
async function longAgo(fifties = 0): Promise<House> {
  const house = await openHouse('serving')
  const { account } = house.mother.me
  await syncs(house, house.mother, [letterTo(house, newId(), '家里都好。')])
  const fifty = () => Array.from({ length: 50 }, () => letterTo(house, newId(), '一切都好。'))
  for (let times = 0; times < fifties; times += 1) await syncs(house, house.mother, fifty())
  await env.DB.batch([
    env.DB.prepare('UPDATE detainee SET left_at = ?, left_because = ? WHERE id = ?').bind(
      night - 3.01 * 366 * DAY_MS,
      'released',
      house.detainee,
    ),
    env.DB.prepare(
      `INSERT INTO user (id, name, email, email_verified, phone, created_at, updated_at) VALUES (?1, '李芳', ?1, 0, ?1, 0, 0)`,
    ).bind(account),
    env.DB.prepare(
      'INSERT INTO facility (id, code, name, kind, telephone, hours, created_at) VALUES (?1, ?1, ?2, ?2, ?2, ?2, 0)',
    ).bind(house.facility, ''),
    env.DB.prepare('INSERT INTO reach (account, facility) VALUES (?, ?)').bind(account, house.facility),
  ])
  await env.FILES.put(`${house.facility}/${account}/photo`, '户口簿')
  return house
}

const left = async (house: House) => ({
  texts: await count('content JOIN event USING (matter, seq)', house.facility),
  people: await count('detainee', house.facility),
  ties: await count('kinship', house.facility),
  accounts: (await env.DB.prepare('SELECT 1 FROM user WHERE id = ?').bind(house.mother.me.account).all()).results
    .length,
  photos: (await env.FILES.list({ prefix: `${house.facility}/` })).objects.length,
  events: (
    await env.DB.prepare(`SELECT 1 FROM event WHERE matter = ? AND json_extract(body, '$.move') = 'erase'`)
      .bind(house.detainee)
      .all()
  ).results.length,
})
const count = async (from: string, facility: Id) =>
  (await env.DB.prepare(`SELECT count(*) AS n FROM ${from} WHERE facility = ?`).bind(facility).first<{ n: number }>())
    ?.n
const nothing = { texts: 0, people: 0, ties: 0, accounts: 0, photos: 0, events: 1 }

const untilDone = async (at: Env, house: House) => {
  while (await erasures(at, house.facility, night));
}

test(
  'whatever step it is killed at, before it or after: the next night ends it, once',
  { timeout: 120_000 },
  async () => {
    let last = 0
    for (const when of ['before', 'after'] as const)
      for (let at = 1; ; at += 1) {
        const house = await longAgo()
        const died = await untilDone(dying(at, when), house).then(
          () => false,
          () => true,
        )
        await untilDone(env, house)
        expect({ when, at, ...(await left(house)) }).toEqual({ when, at, ...nothing })
        if (!died) break
        last = at
      }
    expect(last).toBeGreaterThan(15)
  },
)

test('by day, and before the time is over, nobody is erased', async () => {
  const house = await longAgo()
  const before = await left(house)
  await erasures(env, house.facility, night + 12 * 3_600_000)
  await env.DB.prepare('UPDATE house SET retention = ? WHERE id = ?')
    .bind(JSON.stringify({ years: 5, source: '省厅规定' }), house.facility)
    .run()
  await untilDone(env, house)
  expect(await left(house)).toEqual(before)
})

test('thousands of letters go in steps, each of which leaves room for others', async () => {
  const house = await longAgo(12)
  const texts = async () => (await left(house)).texts ?? 0
  await erasures(env, house.facility, night) // it is put on the list
  const before = await texts()
  await erasures(env, house.facility, night)
  expect(before - (await texts())).toBe(500)
  await untilDone(env, house)
  expect(await left(house)).toEqual(nothing)
})
