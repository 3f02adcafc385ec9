// What a sync reads at the server's own door, by D1's count.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { newId, type Id } from '#db/id.ts'
import { command, letterTo, openHouse, syncs, type House } from '#test/ledger.ts'

let read = 0
const database = new Proxy(env.DB, {
  get: (target, name) => {
    const batch = async (statements: D1PreparedStatement[]) => {
      const answers = await target.batch(statements)
      for (const { meta } of answers) read += meta.rows_read
      return answers
    }
    const value: unknown = name === 'batch' ? batch : Reflect.get(target, name)
    return typeof value === 'function' ? (value.bind(target) as unknown) : value
  },
})

const readBy = async (work: () => Promise<unknown>): Promise<number> => {
  read = 0
  await work()
  return read
}
const letters = (house: House, count: number) =>
  Array.from({ length: count }, (_, nth) => letterTo(house, newId(), `第${nth}封`))
const refusedOnes = (house: House, count: number) =>
  Array.from({ length: count }, () => command(house, newId(), 'withdraw'))

test('whoever has written for years waits no longer than somebody new', async () => {
  const house = await openHouse('serving', database)
  await syncs(house, house.mother)
  const unknown = Array.from({ length: 20 }, (): Id => newId())
  const each = async () => ({
    nothing: await readBy(() => syncs(house, house.mother)),
    letters: await readBy(() => syncs(house, house.mother, letters(house, 20))),
    questions: await readBy(() => syncs(house, house.mother, [], { ask: unknown })),
  })

  const young = await each()
  for (let times = 0; times < 3; times += 1) {
    await syncs(house, house.mother, letters(house, 100))
    await syncs(house, house.mother, refusedOnes(house, 100))
  }
  const old = await each()

  // a few more where the news of what was written meanwhile are looked through
  for (const what of ['nothing', 'letters', 'questions'] as const) expect(old[what]).toBeLessThan(young[what] + 20)
})
