// What counts as an answer, and what a request looks like on the wire.
import { createHash } from 'node:crypto'
import { gunzipSync, strFromU8 } from 'fflate'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { accountHeader, limitBytes, marker, type Result, type SyncAnswer, type SyncRequest } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import { newId, type Id } from '#db/id.ts'
import type { Change } from '#db/matter.ts'
import { restHeader } from '#db/rest.ts'
import { fetchLink, pack } from '#web/outbox/link.ts'
import { inLines, written } from '#worker/sync/written.ts'

const account = newId()
const request = (words = ''): SyncRequest => ({
  v: protocol,
  cursor: {},
  limit: limitBytes.usual,
  ask: [],
  commands: words === '' ? [] : [{ words }],
})
const ours = (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { [marker]: '1', ...headers } })
/** Its clock stands: how long something took is another test's. */
const answering = (answer: Response) =>
  fetchLink(
    () => Promise.resolve(answer),
    () => 0,
  )

afterEach(() => vi.unstubAllGlobals())

test('an answer of ours is heard', async () => {
  expect(await answering(ours(200, { results: [] })).send(account, await pack(request()))).toEqual({
    answer: { results: [] },
    tookMs: 0,
  })
})

test.each([
  ['a portal that says 200 to everything', new Response('<html>请登录 Wi-Fi</html>', { status: 200 }), 'portal'],
  ['a redirect to somewhere', new Response(null, { status: 302, headers: { location: 'http://wifi/' } }), 'portal'],
  ['a sign-in that has ended', ours(401, { signIn: true }), 'signedOut'],
  ['too much at once', ours(413), 'tooLarge'],
  ['a house that no longer knows this protocol', ours(400, { problem: 'v' }), 'update'],
  ['a house with a fault', ours(500), 'busy'],
  ['an answer cut off half way', new Response('{"results": [', { headers: { [marker]: '1' } }), 'offline'],
])('%s is told apart', async (_, answer, silence) => {
  expect(await answering(answer).send(account, await pack(request()))).toEqual({ silence, tookMs: 0 })
})

test('a house that asks for a pause gets it', async () => {
  const heard = await answering(ours(429, {}, { 'retry-after': '7' })).send(account, await pack(request()))
  expect(heard).toEqual({ silence: 'busy', afterMs: 7000, tookMs: 0 })
})

/** An answer in small pieces. */
const slowly = (pauseMs: number) =>
  new Response(
    new ReadableStream<Uint8Array>({
      async start(controller) {
        const bytes = new TextEncoder().encode(JSON.stringify({ results: ['慢慢来'] }))
        for (let at = 0; at < bytes.length; at += 3) {
          await new Promise((later) => setTimeout(later, pauseMs))
          controller.enqueue(bytes.slice(at, at + 3))
        }
        controller.close()
      },
    }),
    { headers: { [marker]: '1' } },
  )

test('an answer is waited for as long as more of it comes', async () => {
  vi.useFakeTimers()
  const heard = answering(slowly(20_000)).send(account, await pack(request()))
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  expect(await heard).toMatchObject({ answer: { results: ['慢慢来'] } })
  vi.useRealTimers()
})

describe('an answer that breaks off in the middle', () => {
  const [near, far] = [newId(), newId()]
  const changes = ['天冷了', '多穿点', '家里都好', '别惦记'].map((name) => ({ tie: { id: newId(), name } }) as Change)
  const whole: SyncAnswer = {
    v: protocol,
    asked: [{ unknown: true }],
    results: [{ refused: { code: 'too_late' } }, { wait: { on: near } }] as Result[],
    gone: [far],
    cursor: { [near]: 40, [far]: 9 },
    more: false,
    places: [
      { facility: near, since: 30, apart: [31, 2, 0] },
      { facility: far, since: 0, apart: [7] },
    ],
    changes,
  }
  /** Where the phone may stand when so many changes have come. */
  const cursors = [{}, { [near]: [33, 30] }, { [near]: [33, 30] }, { [near]: 40 }, { [near]: 40, [far]: 9 }]
  const bytes = new TextEncoder().encode(inLines(whole))

  /** So much of it comes; then the connection is reset, or ends without a word. */
  const cutAt = (length: number, how: 'reset' | 'ended') => {
    const came = [bytes.slice(0, length)]
    return new Response(
      new ReadableStream<Uint8Array>({
        pull(controller) {
          const part = came.shift()
          if (part) controller.enqueue(part)
          else if (how === 'ended') controller.close()
          else controller.error(new TypeError('reset'))
        },
      }),
      { headers: { [marker]: '1' } },
    )
  }

  test.each(['reset', 'ended'] as const)('counts as far as it came, whole change by whole change: %s', async (how) => {
    const { v, asked, results, gone } = whole
    const counts = ({ asked, results, changes }: SyncAnswer) => asked.length + results.length + changes.length
    let most = 0
    for (let length = 0; length < bytes.length; length += 1) {
      const heard = await answering(cutAt(length, how)).send(account, await pack(request()))
      if (!('answer' in heard)) {
        expect(most, `${length} bytes say less than fewer`).toBe(0)
        continue
      }
      const { answer } = heard
      expect(counts(answer)).toBeGreaterThanOrEqual(most)
      most = counts(answer)
      expect(heard).toMatchObject({
        answer: {
          ...{ v, more: true, cursor: cursors[answer.changes.length] },
          gone: answer.gone.length > 0 ? gone : [],
          asked: asked.slice(0, answer.asked.length),
          results: results.slice(0, answer.results.length),
          changes: changes.slice(0, answer.changes.length),
        },
        broke: true,
        tookMs: 0,
      })
    }
    expect(most).toBe(counts(whole))
  })

  test('is a whole one where only its end got lost', async () => {
    expect(await answering(cutAt(bytes.length, 'reset')).send(account, await pack(request()))).toEqual({
      answer: whole,
      tookMs: 0,
    })
  })

  test('says nothing where a portal has sent it', async () => {
    const portal = new Response(inLines(whole).slice(0, -10))
    expect(await answering(portal).send(account, await pack(request()))).toMatchObject({ silence: 'portal' })
  })
})

test('a network that never answers is given up', async () => {
  vi.useFakeTimers()
  const link = fetchLink(
    (_url, options) =>
      new Promise((_done, fail) => options?.signal?.addEventListener('abort', () => fail(new Error('aborted')))),
  )
  const heard = link.send(account, await pack(request()))
  await vi.advanceTimersByTimeAsync(31_000)
  expect(await heard).toMatchObject({ silence: 'offline' })
  vi.useRealTimers()
})

test.each(['with', 'without'])('a long letter travels small, %s the browser’s own zipper', async (zipper) => {
  if (zipper === 'without') vi.stubGlobal('CompressionStream', undefined)
  let sent: RequestInit | undefined
  const link = fetchLink((_url, options) => {
    sent = options
    return Promise.resolve(ours(200))
  })
  await link.send(account, await pack(request('多穿点。'.repeat(500))))

  const headers = new Headers(sent?.headers)
  expect(headers.get('content-encoding')).toBe('gzip')
  expect(headers.get(accountHeader)).toBe(account)
  const body = sent?.body as Uint8Array
  expect(body.byteLength).toBeLessThan(400)
  expect(JSON.parse(strFromU8(gunzipSync(body)))).toEqual(request('多穿点。'.repeat(500)))
})

test.each([
  ['an answer', () => ours(200, { results: [] })],
  ['word of what has come of a heavy request', () => ours(202, { have: [[0, 900]] })],
])('after %s the device’s own opinion of its network no longer counts', async (_, answer) => {
  vi.stubGlobal('navigator', { onLine: false })
  const link = answering(answer())
  expect(link.down()).toBe(true)
  await link.send(account, await pack(request()))
  expect(link.down()).toBe(false)
})

describe('an answer that is longer than what any connection carries', () => {
  // No two of its words alike: gzip makes little of it.
  const long = (mark: string): Change => {
    const words = Array.from({ length: 300 }, (_, nth) => createHash('md5').update(`${mark} ${nth}`).digest('base64'))
    return { tie: { id: newId(), name: words.join('') } } as unknown as Change
  }
  const [first, second, third] = [long('天冷了'), long('多穿点'), long('别惦记')]
  const house = { v: protocol, asked: [], results: [], gone: [], cursor: { [account]: 9 }, more: false }
  const answerOf = (changes: readonly Change[]): SyncAnswer => ({
    ...house,
    places: [{ facility: account, since: 0, apart: [3, 5, 1].slice(0, changes.length) }],
    changes,
  })

  /** A house from which only so many bytes of each answer come, whatever it has to say. */
  const narrow = (most: () => number, changes: (asked: SyncRequest) => readonly Change[]) => {
    const asked: { readonly begun: string | null; readonly request: SyncRequest }[] = []
    const link = fetchLink(
      async (_url, options) => {
        const begun = new Headers(options?.headers).get(restHeader)
        const sent = JSON.parse(new TextDecoder().decode(options?.body as Uint8Array)) as SyncRequest
        asked.push({ begun, request: sent })
        const answer = written(answerOf(changes(sent)), begun ?? undefined)
        answer.headers.set(marker, '1')
        const bytes = new Uint8Array(await answer.arrayBuffer()).slice(0, most())
        return new Response(bytes, answer)
      },
      () => 0,
    )
    return { asked, asks: async (wish: SyncRequest) => link.send(account, await pack(wish)) }
  }
  const from = (position: number): SyncRequest => ({ ...request(), cursor: { [account]: position } })
  const ask = (id: Id) => ({ ...request(), ask: [{ id, facility: account }] })
  const lengthOf = (begun: string | null | undefined) => Number(begun?.split(' ')[0])

  test('comes byte after byte, and each change counts when its last has come', async () => {
    const { asked, asks } = narrow(
      () => 1500,
      () => [first, second, third],
    )
    const counts: number[] = []
    for (let exchanges = 0; exchanges < 40 && counts.at(-1) !== 3; exchanges += 1) {
      // The phone has kept what came: that it stands further by now changes nothing.
      const heard = await asks(from(exchanges))
      if (!('answer' in heard)) throw new Error('nothing was heard')
      counts.push(heard.answer.changes.length)
      expect(heard.answer.changes).toEqual([first, second, third].slice(0, counts.at(-1)))
      if (counts.at(-1) !== 3) expect(heard).toMatchObject({ broke: true })
    }
    expect(counts.at(-1)).toBe(3)
    expect(new Set(counts)).toEqual(new Set([0, 1, 2, 3]))
    const begun = asked.map((one) => lengthOf(one.begun))
    expect(begun.slice(1)).toEqual(begun.slice(1).map((_, nth) => 1500 * nth))
    expect(new Set(asked.slice(1).map((one) => JSON.stringify(one.request))).size).toBe(1)
  })

  test('is asked for from where the phone stands once the house has other news', async () => {
    let news = [first, second]
    const { asked, asks } = narrow(
      () => 2000,
      () => news,
    )
    for (let position = 0; position < 3; position += 1) await asks(from(position))
    news = [third]
    expect(await asks(from(3))).toMatchObject({ broke: true, further: true, answer: { changes: [] } })
    expect(await asks(from(4))).toMatchObject({ broke: true })
    expect(asked.at(-1)?.request.cursor).toEqual({ [account]: 4 })
  })

  test('does not go on with what answers another question, nor with what brings something', async () => {
    const { asked, asks } = narrow(
      () => 1500,
      () => [first],
    )
    for (let position = 0; position < 3; position += 1) await asks(from(position))
    const mine = newId()
    await asks(ask(mine))
    await asks(request('多穿点'))
    expect(asked.map(({ begun }) => lengthOf(begun))).toEqual([NaN, 0, 1500, NaN, NaN])
  })

  test('is asked for smaller where nothing more comes of it', async () => {
    let most = 1500
    const { asked, asks } = narrow(
      () => most,
      () => [first],
    )
    for (let position = 0; position < 3; position += 1) await asks(from(position))
    most = 0
    for (let position = 3; position < 9; position += 1) await asks({ ...from(position), limit: limitBytes.min })
    expect(asked.at(-1)).toMatchObject({ begun: null, request: { limit: limitBytes.min } })
  })
})
