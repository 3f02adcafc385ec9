// A server with one new house, for a file of tests. Each test begins with the true time.
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { Id } from '#db/id.ts'
import { opens, passes, startServer, type Visitor } from '#test/server.ts'

export let served: Awaited<ReturnType<typeof startServer>>
export let admin: Visitor
export let house: Id
/** where its administration is reached */
export let at: string

export function withNewHouse(): void {
  beforeAll(async () => {
    served = await startServer()
    ;({ admin, house, at } = await opens(served.url, 'songling'))
  }, 120_000)
  afterAll(() => served.stop())
  afterEach(() => passes(served.url, 0))
}
