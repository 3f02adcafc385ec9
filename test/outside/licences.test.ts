// The contract of a registry of licences: what the file says, what the registry of this machine does, and what ours asks.
import { createHmac } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { documentKinds, looksRight } from '#db/document.ts'
import { grades, isLicence, isTraineeNumber, licenceLooksRight, standings } from '#db/licence.ts'
import { registry, type Licensee } from '#worker/outside/licences.ts'
import { serveRegistry, type Holder } from '#worker/start/licences.ts'

const from = (file: string) => join(import.meta.dirname, '../../worker', file)
const read = <Said>(file: string) => JSON.parse(readFileSync(from(file), 'utf8')) as Said
const holdersFile = from('start/licences.json')
const holders = read<Holder[]>('start/licences.json')

interface Contract extends Record<string, unknown> {
  readonly components: { readonly schemas: Readonly<Record<'Question' | 'Answer', SchemaObject>> }
}
interface SchemaObject {
  readonly properties: Readonly<Record<string, { readonly enum?: readonly string[] } & SchemaObject>>
}
const contract = read<Contract>('outside/licences.openapi.json')
const { Question, Answer } = contract.components.schemas
const ajv = new Ajv2020({ strict: false })
const fits = { question: ajv.compile(Question), answer: ajv.compile(Answer) }

const secret = 'shared with the registry'
const ask = (url: string, more: object = {}) =>
  registry({ REGISTRY_URL: url, REGISTRY_SECRET: secret, ...more }, { patienceMs: 500, pauseMs: 10 })
const questionAbout = ({ grade, licence, name, document }: Holder): Licensee => ({ grade, licence, name, document })
const who = (standing: Holder['standing']) => holders.find((one) => one.standing === standing) as Holder

let dir: string
let file: string
let local: { url: string; stop: () => Promise<void> }
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'etongban-registry-'))
  file = join(dir, 'licences.json')
  copyFileSync(holdersFile, file)
  local = await serveRegistry(file, secret)
})
afterAll(async () => {
  await local.stop()
  rmSync(dir, { recursive: true })
})
afterEach(() => vi.restoreAllMocks())

test('the contract is a valid OpenAPI 3.1 file, and names what the product knows', async () => {
  const result = await new Validator().validate(structuredClone(contract))
  expect(result.errors ?? []).toEqual([])
  expect(result.valid).toBe(true)
  expect(Answer.properties['standing']?.enum).toEqual(standings)
  expect(Question.properties['grade']?.enum).toEqual(grades)
  expect(Question.properties['document']?.properties['kind']?.enum).toEqual(documentKinds)
})

test('each holder of the registry that comes along has numbers that could be real', () => {
  expect(holders.length).toBeGreaterThan(24)
  expect(new Set(holders.map(({ licence }) => licence)).size).toBe(holders.length)
  for (const { grade, licence, document } of holders) {
    expect(licenceLooksRight[grade](licence), licence).toBe(true)
    expect(looksRight[document.kind](document.number), document.number).toBe(true)
  }
})

test('of each holder the registry says how they stand, in the words of the contract', async () => {
  for (const holder of holders) {
    const heard = await ask(local.url).ask(questionAbout(holder))
    expect(heard).toEqual({ standing: holder.standing, firm: holder.firm })
    expect(fits.answer(heard)).toBe(true)
  }
})

test('another name or another document is not told how the licence stands, an unknown number is no fault', async () => {
  const struck = questionAbout(who('struckOff'))
  for (const other of [
    { ...struck, name: '别人' },
    { ...struck, document: { ...struck.document, number: '11010519491231002X' } },
    { ...struck, document: { ...struck.document, kind: 'passport' as const } },
  ]) {
    const heard = await ask(local.url).ask(other)
    expect(heard).toEqual({ standing: 'differs' })
    expect(fits.answer(heard)).toBe(true)
  }
  const heard = await ask(local.url).ask({ ...struck, licence: '13301202010199999' })
  expect(heard).toEqual({ standing: 'notFound' })
  expect(fits.answer(heard)).toBe(true)
  expect(await ask(local.url).ask({ ...struck, grade: 'trainee' })).toEqual({ standing: 'notFound' })
})

test('who is suspended in the file is suspended at the next question', async () => {
  const holder = who('valid')
  const changed = holders.map((one) => (one === holder ? { ...one, standing: 'suspended' } : one))
  writeFileSync(file, JSON.stringify(changed))
  expect(await ask(local.url).ask(questionAbout(holder))).toMatchObject({ standing: 'suspended' })
  copyFileSync(holdersFile, file)
})

test('what is unsigned, signed by another, old or of no shape is not answered', async () => {
  const body = JSON.stringify(questionAbout(who('valid')))
  const sign = (time: string, said = body, by = secret) =>
    createHmac('sha256', by).update(`${time}.${said}`).digest('hex')
  const post = (time: string, signature: string, said = body) =>
    fetch(`${local.url}/licences/check`, {
      method: 'POST',
      headers: { 'x-etongban-time': time, 'x-etongban-signature': signature },
      body: said,
    }).then(({ status }) => status)
  const now = String(Date.now())
  const old = String(Date.now() - 6 * 60_000)
  expect(await post(now, sign(now))).toBe(200)
  expect(await post(now, '')).toBe(401)
  expect(await post(now, sign(now, body, 'other'))).toBe(401)
  expect(await post(old, sign(old))).toBe(401)
  expect(await post('soon', sign('soon'))).toBe(401)
  expect(await post(now, sign(now), `${body} `)).toBe(401)
  expect(await post(now, sign(now, '{"grade":"lawyer"}'), '{"grade":"lawyer"}')).toBe(400)
})

/** A registry of which one says how it answers: what it was asked is kept. */
class Loopback {
  readonly asked: { body: string; time: string; signature: string }[] = []
  readonly #server: Server
  url = ''
  constructor(answers: (nth: number, time: string) => { status: number; body?: string; signature?: string } | 'never') {
    this.#server = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString('utf8')))
      request.on('end', () => {
        const time = String(request.headers['x-etongban-time'])
        this.asked.push({ body, time, signature: String(request.headers['x-etongban-signature']) })
        const answer = answers(this.asked.length, time)
        if (answer === 'never') return
        const { status, body: said = '', signature } = answer
        const signed = signature ?? createHmac('sha256', secret).update(`${time}.${said}`).digest('hex')
        response.writeHead(status, { 'x-etongban-signature': signed, location: 'http://127.0.0.1:9/' }).end(said)
      })
    })
  }
  async opens(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }
  closes(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

const question = questionAbout(who('valid'))
const yes = JSON.stringify({ standing: 'valid', firm: '浙江松岭律师事务所' })

test('what we ask fits the contract, and is signed over its time and body', async () => {
  const loopback = await new Loopback(() => ({ status: 200, body: yes })).opens()
  for (const holder of holders) await ask(loopback.url).ask(questionAbout(holder))
  loopback.closes()
  expect(loopback.asked).toHaveLength(holders.length)
  for (const { body, time, signature } of loopback.asked) {
    expect(fits.question(JSON.parse(body)), JSON.stringify(fits.question.errors)).toBe(true)
    expect(signature).toBe(createHmac('sha256', secret).update(`${time}.${body}`).digest('hex'))
    expect(Math.abs(Date.now() - Number(time))).toBeLessThan(60_000)
  }
})

test('a registry that stumbles once is asked once more', async () => {
  const loopback = await new Loopback((nth) => (nth === 1 ? { status: 503 } : { status: 200, body: yes })).opens()
  expect(await ask(loopback.url).ask(question)).toMatchObject({ standing: 'valid' })
  loopback.closes()
})

test('one that is down, silent or elsewhere is silent: never somebody who is not found', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  for (const answer of [
    'never',
    { status: 503 },
    { status: 404 },
    { status: 401 },
    { status: 302 },
    { status: 429 },
  ] as const) {
    const loopback = await new Loopback(() => answer).opens()
    expect(await ask(loopback.url).ask(question), JSON.stringify(answer)).toBe('silent')
    expect(loopback.asked.length).toBeLessThanOrEqual(2)
    loopback.closes()
    if (answer === 'never') expect(await ask(loopback.url).ask(question)).toBe('silent')
  }
  expect(await registry({}).ask(question)).toBe('silent')
})

test('an answer that the registry did not sign, or signed for another question, counts for nothing', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const forged = createHmac('sha256', 'another').update('x').digest('hex')
  const older = createHmac('sha256', secret).update(`1.${yes}`).digest('hex')
  for (const signature of [forged, older, '']) {
    const loopback = await new Loopback(() => ({ status: 200, body: yes, signature })).opens()
    expect(await ask(loopback.url).ask(question)).toBe('silent')
    loopback.closes()
  }
  const nonsense = await new Loopback(() => ({ status: 200, body: '{"standing":"fine"}' })).opens()
  expect(await ask(nonsense.url).ask(question)).toBe('silent')
  nonsense.closes()
})

test('the digits of a licence: a person, a province, a year that has been, a sort of practice', () => {
  expect(isLicence('13301200910107919')).toBe(true)
  for (const wrong of [
    '23301200910107919', // a firm's
    '19901200910107919', // no province
    '13301190010107919', // before there were any
    '13301299910107919', // a year to come
    '13301200900107919', // no such sort
    '13301200917107919', // no such sex
    '1330120091010791', // one too few
    '330102196602110138', // an identity number
  ])
    expect(isLicence(wrong), wrong).toBe(false)
  expect(isTraineeNumber('33012604110027')).toBe(true)
  for (const wrong of ['33012613110027', '33012604310027', '3301260411002', '13301200910107919'])
    expect(isTraineeNumber(wrong), wrong).toBe(false)
})
