// A letter at the server's own door: real workerd, real D1, the product's sync.
import { gunzipSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Command } from '#db/command.ts'
import { newId, type Id } from '#db/id.ts'
import type { Change } from '#db/matter.ts'
import { base64, sha256 } from '#db/record.ts'
import { begunText, hashLength } from '#db/rest.ts'
import { endTie } from '#worker/house/kinships.ts'
import { minute } from '#worker/minute.ts'
import { inLines, written } from '#worker/sync/written.ts'
import { command, letterTo, openHouse, stateOf, syncs, type House } from '#test/ledger.ts'

const words = '天冷了，多穿点。'
let house: House
beforeEach(async () => {
  house = await openHouse('serving')
})

const letters = (changes: readonly Change[]) => changes.flatMap((change) => ('matter' in change ? [change] : []))
const sends = async (body = words): Promise<Id> => {
  const matter = newId()
  const { results } = await syncs(house, house.mother, [letterTo(house, matter, body)])
  expect(stateOf(results[0])).toBe('submitted')
  return matter
}

test('a letter goes from the phone to the cell, and everybody sees each step', async () => {
  await syncs(house, house.reviewer)
  const matter = await sends()

  const [seen] = letters((await syncs(house, house.reviewer)).changes)
  expect(seen?.contents).toEqual([{ seq: 1, input: { body: words, to: house.tie } }])
  expect(seen?.about).toMatchObject({ person: '王强', cell: '3-02', relative: '李芳' })

  await syncs(house, house.reviewer, [command(house, matter, 'approve', { base: 1 })])
  const [shown] = letters((await syncs(house, house.kiosk)).changes)
  expect(shown?.matter).toMatchObject({ id: matter, state: 'approved', decider: null })

  const atKiosk = await syncs(house, house.kiosk, [
    command(house, matter, 'deliver', { base: 1 }),
    command(house, matter, 'read'),
  ])
  expect(atKiosk.results.map(stateOf)).toEqual(['delivered', 'read'])

  const [told] = letters((await syncs(house, house.mother)).changes)
  expect(told?.matter.state).toBe('read')
  expect(told?.steps.map((step) => step.move)).toEqual(['approve', 'deliver', 'read'])
  expect(told?.contents).toEqual([]) // her own words are not sent back to her
  expect(JSON.stringify(told)).not.toContain('赵民警')
})

test('a letter that arrives twice is reviewed once', async () => {
  const letter = letterTo(house, newId(), words)
  const first = await syncs(house, house.mother, [letter])
  const again = await syncs(house, house.mother, [letter, letter])
  expect(again.results.map((result) => ('done' in result ? result.done.hash : result))).toEqual(
    Array(2).fill('done' in first.results[0]! ? first.results[0].done.hash : ''),
  )
  expect(letters((await syncs(house, { ...house.mother, cursor: {} })).changes)).toHaveLength(1)
})

test('the same id with another text is refused, and the first text stays', async () => {
  const letter = letterTo(house, newId(), words)
  await syncs(house, house.mother, [letter])
  const { results } = await syncs(house, house.mother, [{ ...letter, input: { to: house.tie, body: '别的话' } }])
  expect(results).toEqual([{ refused: { code: 'id_reused' } }])
})

test('after a break the phone asks, and learns what it does not know', async () => {
  const letter = letterTo(house, newId(), words)
  await syncs(house, house.mother, [letter])
  const never = newId()
  const { asked } = await syncs(house, house.mother, [], { ask: [letter.id, never] })
  expect(stateOf(asked[0])).toBe('submitted')
  expect(asked[1]).toEqual({ unknown: true })
})

test('a refusal is the same when it is asked for again', async () => {
  const bad = letterTo(house, newId(), '')
  const refused = { refused: { code: 'check_input', field: 'body' } }
  expect((await syncs(house, house.mother, [bad])).results).toEqual([refused])
  expect((await syncs(house, house.mother, [], { ask: [bad.id] })).asked).toEqual([refused])
})

test('a step that goes with one whose refusal was never heard is refused with it', async () => {
  const matter = await sends()
  await syncs(house, house.reviewer, [
    command(house, matter, 'withhold', { base: 1, input: { reasons: ['threat'], note: '' } }),
  ])
  const withdrawal = command(house, matter, 'withdraw', { base: 1 })
  await syncs(house, house.mother, [withdrawal]) // nobody hears the answer
  const appeal = command(house, matter, 'appeal', { base: 1, input: { why: '请再看一次' } })

  const { results } = await syncs(house, house.mother, [withdrawal, appeal])
  expect(results.map(stateOf)).toEqual(['not_allowed', 'not_allowed'])
  expect((await syncs(house, house.mother, [], { ask: [appeal.id] })).asked.map(stateOf)).toEqual(['not_allowed'])
})

test('two reviewers decide at once: one decision stands, and the other is told whose', async () => {
  const matter = await sends()
  await syncs(house, house.reviewer)
  await syncs(house, house.second)
  const [one, two] = await Promise.all([
    syncs(house, house.reviewer, [command(house, matter, 'approve', { base: 1 })]),
    syncs(house, house.second, [
      command(house, matter, 'withhold', { base: 1, input: { reasons: ['threat'], note: '' } }),
    ]),
  ])
  expect([stateOf(one.results[0]), stateOf(two.results[0])].sort()).toEqual(expect.arrayContaining(['not_allowed']))
  const [standing] = letters((await syncs(house, { ...house.second, cursor: { [house.facility]: 0 } })).changes)
  expect(standing?.steps).toHaveLength(2)
  expect(standing?.steps[1]?.name).toMatch(/民警/)
})

test('a letter that changed after it was looked at cannot be approved unread', async () => {
  const matter = await sends()
  const marks = [{ from: 0, to: 2, reason: 'other', advice: '请改' }]
  await syncs(house, house.reviewer, [command(house, matter, 'return', { base: 1, input: { marks } })])
  await syncs(house, house.mother, [letterTo(house, matter, '改好了')])
  const { results } = await syncs(house, house.second, [command(house, matter, 'approve', { base: 1 })])
  expect(results).toEqual([{ refused: { code: 'stale' } }])
})

test('a letter that comes while its tie ends leaves the phone with the others', async () => {
  const before = await sends()
  let late: Id | undefined
  const { env, facility, mother, reviewer, tie, detainee } = house
  const busy = new Proxy(env.DB, {
    get: (real, name) =>
      name === 'batch'
        ? async (statements: D1PreparedStatement[]) => {
            late ??= await sends() // whatever was read of the ledger until now
            return real.batch(statements)
          }
        : (Reflect.get(real, name) as typeof real.prepare).bind(real),
  })
  const admin = { account: reviewer.me.account, role: 'admin' } as const
  await endTie({ ...env, DB: busy }, facility, admin, { id: tie, detainee, account: mother.me.account }, Date.now())

  expect((await syncs(house, mother)).gone.toSorted()).toEqual([before, late].sort())
})

describe('a letter that hangs in the ledger while its tie ends', () => {
  /** the writing trips that hung: they may still be carried out when everybody has gone */
  let hung: (() => Promise<unknown>)[]
  let letter: Command
  beforeEach(async () => {
    hung = []
    const { DB } = house.env
    let trips = 0
    const hanging = watched(DB, (statements) => {
      if ((trips += 1) === 1) return DB.batch(statements) // it reads, and then it writes
      hung.push(() => DB.batch(statements))
      return Promise.reject(new Error('it says nothing'))
    })
    letter = letterTo(house, newId(), words)
    const { results } = await syncs({ ...house, env: { ...house.env, DB: hanging } }, house.mother, [letter])
    expect(results).toEqual([{ retry: { afterMs: 5000 } }])
    const admin = { account: house.reviewer.me.account, role: 'admin' } as const
    const tie = { id: house.tie, detainee: house.detainee, account: house.mother.me.account }
    await endTie(house.env, house.facility, admin, tie, Date.now())
  })

  const watched = (DB: D1Database, batch: (statements: D1PreparedStatement[]) => Promise<unknown>): D1Database =>
    new Proxy(DB, {
      get: (real, name) => (name === 'batch' ? batch : (Reflect.get(real, name) as typeof real.prepare).bind(real)),
    })
  const wakes = async () => {
    for (const trip of hung.splice(0)) await trip()
  }
  const asks = async () => (await syncs(house, house.mother, [], { ask: [letter.id] })).asked

  test('is not written after it has been refused', async () => {
    expect(await asks()).toEqual([{ unknown: true }])
    expect((await syncs(house, house.mother, [letter])).results.map(stateOf)).toEqual(['not_allowed'])
    await wakes()
    expect((await asks()).map(stateOf)).toEqual(['not_allowed'])
    expect(letters((await syncs(house, house.reviewer)).changes)).toEqual([])
  })

  test('is not refused after it has been written', async () => {
    const { DB } = house.env
    let trips = 0
    const waking = watched(DB, async (statements) => {
      if ((trips += 1) === 2) await wakes() // read as unknown, and written before the refusal is
      return DB.batch(statements)
    })
    const { results } = await syncs({ ...house, env: { ...house.env, DB: waking } }, house.mother, [letter])
    expect(results.map(stateOf)).toEqual(['submitted'])
    expect((await asks()).map(stateOf)).toEqual(['submitted'])
  })
})

describe('where consent is needed', () => {
  beforeEach(async () => {
    house = await openHouse('untried')
  })

  test('a letter waits, the desk records the paper, and it goes on; the next one need not wait', async () => {
    const matter = newId()
    const waiting = await syncs(house, house.mother, [letterTo(house, matter, words)])
    expect(stateOf(waiting.results[0])).toBe('awaitingConsent')

    const second = newId()
    await syncs(house, house.mother, [letterTo(house, second, words)])
    const paper = { document: '青公办〔2026〕12号', until: null }
    const { results } = await syncs(house, house.desk, [command(house, matter, 'consent', { input: paper })])
    expect(stateOf(results[0])).toBe('submitted')

    const { moved } = await minute(house.env, house.facility, Date.now())
    expect(moved).toEqual([second])
    expect(await minute(house.env, house.facility, Date.now())).toEqual({ moved: [], more: false })

    const third = await syncs(house, house.mother, [letterTo(house, newId(), words)])
    expect(stateOf(third.results[0])).toBe('submitted')
  })

  test('the desk sees who waits, and not a word of the letter', async () => {
    await syncs(house, house.desk)
    await syncs(house, house.mother, [letterTo(house, newId(), words)])
    const { changes } = await syncs(house, house.desk)
    expect(letters(changes)[0]?.about?.relative).toBe('李芳')
    expect(JSON.stringify(changes)).not.toContain(words)
  })

  test('what waits past its time expires by itself, once', async () => {
    await syncs(house, house.mother, [letterTo(house, newId(), words)])
    const late = Date.now() + 31 * 24 * 3_600_000
    expect((await minute(house.env, house.facility, late)).moved).toHaveLength(1)
    expect((await minute(house.env, house.facility, late)).moved).toHaveLength(0)
  })
})

test("a stranger's move on a letter gets the same answer as on one that is not there", async () => {
  const matter = await sends()
  const { results } = await syncs(house, house.stranger, [
    command(house, matter, 'withdraw'),
    command(house, newId(), 'withdraw'),
  ])
  expect(results).toEqual(Array(2).fill({ refused: { code: 'not_allowed' } }))
})

test('a relative cannot decide, and `constructor` is no move and no kind', async () => {
  const matter = await sends()
  const { results } = await syncs(house, house.mother, [
    command(house, matter, 'approve', { base: 1 }),
    command(house, newId(), 'constructor'),
    { ...command(house, newId(), 'submit'), kind: 'constructor' },
    { nonsense: true },
    null,
  ])
  expect(results.map(stateOf)).toEqual(['not_allowed', 'not_allowed', 'not_allowed', 'not_allowed', 'not_allowed'])
})

test('an id that the record uses for something else is not free for a letter', async () => {
  const matter = await sends()
  const { results } = await syncs(house, house.mother, [
    letterTo(house, house.facility, words),
    letterTo(house, matter, words),
  ])
  expect(results.map(stateOf)).not.toContain('retry')
})

test('fifty letters go in one request', async () => {
  const many = Array.from({ length: 50 }, (_, nth) => letterTo(house, newId(), `${words}${nth}`))
  const { results, more } = await syncs(house, house.mother, many)
  expect(results.every((result) => stateOf(result) === 'submitted')).toBe(true)
  expect(more).toBe(false)
  expect((await syncs(house, house.mother)).changes).toEqual([]) // nothing comes back that the phone itself sent
})

test('who asks what became of their own letters is told so without hearing their words again', async () => {
  const cursor = { ...house.mother.cursor }
  const own = [1, 2, 3].map((nth) => letterTo(house, newId(), `${words}${nth}`))
  await syncs(house, house.mother, own)
  await syncs(house, house.reviewer, [command(house, own[2]?.matter as Id, 'approve', { base: 1 })])

  const lost = { ...house.mother, cursor } // the answer was lost on its way
  const answer = await syncs(house, lost, [], { ask: own.map(({ id }) => id) })
  expect(answer.asked.map(stateOf)).toEqual(Array(3).fill('submitted'))
  expect(letters(answer.changes).map(({ matter }) => matter.state)).toEqual(['approved'])
  expect((await syncs(house, lost)).changes).toEqual([])
})

test('news larger than the phone takes at once come in pages, each once', async () => {
  for (let nth = 0; nth < 6; nth += 1) await sends('长'.repeat(1500))
  const second = { ...house.mother, cursor: {} }
  const seen: Id[] = []
  for (let pages = 0; pages < 10; pages += 1) {
    const { changes, more } = await syncs(house, second, [], { limit: 4096 })
    seen.push(...letters(changes).map((change) => change.matter.id))
    if (!more) break
  }
  expect(new Set(seen).size).toBe(6)
  expect(seen).toHaveLength(6)
})

test('a device that reads in pages hears every step of every letter, also of those decided before it came to them', async () => {
  const sent = [await sends('长'.repeat(900)), await sends('长'.repeat(900)), await sends('长'.repeat(900))]
  for (const matter of sent) await syncs(house, house.reviewer, [command(house, matter, 'approve', { base: 1 })])

  const second = { ...house.mother, cursor: {} }
  const moves = new Map<Id, string[]>()
  for (let more = true; more;) {
    const answer = await syncs(house, second, [], { limit: 1024 })
    for (const { matter, steps } of letters(answer.changes))
      moves.set(matter.id, [...(moves.get(matter.id) ?? []), ...steps.map(({ move }) => move)])
    more = answer.more
  }
  expect(sent.map((id) => moves.get(id))).toEqual(Array(3).fill(['submit', 'approve']))
})

test('a phone that asks only for fates hears no news, and all of them the next time', async () => {
  const sent = await sends(words)
  await syncs(house, house.reviewer, [command(house, sent, 'approve', { base: 1 })])
  const none = await syncs(house, house.mother, [], { limit: 0 })
  expect(none).toMatchObject({ changes: [], gone: [], more: true })
  const { changes, more } = await syncs(house, { ...house.mother, cursor: none.cursor })
  expect(letters(changes).map(({ matter }) => matter.state)).toEqual(['approved'])
  expect(more).toBe(false)
})

test('an answer says where the phone may stand after each of its changes, and is written in lines', async () => {
  for (let nth = 0; nth < 3; nth += 1) await sends(`${words}${nth}`)
  const answer = await syncs(house, { ...house.mother, cursor: {} })
  const lines = inLines(answer).split('\n')
  expect(JSON.parse(lines.join('\n'))).toEqual(answer)
  const news = lines.slice(-1 - answer.changes.length, -1)
  expect(news.map((line) => JSON.parse(line.replace(/,$/, '')) as Change)).toEqual(answer.changes)

  const { since, apart } = answer.places?.[0] ?? { since: -1, apart: [] }
  expect(apart).toHaveLength(answer.changes.length)
  let place = 0
  for (const [nth, distance] of apart.entries()) {
    place += distance
    const rest = await syncs(house, { ...house.mother, cursor: { [house.facility]: [place, since] } })
    expect(rest.changes).toEqual(answer.changes.slice(nth))
    expect(rest.cursor).toEqual(answer.cursor)
  }
})

test('a phone that knows how its answer begins is told the rest, until the house has other news', async () => {
  for (let nth = 0; nth < 3; nth += 1) await sends(`${words}${nth}`)
  const asks = async (came: Uint8Array) => {
    const begun = begunText({ length: came.length, hash: base64(sha256(came)).slice(0, hashLength) })
    return written(await syncs(house, { ...house.mother, cursor: {} }), begun)
  }
  const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer())
  const whole = await bytesOf(await asks(new Uint8Array()))
  expect(JSON.parse(gunzipSync(whole).toString())).toEqual(await syncs(house, { ...house.mother, cursor: {} }))
  for (const length of [1, 100, whole.length - 1, whole.length])
    expect(await bytesOf(await asks(whole.subarray(0, length)))).toEqual(whole.subarray(length))
  expect((await asks(new Uint8Array([...whole, 0]))).status).toBe(412)
  await sends()
  expect((await asks(whole.subarray(0, -1))).status).toBe(412)
})

test('a phone that says it has read more than there is, as after a restored backup, is told all anew', async () => {
  const matter = newId()
  await syncs(house, house.mother, [letterTo(house, matter, '天冷了，多穿点。')])
  await syncs(house, house.reviewer, [command(house, matter, 'approve', { base: 1 })])

  house.mother.cursor = { [house.facility]: 1_000_000 }
  const { changes } = await syncs(house, house.mother)
  expect(changes.map((change) => 'matter' in change && change.matter.state)).toEqual(['approved'])
})

test('the same request twice in the same millisecond is one step, counted once', async () => {
  const matter = newId()
  await syncs(house, house.mother, [letterTo(house, matter, '天冷了，多穿点。')])
  const approve = command(house, matter, 'approve', { base: 1 })
  const at = { now: Date.now() }
  const answers = await Promise.all([1, 2, 3].map(() => syncs(house, house.reviewer, [approve], at)))

  expect(answers.map(({ results }) => stateOf(results[0]))).toEqual(['approved', 'approved', 'approved'])
  const counted = await house.env.DB.prepare("SELECT count FROM daily WHERE facility = ? AND move = 'approve'")
    .bind(house.facility)
    .first<{ count: number }>()
  expect(counted?.count).toBe(1)
})
