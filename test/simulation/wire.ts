// The network between a device and the server, and all that networks do to a request and its answer.
import { gunzipSync } from 'node:zlib'
import { accountHeader, marker, type Command, type Result, type SyncAnswer, type SyncRequest } from '#db/command.ts'
import type { Id } from '#db/id.ts'
import { joined, missing, sizeOf, type Range } from '#db/ranges.ts'
import { restHeader } from '#db/rest.ts'
import { uploadHeader, type Have } from '#db/upload.ts'
import type { Me } from '#worker/env.ts'
import { readPiece } from '#worker/sync/upload.ts'
import { written } from '#worker/sync/written.ts'
import type { Device } from './device.ts'

/** What happens to one request; most go well. */
export const weathers = [
  'offline', // nothing leaves
  'requestLost', // it leaves and does not arrive
  'answerLost', // it arrives, is carried out, and nobody hears of it
  'requestCut',
  'answerCut',
  'twice', // a proxy sends it again
  'hangs', // the network takes it, and nothing more is heard
  'late', // the phone has given up long before it arrives
  'portal', // a hotel answers instead, with 200
  'forbidden', // a gateway answers instead, with 403
  'tooLarge',
  'tooMany',
  'broken', // 5xx of ours
  'otherVersion',
] as const
export type Weather = (typeof weathers)[number]

export interface Wire {
  /** the house, to which a request has come under this session */
  answers: (request: Request, me: Me) => Promise<{ readonly body: unknown; readonly status: number }>
  /** what the next request of this device meets, which brings a piece of a heavy one or does not */
  weather: (device: Device, piece: boolean) => Weather | undefined
  /** how long a request and its answer are on their way, as far as the device is concerned: milliseconds */
  slowMs: () => number
  /** what others do while a request is on its way, and again while its answer is */
  meanwhile: (device: Device) => Promise<void>
  /** where an answer with so many news is cut off: at 0 nothing of it arrives, at 1 all */
  cutsAt: (weather: Weather | undefined, news: number) => number
  /** whether time goes on, so that who waits for an answer loses patience */
  timeGoesOn: () => boolean
  /** something happened between the phone and the house that has a name */
  met: (name: string) => void
  /** looks at every request before the house does */
  comes: (request: SyncRequest) => void
  /** looks at every request that left, and at every answer, heard or not */
  sees: (device: Device, request: SyncRequest, answer: SyncAnswer | undefined) => void
}

/** Requests that have not arrived yet. */
export type Late = () => Promise<unknown>

export function openWire(wire: Wire): {
  fetcher: (device: Device) => typeof fetch
  late: Late[]
  /** whether a request or an answer is on its way, and will arrive without any timer */
  busy: () => boolean
} {
  const late: Late[] = []
  /** per device, how many requests have reached the house */
  const arrived = new Map<Device, number>()
  /** how much of a request in pieces a house has said that it has, by its hash */
  const come = new Map<string, number>()
  /** what has left of requests in pieces, by their hash */
  const uploads = new Map<string, { readonly bytes: Uint8Array<ArrayBuffer>; readonly left: readonly Range[] }>()
  let flying = 0
  /** of each device, how many requests are under way */
  const under = new Map<Device, number>()

  async function arrives(
    device: Device,
    body: Uint8Array<ArrayBuffer>,
    headers: HeadersInit,
    cut = false,
  ): Promise<Response> {
    arrived.set(device, (arrived.get(device) ?? 0) + 1)
    const me = device.session
    const came = cut ? brokenOff(body) : body
    const init = { method: 'POST', headers, body: came, duplex: 'half' }
    const request = new Request('http://house/api/sync', init)
    if (!me || request.headers.get(accountHeader) !== me.account) return ours({ signIn: true }, 401)
    const plain = cut ? undefined : wholeOf(request.headers, body)
    if (plain) wire.comes(plain)
    const { body: said, status } = await wire.answers(request, me)
    if (status === 200 && plain) wire.sees(device, plain, said as SyncAnswer)
    if (status === 202) wire.met('piece')
    if (status === 202) brings(device, request.headers, said as Have)
    if (status === 202 && cut && (said as Have).have.length > 0) wire.met('keptOfCutPiece')
    if (status !== 200) return ours(said, status)
    const answer = written(said as SyncAnswer, request.headers.get(restHeader) ?? undefined)
    answer.headers.set(marker, '1')
    if (answer.status === 412) wire.met('anotherAnswer')
    if (answer.headers.has(restHeader)) wire.met('restOfAnswer')
    return answer
  }

  /** Notes an attempt after which a house has more than before. */
  function brings(device: Device, headers: Headers, { have }: Have): void {
    const { hash = '' } = readPiece(headers.get(uploadHeader) ?? '') ?? {}
    if (sizeOf(have) <= (come.get(hash) ?? 0)) return
    come.set(hash, sizeOf(have))
    device.brought.add(device.attempts)
  }

  /** The request of which this is the body, or a piece: as soon as all of its pieces have left. */
  function wholeOf(headers: Headers, body: Uint8Array<ArrayBuffer>): SyncRequest | undefined {
    const piece = readPiece(headers.get(uploadHeader) ?? '')
    if (!piece) return inflated(headers, body)
    const known = uploads.get(piece.hash) ?? { bytes: new Uint8Array(piece.of), left: [] }
    known.bytes.set(body, piece.from)
    const left = joined([...known.left, [piece.from, piece.from + body.byteLength]])
    uploads.set(piece.hash, { ...known, left })
    return missing(left, piece.of).length === 0 ? inflated(headers, known.bytes) : undefined
  }

  interface Init {
    readonly body: Uint8Array<ArrayBuffer>
    readonly headers: HeadersInit
    readonly signal: AbortSignal
  }

  async function goes(device: Device, { body, headers, signal }: Init): Promise<Response> {
    device.steps()
    if (under.get(device) === 1) device.attempts += 1 // what goes side by side is one
    const piece = body.byteLength > 1 && new Headers(headers).has(uploadHeader)
    let weather = wire.weather(device, piece)
    if (weather === 'hangs' && !wire.timeGoesOn()) weather = 'requestLost'
    if (weather) wire.met(weather)
    if (weather === 'offline') throw new TypeError('no network')
    device.lingers(wire.slowMs())
    const plain = wholeOf(new Headers(headers), body)
    if (plain && body.byteLength > 0) wire.sees(device, plain, undefined)
    await wire.meanwhile(device)
    switch (weather) {
      case 'requestLost':
        throw new TypeError('reset')
      case 'portal':
        return new Response('<html>请登录酒店网络</html>', { headers: { 'content-type': 'text/html' } })
      case 'forbidden':
        return new Response('blocked', { status: 403 })
      case 'tooLarge':
        return ours({ problem: 'too_large' }, 413)
      case 'tooMany':
        return ours({}, 429, { 'retry-after': '2' })
      case 'broken':
        return ours({}, 503)
      case 'otherVersion':
        return ours({ problem: 'wrong_version' }, 400)
      case 'requestCut':
        await arrives(device, body.slice(0, body.length / 2), headers, true)
        if (piece) wire.met('pieceCut')
        throw new TypeError('reset')
      case 'hangs':
        return await hanging(signal)
      case 'late': {
        const before = arrived.get(device) ?? 0
        late.push(() => {
          if ((arrived.get(device) ?? 0) > before) wire.met('reordered')
          return arrives(device, body, headers)
        })
        throw new TypeError('gave up')
      }
      default:
    }
    if (weather === 'twice') await arrives(device, body, headers)
    const answer = await arrives(device, body, headers)
    await wire.meanwhile(device)
    device.steps()
    if (weather === 'answerLost') throw new TypeError('reset')
    const bytes = new Uint8Array(await answer.clone().arrayBuffer())
    const cutsAt = wire.cutsAt(weather, answer.headers.has(restHeader) ? 2 : newsIn(bytes))
    if (cutsAt === 1) return answer
    const part = bytes.slice(0, Math.floor(bytes.length * cutsAt))
    if (newsIn(part) > 0) wire.met('partOfNewsCame')
    return new Response(brokenOff(part), { status: answer.status, headers: answer.headers })
  }

  /** Until whoever waits for it gives up: by then nothing moves but time. */
  async function hanging(signal: AbortSignal): Promise<never> {
    flying -= 1
    try {
      await new Promise((_, fail) => signal.addEventListener('abort', () => fail(new TypeError('gave up'))))
    } finally {
      flying += 1
    }
    throw new TypeError('gave up')
  }

  const fetcher = (device: Device) =>
    (async (_path: string, init: Init) => {
      flying += 1
      const beside = under.get(device) ?? 0
      under.set(device, beside + 1)
      if (beside > 0) wire.met('sideBySide')
      try {
        return await goes(device, init)
      } finally {
        flying -= 1
        under.set(device, (under.get(device) ?? 1) - 1)
      }
    }) as unknown as typeof fetch

  return { fetcher, late, busy: () => flying > 0 }
}

function brokenOff(part: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const came = [part]
  return new ReadableStream({
    pull: (controller) => {
      const next = came.shift()
      if (next) controller.enqueue(next)
      else controller.error(new TypeError('reset'))
    },
  })
}

/** How many changes an answer brings, or what came of it: each ends its line. */
function newsIn(bytes: Uint8Array): number {
  const [, changes = ''] = new TextDecoder().decode(bytes).split('"changes":[\n', 2)
  return changes.split('}\n').length + changes.split('},\n').length - 2
}

const ours = (body: unknown, status: number, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers: { ...headers, [marker]: '1' } })

function inflated(headers: Headers, body: Uint8Array<ArrayBuffer>): SyncRequest | undefined {
  try {
    const plain = headers.get('content-encoding') === 'gzip' ? gunzipSync(body) : body
    return JSON.parse(new TextDecoder().decode(plain)) as SyncRequest
  } catch {
    return undefined // it was cut off
  }
}

/** The fates that one answer tells, by the command's id; what is not final is no fate. */
export function fatesIn(request: SyncRequest, answer: SyncAnswer): Map<Id, Result> {
  const fates = new Map<Id, Result>()
  const tells = (id: Id, result: Result | undefined) => {
    if (result && ('done' in result || 'refused' in result)) fates.set(id, result)
  }
  request.ask.forEach(({ id }, nth) => tells(id, answer.asked[nth]))
  request.commands.forEach((command, nth) => tells((command as Command).id, answer.results[nth]))
  return fates
}
