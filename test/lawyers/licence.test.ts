// A lawyer signs up with a number and a code like everybody; the registry of licences decides, and decides again.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LawyerCard } from '#db/licence.ts'
import { HOUR_MS, passes, startServer, Visitor } from '#test/server.ts'
import type { Holder } from '#worker/start/licences.ts'

let served: Awaited<ReturnType<typeof startServer>>
let file: string
let holders: readonly Holder[]
beforeAll(async () => {
  served = await startServer()
  file = join(served.dir, 'licences.json')
  holders = JSON.parse(readFileSync(file, 'utf8')) as Holder[]
})
afterAll(() => served.stop())

let numbers = 0
const anybody = () => Visitor.signedIn(served.url, `+8615300${String((numbers += 1)).padStart(6, '0')}`)
/** The registry changes its mind about somebody, or is not there at all. */
const registrySays = (licence: string, standing: Holder['standing']) =>
  writeFileSync(file, JSON.stringify(holders.map((one) => (one.licence === licence ? { ...one, standing } : one))))
const registryIsDown = () => writeFileSync(file, 'down')
const registryIsBack = () => writeFileSync(file, JSON.stringify(holders))

const nth = (standing: Holder['standing'], at = 0) =>
  holders.filter((one) => one.standing === standing && one.grade === 'lawyer')[at] as Holder
const form = ({ grade, licence, firm, name, document }: Holder) => ({
  grade,
  licence,
  firm,
  document: { ...document, name },
})
const states = async (who: Visitor, holder: Holder, more: object = {}) =>
  ((await who.post('/api/lawyers/me', { ...form(holder), ...more })).said as { lawyer: LawyerCard }).lawyer
const own = async (who: Visitor) =>
  ((await who.ask('GET', '/api/lawyers/me')).said as { lawyer: LawyerCard | null }).lawyer

test('somebody whom the registry knows is a lawyer at once, and is told nothing but the end of the number', async () => {
  const who = await anybody()
  expect(await own(who)).toBeNull()
  const holder = nth('valid')
  const card = await states(who, holder, { licence: ` ${holder.licence.slice(0, 5)} ${holder.licence.slice(5)}` })
  expect(card).toMatchObject({ standing: 'valid', firm: holder.firm, name: holder.name })
  expect(card.licence).toBe(`${'•'.repeat(13)}${holder.licence.slice(-4)}`)
  expect(await own(who)).toEqual(card)
})

test('suspended, struck off, unknown and another’s are told apart; how another’s stands is not told', async () => {
  expect(await states(await anybody(), nth('suspended'))).toMatchObject({ standing: 'suspended' })
  expect(await states(await anybody(), nth('struckOff'))).toMatchObject({ standing: 'struckOff' })
  expect(await states(await anybody(), { ...nth('valid'), licence: '13301202010199999' })).toMatchObject({
    standing: 'notFound',
  })
  for (const other of [nth('valid', 1), nth('suspended'), nth('struckOff')])
    expect(await states(await anybody(), { ...other, name: '别人' })).toMatchObject({ standing: 'differs' })
})

test('where the registry does not answer it is kept, and asked again by the minute', async () => {
  const who = await anybody()
  const holder = nth('valid', 2)
  registryIsDown()
  expect(await states(who, holder)).toMatchObject({ standing: null, heardAt: null, firm: holder.firm })
  await passes(served.url, HOUR_MS)
  expect(await own(who)).toMatchObject({ standing: null })
  registryIsBack()
  await passes(served.url, 2 * HOUR_MS)
  expect(await own(who)).toMatchObject({ standing: 'valid' })
  await passes(served.url, 0)
})

test('a silence at night changes nothing, a suspension does, and so does its end', async () => {
  const who = await anybody()
  const holder = nth('valid', 3)
  await states(who, holder)
  registryIsDown()
  await passes(served.url, 30 * HOUR_MS)
  expect(await own(who)).toMatchObject({ standing: 'valid' })
  registrySays(holder.licence, 'suspended')
  await passes(served.url, 31 * HOUR_MS)
  expect(await own(who)).toMatchObject({ standing: 'suspended' })
  registryIsBack()
  await passes(served.url, 60 * HOUR_MS)
  expect(await own(who)).toMatchObject({ standing: 'valid' })
  await passes(served.url, 0)
})

test('asked now, the registry’s word of now counts; its silence is told as such', async () => {
  const who = await anybody()
  const holder = nth('valid', 4)
  await states(who, holder)
  registrySays(holder.licence, 'struckOff')
  expect((await who.post('/api/lawyers/me/ask')).said).toMatchObject({ lawyer: { standing: 'struckOff' }, fresh: true })
  registryIsDown()
  expect((await who.post('/api/lawyers/me/ask')).said).toMatchObject({
    lawyer: { standing: 'struckOff' },
    fresh: false,
  })
  registryIsBack()
})

test('whoever states another document afterwards is compared with that one', async () => {
  const who = await anybody()
  const holder = nth('valid', 5)
  await states(who, holder)
  await who.post('/api/identity/document', { kind: 'residentCard', number: '11010519491231002X', name: holder.name })
  expect(await own(who)).toMatchObject({ standing: null })
  expect((await who.post('/api/lawyers/me/ask')).said).toMatchObject({ lawyer: { standing: 'differs' } })
})

test('a number that could not be one is said at its field, and nothing is asked', async () => {
  const who = await anybody()
  const holder = nth('valid')
  const wrong = async (more: object) => (await who.post('/api/lawyers/me', { ...form(holder), ...more })).said
  expect(await wrong({ licence: '1330120091010791' })).toEqual({ refused: { code: 'check_input', field: 'licence' } })
  expect(await wrong({ grade: 'trainee' })).toEqual({ refused: { code: 'check_input', field: 'licence' } })
  expect(await wrong({ firm: ' ' })).toEqual({ refused: { code: 'check_input', field: 'firm' } })
  expect(await wrong({ document: { kind: 'residentCard', number: '330102196602110139', name: holder.name } })).toEqual({
    refused: { code: 'check_input', field: 'document.number' },
  })
  expect(await own(who)).toBeNull()
})

test('whose document goes with a licence is not to be found out by trying', async () => {
  const thief = await anybody()
  const holder = nth('valid', 6)
  const heard: unknown[] = []
  for (let tried = 0; tried < 6; tried += 1) {
    const { status, said } = await thief.post('/api/lawyers/me', {
      ...form(holder),
      document: { kind: 'passport', number: `E1234567${tried}`, name: holder.name },
    })
    heard.push(status === 200 ? (said as { lawyer: LawyerCard }).lawyer.standing : status)
  }
  expect(heard).toEqual([...Array<string>(5).fill('differs'), 429])
  // nor by many, each with a telephone of their own
  const statuses: number[] = []
  for (let tried = 0; tried < 6; tried += 1)
    statuses.push((await (await anybody()).post('/api/lawyers/me', { ...form(holder), firm: '别处' })).status)
  expect(statuses.at(-1)).toBe(429)
})

test('a licence that is in another account already gets no other answer', async () => {
  const holder = nth('valid', 7)
  const [first, second] = [await states(await anybody(), holder), await states(await anybody(), holder)]
  expect({ ...second, heardAt: 0 }).toEqual({ ...first, heardAt: 0 })
})

test('no number, and no name, lies open in the database', async () => {
  const holder = nth('valid', 8)
  await states(await anybody(), holder)
  const rows = await served.db.prepare('SELECT * FROM lawyer JOIN document USING (account)').all()
  const kept = JSON.stringify(rows.results)
  for (const secret of [holder.licence, holder.name, holder.document.number]) expect(kept).not.toContain(secret)
})

test('in a browser that is not known a code is half the way to a lawyer’s account', async () => {
  const phone = `+8615300${String((numbers += 1)).padStart(6, '0')}`
  await states(await Visitor.signedIn(served.url, phone), nth('valid', 9))
  const stranger = new Visitor(served.url)
  await stranger.post('/api/identity/phone-number/send-otp', { phoneNumber: phone })
  const codes = (await stranger.ask('GET', '/local/codes.json')).said
  const [newest] = JSON.parse(String(codes)) as { code: string }[]
  const { said } = await stranger.post('/api/identity/phone-number/verify', { phoneNumber: phone, code: newest?.code })
  expect(said).toEqual({ prove: ['lastSix', 'invite'] })
})

test('an officer is no lawyer, and a stranger has to sign in', async () => {
  expect((await new Visitor(served.url).ask('GET', '/api/lawyers/me')).status).toBe(401)
})
