// What counts as an answer, and what a request looks like on the wire.
import { gunzipSync, strFromU8 } from 'fflate'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { accountHeader, limitBytes, marker, type Result, type SyncAnswer, type SyncRequest } from '#db/command.ts'
import { protocol } from '#db/upcast.ts'
import { newId } from '#db/id.ts'
import type { Change } from '#db/matter.ts'
import { restHeader } from '#db/rest.ts'
import { fetchLink, pack } from '#web/outbox/link.ts'
import { inLines } from '#worker/sync/answer.ts'
import { readBegun } from '#worker/sync/rest.ts'

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
    now: 1,
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
    const { v, now, asked, results, gone } = whole
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
      const news = answer.now === 0 ? { now: 0, gone: [] } : { now, gone }
      expect(heard).toMatchObject({
        answer: {
          ...{ v, ...news, more: true, cursor: cursors[answer.changes.length] },
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

describe('a change that is longer than what any connection carries', () => {
  const long = { tie: { id: newId(), name: '家里一切都好，“别惦记”\n'.repeat(200) } } as unknown as Change
  const next = { tie: { id: newId(), name: '弟弟' } } as Change
  const house = { ...{ v: protocol, asked: [], results: [], gone: [], cursor: { [account]: 9 }, more: false, now: 1 } }
  const places = [{ facility: account, since: 0, apart: [3, 5] }]

  /** A house from which only so many bytes of each answer come. */
  const narrow = (most: number, change = () => long) => {
    const told: (string | null)[] = []
    const link = fetchLink(
      (_url, options) => {
        const begun = new Headers(options?.headers).get(restHeader)
        told.push(begun)
        const text = inLines({ ...house, places, changes: [change(), next] }, readBegun(begun ?? ''))
        const bytes = new TextEncoder().encode(text).slice(0, most)
        return Promise.resolve(new Response(bytes, { headers: { [marker]: '1' } }))
      },
      () => 0,
    )
    return { told, asks: async () => link.send(account, await pack(request())) }
  }

  test('comes piece by piece, each from where the one before it broke off', async () => {
    const { told, asks } = narrow(1200)
    const heards = []
    for (let exchanges = 0; exchanges < 20; exchanges += 1) {
      const heard = await asks()
      heards.push(heard)
      if ('answer' in heard && heard.answer.changes.length > 0) break
      expect(heard).toMatchObject({ broke: true, further: true, answer: { changes: [], cursor: {} } })
    }
    expect(heards.at(-1)).toMatchObject({ answer: { changes: [long] } })
    expect(heards.length).toBeGreaterThan(5)
    expect(new Set(told).size).toBe(told.length)
  })

  test('comes from its beginning where it has changed meanwhile', async () => {
    let change = long
    const { asks } = narrow(6000, () => change)
    expect(await asks()).toMatchObject({ further: true, answer: { changes: [] } })
    change = { tie: { id: newId(), name: '换了地方' } } as Change
    expect(await asks()).toMatchObject({ answer: { changes: [change, next] } })
  })
})
