// A lawyer asks to act for somebody; the desk looks at the papers and decides; the law's numbers hold under a race.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EngagementCard, EngagementView } from '#db/engagement.ts'
import type { HouseView } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { hires, HOUR_MS, opens, passes, startServer, Visitor } from '#test/server.ts'
import type { Holder } from '#worker/start/licences.ts'

let served: Awaited<ReturnType<typeof startServer>>
let admin: Visitor
let desk: Visitor
let house: Id
let at: string
let file: string
let holders: readonly Holder[]
beforeAll(async () => {
  served = await startServer()
  ;({ admin, house, at } = await opens(served.url, 'songling'))
  desk = await hires(admin, at, '王建', ['desk'])
  file = join(served.dir, 'licences.json')
  holders = JSON.parse(readFileSync(file, 'utf8')) as Holder[]
})
afterAll(() => served.stop())

let numbers = 0
const born = '1990-03-07'
const admits = async (name = '欧阳强') =>
  (
    await admin.does<{ id: Id }>(`${at}/people`, {
      ...{ number: String((numbers += 1)), name, status: 'untried', cell: '3-02', born },
    })
  ).id
const registrySays = (licence: string, standing: Holder['standing']) =>
  writeFileSync(file, JSON.stringify(holders.map((one) => (one.licence === licence ? { ...one, standing } : one))))
/** The clock goes on for the house and the registry, and back for the officers, whose shift would be over. */
const nightPasses = async (hours: number) => {
  await passes(served.url, hours * HOUR_MS)
  await passes(served.url, 0)
}
let next = 0
/** Somebody of the registry whom no other test has been: of one firm, so that a trainee finds a lawyer of theirs. */
async function lawyer(grade: Holder['grade'] = 'lawyer', firm?: string) {
  const free = holders.filter((one) => one.grade === grade && one.standing === 'valid' && (!firm || one.firm === firm))
  const holder = (firm ? free[0] : free[(next += 1)]) as Holder
  const who = await Visitor.signedIn(served.url, `+8615400${String((numbers += 1)).padStart(6, '0')}`)
  const { licence, name, document } = holder
  await who.does('/api/lawyers/me', { grade, licence, firm: holder.firm, document: { ...document, name } })
  return { who, holder }
}
const ask = (person = '欧阳强', day = born) => ({ id: newId(), house, person, born: day, ground: 'entrusted' })
const asks = async (who: Visitor, person?: string) => (await who.does<{ id: Id }>('/api/engagements', ask(person))).id
const accepts = (id: Id, person: Id, by = desk) => by.post(`${at}/engagements/${id}/accept`, { person })
const mine = async (who: Visitor) =>
  ((await who.ask('GET', '/api/engagements')).said as { engagements: EngagementCard[] }).engagements
const seen = async (id: Id, by = desk) =>
  ((await by.ask('GET', at)).said as HouseView).engagements.find((one) => one.id === id) as EngagementView
const check = async (who: Visitor, id: Id) => (await who.post(`/api/engagements/${house}/${id}/check`)).said
const refused = (field: string) => ({ status: 409, said: { refused: { code: 'taken', field } } })

test('the answer is the same whether or not somebody is held, and the desk sees whom it may be', async () => {
  const inside = await admits('欧阳修竹')
  const { who, holder } = await lawyer()
  const [held, unheld] = [
    await who.post('/api/engagements', ask('欧阳修竹')),
    await who.post('/api/engagements', ask('无此人')),
  ]
  expect({ ...held, said: 0, headers: 0 }).toEqual({ ...unheld, said: 0, headers: 0 })
  expect(Object.keys(held.said as object)).toEqual(Object.keys(unheld.said as object))
  const cards = await mine(who)
  expect(cards.map(({ state, trouble, papersMissing }) => ({ state, trouble, papersMissing }))).toEqual(
    [1, 2].map(() => ({ state: 'checking', trouble: null, papersMissing: false })),
  )
  const view = await seen((held.said as { id: Id }).id)
  expect(view).toMatchObject({
    name: holder.name,
    firm: holder.firm,
    near: [inside],
    state: 'checking',
    detainee: null,
  })
  expect(await seen((unheld.said as { id: Id }).id)).toMatchObject({ near: [] })
})

test('accepted, the lawyer may meet them; declined, they read one sentence, whatever the reason', async () => {
  const person = await admits()
  const { who } = await lawyer()
  const id = await asks(who)
  expect(await check(who, id)).toEqual({ no: 'notAccepted' })
  expect((await accepts(id, person)).status).toBe(200)
  expect(await check(who, id)).toEqual({ detainee: person })
  expect((await accepts(id, person)).status).toBe(403) // once

  for (const reason of ['nobody', 'twoLawyers', 'sameCase', 'other']) {
    const other = await asks(who, '无此人')
    expect((await desk.post(`${at}/engagements/${other}/decline`, { reason })).status).toBe(200)
    expect((await mine(who)).find((card) => card.id === other)).toMatchObject({
      state: 'declined',
      papersMissing: false,
    })
  }
  const short = await asks(who)
  await desk.post(`${at}/engagements/${short}/decline`, { reason: 'papers' })
  expect((await mine(who)).find((card) => card.id === short)).toMatchObject({ state: 'declined', papersMissing: true })
  expect(JSON.stringify(await mine(who))).not.toMatch(/nobody|twoLawyers|sameCase/)
})

test('two lawyers act for one person, and a trainee with a lawyer of their firm; a third does not', async () => {
  const person = await admits()
  const [one, two, three] = [await lawyer(), await lawyer(), await lawyer()]
  const trainee = await lawyer('trainee', '浙江松岭律师事务所')
  const traineeAsks = await asks(trainee.who)
  expect(await accepts(traineeAsks, person)).toMatchObject(refused('traineeAlone'))
  const senior = await lawyer('lawyer', '浙江松岭律师事务所')
  const first = await asks(senior.who)
  expect((await accepts(first, person)).status).toBe(200)
  expect((await accepts(traineeAsks, person)).status).toBe(200)
  expect((await accepts(await asks(one.who), person)).status).toBe(200)
  expect(await accepts(await asks(two.who), person)).toMatchObject(refused('twoLawyers'))
  expect(await accepts(await asks(one.who), person)).toMatchObject(refused('already'))
  // when one of them ends it, there is room; the trainee's own lawyer is gone
  expect((await senior.who.post(`/api/engagements/${house}/${first}/end`)).status).toBe(200)
  expect(await check(trainee.who, traineeAsks)).toEqual({ no: 'traineeAlone' })
  expect((await accepts(await asks(three.who), person)).status).toBe(200)
})

test('one lawyer never acts for two who are accused in one case, also with another telephone', async () => {
  const [first, second] = [await admits(), await admits()]
  for (const person of [first, second])
    expect((await desk.post(`${at}/people/${person}/case`, { case: '（2026）青刑 12 号' })).status).toBe(200)
  const { who, holder } = await lawyer()
  expect((await accepts(await asks(who), first)).status).toBe(200)
  expect(await accepts(await asks(who), second)).toMatchObject(refused('sameCase'))
  const again = await Visitor.signedIn(served.url, `+8615400${String((numbers += 1)).padStart(6, '0')}`)
  const { licence, name, document, firm } = holder
  await again.does('/api/lawyers/me', { grade: 'lawyer', licence, firm, document: { ...document, name } })
  expect(await accepts(await asks(again), second)).toMatchObject(refused('sameCase'))
})

test('nor where one of the two is held in another house: it is refused there, and where both houses came to know it too late, neither is met', async () => {
  const named = '（2026）青刑 31 号'
  const far = await opens(served.url, 'linxi')
  const farDesk = await hires(far.admin, far.at, '何平', ['desk'])
  const [number, status, cell] = ['9', 'untried', '1-01']
  const there = (await far.admin.does<{ id: Id }>(`${far.at}/people`, { number, name: '欧阳强', status, cell, born }))
    .id
  const here = await admits()
  await desk.post(`${at}/people/${here}/case`, { case: named })
  await farDesk.post(`${far.at}/people/${there}/case`, { case: named.replaceAll(' ', '') })
  const { who } = await lawyer()
  const one = await asks(who)
  const other = (await who.does<{ id: Id }>('/api/engagements', { ...ask(), house: far.house })).id
  expect((await accepts(one, here)).status).toBe(200)
  const acceptsThere = () => farDesk.post(`${far.at}/engagements/${other}/accept`, { person: there })
  expect(await acceptsThere()).toMatchObject(refused('sameCase'))
  expect(await check(who, one)).toEqual({ detainee: here })

  await desk.post(`${at}/people/${here}/case`, { case: null })
  expect((await acceptsThere()).status).toBe(200)
  expect(await check(who, one)).toEqual({ detainee: here })
  await desk.post(`${at}/people/${here}/case`, { case: named })
  const checkThere = async () => (await who.post(`/api/engagements/${far.house}/${other}/check`)).said
  expect([await check(who, one), await checkThere()]).toEqual([{ no: 'sameCase' }, { no: 'sameCase' }])
  expect((await mine(who)).map(({ trouble }) => trouble)).toEqual(['sameCase', 'sameCase'])
  await who.post(`/api/engagements/${far.house}/${other}/end`)
  expect(await check(who, one)).toEqual({ detainee: here })
})

test('where it comes out later that two are of one case, neither is met until the desk has ended one', async () => {
  const [first, second] = [await admits(), await admits()]
  const { who } = await lawyer()
  const [one, other] = [await asks(who), await asks(who)]
  await accepts(one, first)
  await accepts(other, second)
  for (const person of [first, second]) await desk.post(`${at}/people/${person}/case`, { case: 'A-77' })
  expect([await check(who, one), await check(who, other)]).toEqual([{ no: 'sameCase' }, { no: 'sameCase' }])
  expect((await seen(one)).obstacle).toBe('sameCase')
  expect((await desk.post(`${at}/engagements/${other}/end`, { reason: 'revoked' })).status).toBe(200)
  expect(await check(who, one)).toEqual({ detainee: first })
  expect((await mine(who)).find(({ id }) => id === other)).toMatchObject({ state: 'ended' })
})

test('two officers accept at the same moment, and the law holds', async () => {
  const second = await hires(admin, at, '李民', ['desk'])
  const [first, other] = [await admits(), await admits()]
  for (const person of [first, other]) await desk.post(`${at}/people/${person}/case`, { case: 'B-1' })
  const { who } = await lawyer()
  const [one, two] = [await asks(who), await asks(who)]
  const answers = await Promise.all([accepts(one, first), accepts(two, other, second)])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  const person = await admits()
  const three = await Promise.all([lawyer(), lawyer(), lawyer()])
  const ids = await Promise.all(three.map(({ who }) => asks(who)))
  const results = await Promise.all(ids.map((id, nth) => accepts(id, person, nth === 1 ? second : desk)))
  expect(results.map(({ status }) => status).sort()).toEqual([200, 200, 409])
})

test('a suspension at night is on the engagement and on the record, and its end takes it off', async () => {
  const person = await admits()
  const { who, holder } = await lawyer()
  const id = await asks(who)
  await accepts(id, person)
  registrySays(holder.licence, 'suspended')
  await nightPasses(30)
  expect(await seen(id)).toMatchObject({ licenceTrouble: 'suspended' })
  expect((await mine(who)).find((card) => card.id === id)).toMatchObject({ state: 'accepted', trouble: 'licence' })
  expect(await check(who, id)).toEqual({ no: 'licence' })
  expect((await who.post('/api/engagements', ask())).status).toBe(403)
  writeFileSync(file, JSON.stringify(holders))
  await nightPasses(60)
  expect(await seen(id)).toMatchObject({ licenceTrouble: null })
  const { results } = await served.db
    .prepare(
      `SELECT json_extract(body, '$.move') AS move, json_extract(body, '$.facts.standing') AS said,
      json_extract(body, '$.role') AS role FROM event WHERE matter = ? ORDER BY seq`,
    )
    .bind(id)
    .all()
  expect(results).toEqual([
    { move: 'engage', said: null, role: 'lawyer' },
    { move: 'accept', said: null, role: 'desk' },
    { move: 'licence', said: 'suspended', role: 'system' },
    { move: 'licence', said: 'valid', role: 'system' },
  ])
})

test('a registry that is silent keeps nobody from their lawyer for two days, and then it does', async () => {
  const person = await admits()
  const { who } = await lawyer()
  const id = await asks(who)
  await accepts(id, person)
  writeFileSync(file, 'down')
  expect(await check(who, id)).toEqual({ detainee: person })
  await passes(served.url, 49 * HOUR_MS)
  expect(await check(who, id)).toEqual({ no: 'silent' })
  writeFileSync(file, JSON.stringify(holders))
  await passes(served.url, 0)
})

test('photos of the papers reach the desk and nobody else, each look on the record', async () => {
  const { who } = await lawyer()
  const id = await asks(who)
  const photo = Uint8Array.from([0xff, 0xd8, 0xff, 1, 2, 3])
  const hash = createHash('sha256').update(photo).digest('hex')
  const put = (by: Visitor) =>
    fetch(`${served.url}/api/engagements/${house}/${id}/papers/${hash}`, {
      method: 'PUT',
      headers: {
        cookie: [...by.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        origin: served.url,
        'content-type': 'image/jpeg',
      },
      body: photo,
    }).then(({ status }) => status)
  expect(await put(who)).toBe(200)
  expect(await put((await lawyer()).who)).toBe(403)
  expect((await mine(who)).find((card) => card.id === id)).toMatchObject({ papers: 1 })
  expect((await seen(id)).papers).toEqual([hash])
  const look = async (by: Visitor) => {
    const { said } = await by.post(`${at}/engagements/${id}/papers`)
    const [link] = (said as { links?: string[] }).links ?? []
    return by.ask('GET', link ?? `${at}/engagements/${id}/papers/${hash}`)
  }
  expect((await look(desk)).status).toBe(200)
  const reviewer = await hires(admin, at, '林晓', ['reviewer', 'keeper'])
  expect((await look(reviewer)).status).toBe(403)
  expect((await look(who)).status).toBe(403)
})

test('whoever is no lawyer, or no longer one, cannot ask; an officer without the post sees none and decides none', async () => {
  const mother = await Visitor.signedIn(served.url, `+8615400${String((numbers += 1)).padStart(6, '0')}`)
  expect(await mother.post('/api/engagements', ask())).toMatchObject({ status: 403 })
  const suspended = holders.find((one) => one.standing === 'suspended') as Holder
  const { grade, licence, name, document, firm } = suspended
  await mother.does('/api/lawyers/me', { grade, licence, firm, document: { ...document, name } })
  expect(await mother.post('/api/engagements', ask())).toMatchObject({ said: { refused: { field: 'licence' } } })
  const keeper = await hires(admin, at, '孙梅', ['keeper'])
  expect(((await keeper.ask('GET', at)).said as HouseView).engagements).toEqual([])
  const { who } = await lawyer()
  const id = await asks(who)
  const person = await admits()
  for (const by of [keeper, mother, who]) expect((await accepts(id, person, by)).status).toBe(403)
  expect((await mother.post(`/api/engagements/${house}/${id}/end`)).status).toBe(403)
  expect((await mother.post(`/api/engagements/${house}/${id}/check`)).status).toBe(403)
})

test('who has left is met by nobody any more', async () => {
  const person = await admits()
  const { who } = await lawyer()
  const id = await asks(who)
  await accepts(id, person)
  await admin.does(`${at}/people/${person}/leave`, { because: 'released' })
  expect(await check(who, id)).toEqual({ no: 'left' })
})
