// A device in a cell, against a whole server: enrolled once, known from then on, and what five wrong PINs come to.
import { expect, test } from 'vitest'
import type { HouseView } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import type { Inmate } from '#db/matter.ts'
import { admin, at, house, served, withNewHouse } from '#test/newHouse.ts'
import { HOUR_MS, opens, passes, Visitor } from '#test/server.ts'

withNewHouse()

let numbers = 0
const hangs = async (cell: string) =>
  (await admin.post(`${at}/kiosks`, { name: `${cell} 一体机`, cell })).said as { id: Id; code: string }
const admits = async (cell: string) => {
  const form = { number: `10${(numbers += 1)}`, name: '王强', status: 'serving', cell }
  return (await admin.post(`${at}/people`, form)).said as { id: Id; pin: string }
}

const enrols = (code: string) => Visitor.kiosk(served.url, code)

const inmateOf = async (device: Visitor, person: Id): Promise<Inmate | undefined> =>
  (await device.syncs()).changes
    .flatMap((change) => ('inmate' in change ? [change.inmate] : []))
    .find(({ id }) => id === person)
const lockedIn = async (person: Id) =>
  ((await admin.ask('GET', at)).said as HouseView).people.find(({ id }) => id === person)?.locked
const lock = (person: Id, more: object = {}) => ({ id: newId(), person, at: Date.now(), opened: 0, ...more })

test('a code opens one device, once, however it is typed', async () => {
  const { id, code } = await hangs('1-01')
  const { device, answer } = await enrols(`  ${code.toUpperCase().replace(/(.{4})$/, ' $1')}`)
  expect(answer.said).toEqual({
    kiosk: id,
    cell: '1-01',
    name: '1-01 一体机',
    house: { id: house, name: '松岭看守所', telephone: '0000', hours: '9–17' },
    seal: expect.stringMatching(/^[\w+/]{43}=$/) as string,
  })
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect((await device.ask('GET', '/api/kiosk')).said).toEqual(answer.said)

  const second = (await enrols(code)).answer
  const unknown = (await enrols('songling-0000000000000')).answer
  expect([second.status, unknown.status]).toEqual([404, 404])
  expect(second.said).toEqual(unknown.said)
})

test('a code that was left lying for a day opens nothing', async () => {
  const { code } = await hangs('1-02')
  await passes(served.url, 25 * HOUR_MS)
  expect((await enrols(code)).answer.said).toEqual({ refused: { code: 'wrong_code', field: 'code' } })
})

test('two devices that come with one code at the same moment are one kiosk', async () => {
  const { code } = await hangs('1-03')
  const answers = await Promise.all([enrols(code), enrols(code), enrols(code)])
  expect(answers.map(({ answer }) => answer.status).sort()).toEqual([200, 404, 404])
})

test('a new device takes the place of the old one', async () => {
  const { id, code } = await hangs('1-04')
  const old = (await enrols(code)).device
  const again = (await admin.post(`${at}/kiosks/${id}/enrol`)).said as { code: string }
  expect((await old.ask('GET', '/api/kiosk')).status).toBe(200)
  await enrols(again.code)
  expect((await old.ask('GET', '/api/kiosk')).status).toBe(401)
})

test('a kiosk that was taken away is nobody', async () => {
  const { id, code } = await hangs('1-05')
  const { device } = await enrols(code)
  await admin.post(`${at}/kiosks/${id}/revoke`)
  expect((await device.ask('GET', '/api/kiosk')).status).toBe(401)
  expect((await device.post('/api/kiosk/locks', { locks: [lock(newId())] })).status).toBe(401)
})

test('an officer who is signed in is no kiosk', async () => {
  expect((await admin.ask('GET', '/api/kiosk')).status).toBe(401)
})

test('a kiosk knows the people of its cell, and of no other', async () => {
  const { code } = await hangs('2-01')
  const [here, there] = [await admits('2-01'), await admits('2-02')]
  const { device } = await enrols(code)
  const { changes } = await device.syncs()
  expect(changes.flatMap((change) => ('inmate' in change ? [change.inmate.id] : []))).toEqual([here.id])
  expect(JSON.stringify(changes)).not.toContain(there.id)
})

test('a lock told twice is one lock, and an officer opens it', async () => {
  const { code } = await hangs('2-03')
  const { id: person } = await admits('2-03')
  const { device } = await enrols(code)
  const told = lock(person)
  await device.post('/api/kiosk/locks', { locks: [told] })
  await device.post('/api/kiosk/locks', { locks: [told] })
  expect(await lockedIn(person)).toBe(true)
  const steps = await served.db
    .prepare(`SELECT count(*) AS count FROM event WHERE matter = ? AND json_extract(body, '$.move') = 'lock'`)
    .bind(person)
    .first<{ count: number }>()
  expect(steps?.count).toBe(1)

  await admin.post(`${at}/people/${person}/open`)
  expect(await lockedIn(person)).toBe(false)
  const inmate = await inmateOf(device, person)
  expect(inmate && inmate.openedAt >= inmate.lockedAt).toBe(true)
})

test('a lock that comes late does not undo the opening that answered it', async () => {
  const { code } = await hangs('2-04')
  const { id: person } = await admits('2-04')
  const { device } = await enrols(code)
  await admin.post(`${at}/people/${person}/open`) // somebody told an officer while the kiosk had no network
  await device.post('/api/kiosk/locks', { locks: [lock(person)] })
  expect(await lockedIn(person)).toBe(false)
})

test('a kiosk whose clock is a day slow still locks', async () => {
  const { code } = await hangs('2-05')
  const { id: person } = await admits('2-05')
  const { device } = await enrols(code)
  await admin.post(`${at}/people/${person}/open`)
  const opened = (await inmateOf(device, person))?.openedAt
  await device.post('/api/kiosk/locks', { locks: [lock(person, { at: Date.now() - 24 * HOUR_MS, opened })] })
  expect(await lockedIn(person)).toBe(true)
})

test('a kiosk locks nobody of another cell', async () => {
  const { device } = await enrols((await hangs('2-07')).code)
  const [own, other] = [await admits('2-07'), await admits('2-08')]
  expect((await device.post('/api/kiosk/locks', { locks: [lock(other.id), lock(own.id)] })).said).toEqual({})
  expect([await lockedIn(own.id), await lockedIn(other.id)]).toEqual([true, false])
})

test('a kiosk locks nobody in another house', async () => {
  const { code } = await hangs('2-06')
  const { device } = await enrols(code)
  const other = await opens(served.url, 'qingxi')
  const form = { number: '1', name: '王强', status: 'serving', cell: '2-06' }
  const { id } = (await other.admin.post(`${other.at}/people`, form)).said as { id: Id }
  expect((await device.post('/api/kiosk/locks', { locks: [lock(id)] })).status).toBe(200)
  const view = (await other.admin.ask('GET', other.at)).said as HouseView
  expect(view.people.map(({ locked }) => locked)).toEqual([false])
})
