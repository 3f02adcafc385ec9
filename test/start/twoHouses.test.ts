// The demo has two houses of two kinds, and one relative with somebody in each.
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as linxi from '#db/demo/linxi.ts'
import * as qingshan from '#db/demo/qingshan.ts'
import type { HouseView } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { newId } from '#db/id.ts'
import { startServer, Visitor } from '#test/server.ts'
import type { Served } from '#worker/start/serve.ts'

let served: Served
beforeAll(async () => {
  served = await startServer(true)
}, 180_000)
afterAll(() => served.stop())

/** An officer comes with a code, as an admin gives one. */
async function comes(as: string): Promise<Visitor> {
  const { headers } = await new Visitor(served.url).ask('GET', `/local/officer?as=${as}`)
  return Visitor.enrolled(served.url, headers.get('location')?.split('#')[1] ?? '')
}
/** The administration as its admin sees it. */
async function viewOf(as: string): Promise<HouseView> {
  const admin = await comes(as)
  const { posts } = (await admin.ask('GET', '/api/me')).said as { posts: { house: { id: Id } }[] }
  expect(posts).toHaveLength(1)
  return (await admin.ask('GET', `/api/houses/${posts[0]?.house.id}`)).said as HouseView
}

test('one relative writes to both from one phone, and each house reads its own letter', async () => {
  const aunt = await Visitor.signedIn(served.url, qingshan.relatives.aunt.phone)
  const ties = (await aunt.syncs()).changes.flatMap((change) => ('tie' in change ? [change.tie] : []))
  expect(ties.map(({ name, kin, house, access }) => [house.name, name, kin, access.letter])).toEqual(
    expect.arrayContaining([
      ['青山看守所', '刘洋', 'sibling', 'open'],
      ['临溪拘留所', '陈浩', 'parent', 'open'],
    ]),
  )
  const letter = (to: (typeof ties)[number]) => ({
    id: newId(),
    facility: to.house.id,
    matter: newId(),
    kind: 'letter',
    move: 'submit',
    base: 0,
    at: Date.now(),
    input: { to: to.id, body: `写给${to.name}` },
  })
  const { results } = await aunt.syncs(...ties.map(letter))
  expect(results).toMatchObject([{ done: { state: 'submitted' } }, { done: { state: 'submitted' } }])

  const reviewer = await comes('linxi.reviewer')
  const here = ties.find(({ house }) => house.name === linxi.house.name)?.house.id
  const queue = JSON.stringify((await reviewer.ask('GET', `/api/houses/${here}/queue`)).said)
  expect(queue).toContain('陈浩')
  expect(queue).not.toContain('刘洋')
})

test('the admins of the two see their own people and nobody else’s', async () => {
  const [first, second] = [await viewOf('admin'), await viewOf('linxi.admin')]
  expect(first.house.kind).toBe('detention')
  expect(second.house.kind).toBe('administrative')
  expect(second.settings.letter.access).toEqual({ untried: 'open', serving: 'open' })
  const numbers = ({ people }: HouseView) => people.map(({ number }) => number).sort()
  expect(numbers(first)).toEqual(['0231', '0232', '0233', '0234'])
  expect(numbers(second)).toEqual(['0501', '0502'])
})
