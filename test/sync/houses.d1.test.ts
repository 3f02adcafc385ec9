// One relative with people in two houses, whose ledgers share a database, at the server's own door.
import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { command, letterTo, openHouse, syncs, type House, type Somebody } from '#test/ledger.ts'

let quiet: House
let lively: House
let mother: Somebody

beforeEach(async () => {
  quiet = await openHouse('serving')
  lively = await openHouse('serving')
  const account = lively.mother.me.account
  await quiet.env.DB.prepare('UPDATE kinship SET account = ? WHERE id = ?').bind(account, quiet.tie).run()
  mother = { me: { ...lively.mother.me, facilities: [quiet.facility, lively.facility] }, cursor: {} }
})

const writes = async (house: House, count: number): Promise<Id[]> => {
  const letters = Array.from({ length: count }, (_, nth) => letterTo(house, newId(), `第${nth}封`))
  await syncs(house, mother, letters)
  return letters.map(({ matter }) => matter)
}
const hears = async () => {
  const { changes, gone, more } = await syncs(lively, mother)
  return { matters: changes.flatMap((change) => ('matter' in change ? [change.matter.id] : [])), gone, more }
}

test('what happens in the one is not told again by the other', async () => {
  await writes(lively, 3)
  expect(await hears()).toEqual({ matters: [], gone: [], more: false })

  const [letter] = await writes(quiet, 1)
  await syncs(quiet, quiet.reviewer, [command(quiet, letter as Id, 'approve', { base: 1 })])
  expect(await hears()).toEqual({ matters: [letter], gone: [], more: false })
  expect(await hears()).toEqual({ matters: [], gone: [], more: false })
})

test('a new phone comes to the end of all that was ever written in the livelier one', async () => {
  for (let times = 0; times < 3; times += 1) await writes(lively, 100)
  const letters = new Set<Id>()
  mother.cursor = {}
  let page = await hears()
  let pages = 1
  for (; page.more && pages < 20; pages += 1) {
    for (const matter of page.matters) {
      expect(letters.has(matter)).toBe(false)
      letters.add(matter)
    }
    page = await hears()
  }
  for (const matter of page.matters) letters.add(matter)
  expect(page.more).toBe(false)
  expect(letters.size).toBe(300)
})

test('what an older version has kept for a reader is still told', async () => {
  const [letter] = await writes(lively, 1)
  const older = `account:${mother.me.account}`
  await env.DB.prepare('UPDATE feed SET channel = ? WHERE subject = ? AND channel LIKE ?')
    .bind(older, letter, 'account:%')
    .run()
  mother.cursor = {}
  expect((await hears()).matters).toEqual([])

  const queries = env.migrations.find(({ name }) => name.startsWith('0001'))?.queries ?? []
  await env.DB.batch(queries.map((query) => env.DB.prepare(query.replaceAll("LIKE 'account:%'", `= '${older}'`))))
  mother.cursor = {}
  expect((await hears()).matters).toEqual([letter])
})
