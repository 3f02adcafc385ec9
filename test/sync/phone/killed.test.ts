// The battery dies at every line, the network at every byte: nothing is lost, nothing is doubled.
import type { DBCore } from 'dexie'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Id } from '#db/id.ts'
import { listDrafts, saveDraft } from '#web/outbox/draft.ts'
import { tidyDrafts } from '#web/outbox/make.ts'
import { Mother, reviewerOf, type Phone, type Weather } from './cast.ts'
import { House } from './house.ts'

/** The phone dies at its n-th write: that transaction never happened, and no line after it runs. */
function diesAtWrite(phone: Phone, count: number): void {
  let writes = 0
  let dead = false
  phone.store.use({
    stack: 'dbcore',
    name: 'battery',
    create: (core): DBCore => ({
      ...core,
      transaction: (...given) => {
        if (dead) throw new Error('the phone is dead')
        return core.transaction(...given)
      },
      table: (name) => {
        const table = core.table(name)
        return {
          ...table,
          mutate: (request) => {
            writes += 1
            if (writes === count) dead = true
            if (dead) {
              request.trans.abort()
              return Promise.reject(new Error('the phone is dead'))
            }
            return table.mutate(request)
          },
        }
      },
    }),
  })
}

test.each<Weather | 'good'>(['good', 'answerLost', 'requestLost'])(
  'killed at any write, on a network that is %s, a letter is there once or still a draft',
  async (weather) => {
    for (let kill = 1; kill < 20; kill += 1) {
      const house = new House()
      const mother = await Mother.of(house)
      const draft = mother.draft(`电池在第 ${kill} 次写入时没电`)
      await saveDraft(draft, 'strict', mother.who.account)
      diesAtWrite(mother, kill)
      if (weather !== 'good') mother.link.weather.push(weather)
      try {
        await mother.sends(draft)
        await mother.exchanges()
        await mother.exchanges()
      } catch {
        // the battery
      }
      const saidSaved = (await listDrafts(mother.who.account)).length === 0

      mother.restarts()
      await tidyDrafts(mother.store)
      await mother.syncs()
      const drafts = await listDrafts(mother.who.account)
      expect(drafts.length + house.letters().length).toBe(1)
      if (saidSaved) expect(await mother.sees(draft.id)).toBe('已送达监所')
    }
  },
  60_000,
)

/** What can happen on a day, in any order. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ writes: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }) }) },
  { weight: 3, arbitrary: fc.record({ withdraws: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ decides: fc.nat(5), move: fc.constantFrom('approve', 'return', 'withhold') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      exchanges: fc.constantFrom<Weather | 'good'>('good', 'answerLost', 'requestLost', 'offline', 'portal'),
    }),
  },
  { weight: 1, arbitrary: fc.constant('dies' as const) },
  { weight: 1, arbitrary: fc.record({ clock: fc.integer({ min: -86_400_000, max: 86_400_000 }) }) },
)

const inputs = new Map<string, Record<string, unknown>>([
  ['return', { marks: [{ from: 0, to: 1, reason: 'other', advice: '请改' }] }],
  ['withhold', { reasons: ['other'], note: '' }],
])

test('whatever happens in a day, at rest the phone shows what the house has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 25 }), async (day) => {
      const house = new House()
      const mother = await Mother.of(house)
      const reviewer = reviewerOf(house)
      const letters: Id[] = []
      const written = new Map<Id, string>()
      for (const hour of day) {
        house.now += 60_000
        if (hour === 'dies') mother.restarts()
        else if ('clock' in hour) mother.now += hour.clock
        else if ('writes' in hour) {
          if (hour.writes.trim() === '') continue
          const id = await mother.writes(hour.writes)
          letters.push(id)
          written.set(id, hour.writes.normalize('NFC'))
        } else if ('withdraws' in hour) {
          const id = letters[hour.withdraws]
          if (id && (await mother.store.matters.get(id))) await mother.makes({ matter: id, move: 'withdraw' })
        } else if ('decides' in hour) {
          const id = letters[hour.decides]
          await reviewer.syncs()
          const input = inputs.get(hour.move)
          if (id && (await reviewer.store.matters.get(id)))
            await reviewer.makes({ matter: id, move: hour.move, ...(input && { input }) })
          await reviewer.syncs()
        } else {
          if (hour.exchanges !== 'good') mother.link.weather.push(hour.exchanges)
          await mother.exchanges()
        }
      }
      mother.link.weather.length = 0
      await mother.syncs()
      await reviewer.syncs()

      // Drains, OnceOnly, OutboxFrozen.
      expect(await mother.store.outbox.count()).toBe(0)
      for (const count of house.events.values()) expect(count).toBe(1)
      for (const bodies of mother.link.onWire.values()) expect(new Set(bodies).size).toBe(1)
      // NothingLost: each letter is in an event or on the shelf, with its words.
      for (const [id, body] of written) expect(house.matters.get(id)?.contents[0]?.input['body']).toBe(body)
      // CursorMonotone: the phone's copy is the house's view, the timeline too.
      for (const [id, { matter, steps, contents }] of house.matters) {
        const held = await mother.holds(id)
        expect(held.matter).toEqual({ ...matter, decider: null })
        expect(held.steps.map(({ seq, move, state, at }) => ({ seq, move, state, at }))).toEqual(
          steps.map(({ seq, move, state, at }) => ({ seq, move, state, at })),
        )
        expect(held.contents).toEqual(contents)
        expect(held.waiting).toBe(0)
      }
    }),
    { numRuns: 60 },
  )
}, 60_000)
