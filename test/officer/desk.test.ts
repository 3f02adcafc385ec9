import { get } from 'svelte/store'
import { beforeEach, describe, expect, test } from 'vitest'
import { newId } from '#db/id.ts'
import { DeskLine, type Surroundings } from '#web/routes/officer/desk.ts'

/** A socket that a test holds the other end of. */
class Socket extends EventTarget {
  readonly sent: unknown[] = []
  send(text: string) {
    this.sent.push(JSON.parse(text))
  }
  opens() {
    this.dispatchEvent(new Event('open'))
  }
  says(message: unknown) {
    this.dispatchEvent(
      new MessageEvent('message', { data: typeof message === 'string' ? message : JSON.stringify(message) }),
    )
  }
  close() {
    this.dispatchEvent(new Event('close'))
  }
}

const mine = newId()
let now: number
let sockets: Socket[]
let waits: { ms: number; then: () => void }[]
let pokes: number
let world: Surroundings
const newest = () => sockets.at(-1) as Socket

beforeEach(() => {
  now = 0
  sockets = []
  waits = []
  pokes = 0
  world = {
    connect: () => {
      sockets.push(new Socket())
      return newest() as unknown as WebSocket
    },
    random: () => 1,
    now: () => now,
    wait: (ms, then) => {
      waits.push({ ms, then })
      return () => waits.pop()
    },
  }
})
/** The desk says who has a matter; whose account it is changes nothing for the line. */
const theirs = (matter: string) => ({ [matter]: { account: newId(), name: '李民警', until: 5 } })
const line = () => new DeskLine(world, () => (pokes += 1))

describe('an officer who opens a letter', () => {
  test('has it, and lets go of the one before', () => {
    const desk = line()
    const other = newId()
    newest().opens()
    desk.claim(mine)
    desk.claim(mine)
    desk.claim(other)
    desk.leave()
    expect(newest().sent).toEqual([{ claim: mine }, { leave: mine }, { claim: other }, { leave: other }])
  })

  test('has it as soon as there is a line, and again after the line was cut', () => {
    const desk = line()
    desk.claim(mine)
    newest().opens()
    newest().says({ claims: {} })
    newest().close()
    waits[0]?.then()
    newest().opens()
    newest().says({ claims: {} })
    expect(sockets.map(({ sent }) => sent)).toEqual([[{ claim: mine }], [{ claim: mine }]])
  })

  test('lets go of it while the page is put aside, and has it again when the page is brought back', () => {
    const desk = line()
    newest().opens()
    desk.claim(mine)
    desk.away()
    newest().says({ claims: {} })
    expect(newest().sent).toEqual([{ claim: mine }, { leave: mine }])
    desk.back()
    expect(newest().sent.at(-1)).toEqual({ claim: mine })
  })

  test('has it again although the browser cut the line of the page put aside', () => {
    const desk = line()
    newest().opens()
    desk.claim(mine)
    desk.away()
    newest().close()
    now = 600_000
    desk.back()
    newest().opens()
    newest().says({ claims: {} })
    expect(sockets.map(({ sent }) => sent)).toEqual([[{ claim: mine }, { leave: mine }], [{ claim: mine }]])
  })

  test('gets it when the colleague who had it leaves', () => {
    const desk = line()
    newest().opens()
    newest().says({ claims: theirs(mine) })
    desk.claim(mine)
    newest().says({ claims: theirs(mine) })
    now = 20_000
    desk.here()
    newest().says({ claims: {} })
    expect(newest().sent).toEqual([{ claim: mine }, { claim: mine }])
  })

  test('loses it in their sleep, and has it again at the next touch', () => {
    const desk = line()
    newest().opens()
    desk.claim(mine)
    newest().says({ claims: theirs(mine) })
    now = 6 * 60_000
    newest().says({ claims: {} })
    expect(newest().sent).toHaveLength(1)
    desk.here()
    expect(newest().sent).toEqual([{ claim: mine }, { claim: mine }])
  })

  test('keeps it while hands move, with at most one sign of life a minute', () => {
    const desk = line()
    newest().opens()
    desk.claim(mine)
    newest().says({ claims: theirs(mine) })
    for (now = 0; now < 150_000; now += 1000) desk.here()
    expect(newest().sent.filter((message) => (message as { here?: true }).here)).toHaveLength(2)
  })

  test('sees who else has what, and nobody when the line is lost', () => {
    const desk = line()
    newest().opens()
    newest().says({ claims: theirs(mine) })
    expect(get(desk.claims).get(mine)?.name).toBe('李民警')
    expect(get(desk.claims).get('constructor')).toBeUndefined()
    newest().close()
    expect(get(desk.claims).size).toBe(0)
    expect(get(desk.connected)).toBe(false)
  })

  test('is nudged when there is news, and not by noise', () => {
    line()
    newest().opens()
    newest().says({ poke: true })
    newest().says('not json')
    newest().says('null')
    expect(pokes).toBe(1)
  })
})

test('a line that cannot be had is tried ever more rarely, at least twice a minute, and at once when the network is back', () => {
  const desk = line()
  for (let tries = 0; tries < 8; tries += 1) {
    newest().close()
    waits.at(-1)?.then()
  }
  expect(waits.map(({ ms }) => ms)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])

  newest().close()
  const before = sockets.length
  desk.tryNow()
  expect(sockets).toHaveLength(before + 1)
  desk.close()
  newest().close()
  desk.tryNow()
  expect(sockets).toHaveLength(before + 1)
})
