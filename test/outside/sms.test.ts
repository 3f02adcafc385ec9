// One contract for whatever carries text messages: the gateway of a province, and the inbox of a local server.
import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { registry } from '#worker/outside/licences.ts'
import { gateway, type Message, type Sms } from '#worker/outside/sms.ts'
import { newInbox } from '#worker/start/inbox.ts'

const secret = 'shared with the gateway'
const message: Message = { id: 'a1', to: '+8613800000001', text: '【e通办】验证码 123456', code: '123456' }

/** A gateway as the contract describes it: it checks the signature and the time, and sends each id once. */
class LoopbackGateway {
  readonly sent: Message[] = []
  #answers = 'as it should' as 'as it should' | 'busy' | 'never' | 'elsewhere'
  #server: Server | undefined

  async start(): Promise<string> {
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString('utf8')))
      request.on('end', () => {
        const status = this.#answer(request.headers, body)
        if (status !== 0) response.writeHead(status, { location: 'http://127.0.0.1:9/' }).end()
      })
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`
  }

  from(now: 'busy' | 'never' | 'elsewhere'): void {
    this.#answers = now
  }

  stop(): void {
    this.#server?.closeAllConnections()
    this.#server?.close()
  }

  #answer(headers: NodeJS.Dict<string | string[]>, body: string): number {
    if (this.#answers === 'busy') return 503
    if (this.#answers === 'elsewhere') return 302
    if (this.#answers === 'never') return 0
    const time = String(headers['x-etongban-time'])
    if (Math.abs(Date.now() - Number(time)) > 300_000) return 401
    const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
    if (headers['x-etongban-signature'] !== signature) return 401
    const message = JSON.parse(body) as Message
    if (!message.to.startsWith('+86')) return 422
    if (!this.sent.some(({ id }) => id === message.id)) this.sent.push(message)
    return 202
  }
}

let loopback: LoopbackGateway
let url: string
beforeEach(async () => {
  loopback = new LoopbackGateway()
  url = await loopback.start()
})
afterEach(() => loopback.stop())

const ours = (): Sms => gateway({ SMS_GATEWAY_URL: url, SMS_GATEWAY_SECRET: secret }, 500)

describe.each([
  ['the gateway', () => ({ sms: ours(), sent: () => loopback.sent })],
  [
    'the inbox',
    () => {
      const inbox = newInbox()
      return { sms: inbox, sent: () => [...inbox.kept].reverse() }
    },
  ],
])('%s', (_, make) => {
  test('takes a message whole', async () => {
    const { sms, sent } = make()
    expect(await sms.send(message)).toBe('taken')
    expect(sent()).toMatchObject([message])
  })

  test('sends one id once, however often it is asked', async () => {
    const { sms, sent } = make()
    for (let times = 0; times < 3; times += 1) expect(await sms.send(message)).toBe('taken')
    expect(sent()).toHaveLength(1)
  })

  test('keeps the order in which it was asked', async () => {
    const { sms, sent } = make()
    for (const id of ['a', 'b', 'c']) await sms.send({ ...message, id })
    expect(sent().map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })
})

test('a number that the gateway does not serve is refused for good', async () => {
  expect(await ours().send({ ...message, to: '+4915100000000' })).toBe('refused')
})

test('a gateway that is busy, silent, gone or somewhere else is unreachable, and nothing hangs', async () => {
  for (const trouble of ['busy', 'elsewhere', 'never'] as const) {
    loopback.from(trouble)
    expect(await ours().send(message)).toBe('unreachable')
  }
  loopback.stop()
  expect(await ours().send(message)).toBe('unreachable')
})

test('a message signed with another secret is not taken', async () => {
  expect(await gateway({ SMS_GATEWAY_URL: url, SMS_GATEWAY_SECRET: 'other' }).send(message)).toBe('refused')
  expect(loopback.sent).toEqual([])
})

test('without a gateway no code can be sent, and whoever runs the server is told', async () => {
  await expect(gateway({}).send(message)).rejects.toThrow('SMS_GATEWAY_URL')
})

test('numbers and names go to no gateway but over TLS, or to one on this machine', async () => {
  const licensee = { grade: 'lawyer', licence: '13302202011100001', name: '某某' } as const
  const asked = { ...licensee, document: { kind: 'passport', number: 'E12345678' } } as const
  for (const clear of ['http://gateway.example', 'http://10.0.0.7/sms', 'http://127.0.0.1.example']) {
    const sms = gateway({ SMS_GATEWAY_URL: clear, SMS_GATEWAY_SECRET: secret })
    await expect(sms.send(message)).rejects.toThrow('https')
    await expect(registry({ REGISTRY_URL: clear, REGISTRY_SECRET: secret }).ask(asked)).rejects.toThrow('https')
  }
})
