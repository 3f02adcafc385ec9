// A house is opened and run: what its officers do, and what nobody else can.
import { createHash, pbkdf2Sync } from 'node:crypto'
import { expect, test } from 'vitest'
import type { HouseView, KioskView, OfficerCode } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { pinRounds } from '#db/kiosk.ts'
import { unbase64 } from '#db/record.ts'
import { defaults } from '#db/settings.ts'
import { admin, at, house, served, withNewHouse } from '#test/newHouse.ts'
import { foundingCode, hires, HOUR_MS, newHouseForm, opens, Visitor } from '#test/server.ts'

withNewHouse()

let numbers = 0
const newPhone = () => `+8615100${String((numbers += 1)).padStart(6, '0')}`
const person = (more: object = {}) => ({
  number: String(7000 + (numbers += 1)),
  name: '王强',
  status: 'serving',
  cell: '3-02',
  ...more,
})
const admit = async (more: object = {}) =>
  (await admin.post(`${at}/people`, person(more))).said as { id: Id; pin: string }
const hire = async (...roles: string[]) => {
  const officer = await hires(admin, at, '赵民警', roles)
  return { account: officer.account as Id, officer }
}
const view = async () => (await admin.ask('GET', at)).said as HouseView
const row = <Row>(sql: string, ...given: string[]) =>
  served.db
    .prepare(sql)
    .bind(...given)
    .first<Row>()
const stepsOf = async (subject: Id) =>
  (
    await served.db
      .prepare('SELECT body FROM event WHERE matter = ? ORDER BY seq')
      .bind(subject)
      .all<{ body: string }>()
  ).results.map(({ body }) => (JSON.parse(body) as { move: string }).move)

const forbidden = { status: 403, said: { refused: { code: 'not_allowed' } } }
const wants = (field: string) => ({ status: 400, said: { refused: { code: 'check_input', field } } })

test('a house is opened by whoever holds the operator’s code, and by nobody from outside', async () => {
  const somebody = await Visitor.signedIn(served.url, newPhone())
  const { officer } = await hire('leader', 'keeper')
  for (const who of [somebody, officer])
    expect(await who.post('/api/houses', newHouseForm('other'))).toMatchObject(forbidden)
  expect(await new Visitor(served.url).post('/api/houses', newHouseForm('other'))).toMatchObject({ status: 401 })
  const code = await foundingCode(served.url)
  for (const founding of ['x', code.slice(1), `${code}0`, code.toUpperCase()])
    expect(
      await new Visitor(served.url).post('/api/houses/found/options', { founding, ...newHouseForm('other') }),
    ).toMatchObject({ status: 404, said: { refused: { code: 'wrong_code', field: 'founding' } } })
  expect((await view()).house).toMatchObject({ id: house, code: 'songling', name: '松岭看守所' })
  expect(await stepsOf(house)).toContain('openHouse')
})

test('an admin of one house may open another, and a code is given once', async () => {
  expect(await admin.post('/api/houses', newHouseForm('songling'))).toMatchObject({
    status: 409,
    said: { refused: { code: 'taken', field: 'code' } },
  })
  const founding = await foundingCode(served.url)
  const form = { founding, ...newHouseForm('songling') }
  expect(await new Visitor(served.url).post('/api/houses/found/options', form)).toMatchObject({
    status: 409,
    said: { refused: { code: 'taken', field: 'code' } },
  })
  const answers = await Promise.all([
    admin.post('/api/houses', newHouseForm('twin')),
    admin.post('/api/houses', newHouseForm('twin')),
  ])
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
})

test('a house that was half opened when the server died is opened by trying again', async () => {
  const id = newId()
  await served.db
    .prepare(
      `INSERT INTO facility (id, code, name, kind, telephone, hours, created_at) VALUES (?, 'half', '旧', 'detention', '', '', 0)`,
    )
    .bind(id)
    .run()
  expect(await admin.post('/api/houses', newHouseForm('half'))).toMatchObject({ status: 201, said: { id } })
  expect(await row('SELECT name FROM facility WHERE id = ?', id)).toEqual({ name: '松岭看守所' })
})

test('a field that is not right is named, and nothing is written', async () => {
  const before = (await view()).people.length
  expect(await admin.post('/api/houses', { ...newHouseForm('x'), code: '青山' })).toMatchObject(wants('code'))
  expect(await admin.post(`${at}/people`, person({ number: '' }))).toMatchObject(wants('number'))
  expect(await admin.post(`${at}/people`, person({ name: '  ' }))).toMatchObject(wants('name'))
  expect(await admin.post(`${at}/people`, person({ name: '\ud800' }))).toMatchObject(wants('name'))
  expect(await admin.post(`${at}/people`, person({ status: 'constructor' }))).toMatchObject(wants('status'))
  expect(await admin.post(`${at}/people`, person({ more: 1 }))).toMatchObject(wants('more'))
  expect(await admin.post(`${at}/officers`, { name: ' ', roles: ['desk'] })).toMatchObject(wants('name'))
  expect(await admin.post(`${at}/officers`, { name: '李', roles: [] })).toMatchObject(wants('roles'))
  for (const body of ['[]', '"x"', '{', ''])
    expect(await admin.ask('POST', `${at}/people`, body)).toMatchObject({ status: 400 })
  expect((await admin.ask('POST', `${at}/people`, JSON.stringify(person({ name: 'x'.repeat(70_000) })))).status).toBe(
    413,
  )
  expect((await view()).people).toHaveLength(before)
})

test('somebody is admitted with a PIN that is shown once and kept only as its hash', async () => {
  const number = String(7000 + (numbers += 1))
  const { id, pin } = await admit({ number })
  expect(pin).toMatch(/^\d{6}$/)
  const kept = await row<{ pin_salt: string; pin_hash: string }>(
    'SELECT pin_salt, pin_hash FROM detainee WHERE id = ?',
    id,
  )
  const hash = pbkdf2Sync(pin, unbase64(kept?.pin_salt ?? ''), pinRounds, 32, 'sha256').toString('base64')
  expect(hash).toBe(kept?.pin_hash)

  expect(await admin.post(`${at}/people`, person({ number }))).toMatchObject({
    status: 409,
    said: { refused: { code: 'taken', field: 'number' } },
  })
  const again = (await admin.post(`${at}/people/${id}/pin`)).said as { pin: string }
  expect(again.pin).toMatch(/^\d{6}$/)
  const now = await row<{ pin_hash: string }>('SELECT pin_hash FROM detainee WHERE id = ?', id)
  expect(now?.pin_hash).not.toBe(kept?.pin_hash)
  expect(await stepsOf(id)).toEqual(['admit', 'pin'])
})

test('letters locked by wrong PINs are opened by an officer, even where the kiosk’s clock runs ahead', async () => {
  const { id } = await admit()
  const ahead = Date.now() + 3 * HOUR_MS
  await served.db.prepare('UPDATE detainee SET locked_at = ? WHERE id = ?').bind(ahead, id).run()
  expect((await view()).people.find((one) => one.id === id)?.locked).toBe(true)
  const { officer } = await hire('duty')
  expect((await officer.post(`${at}/people/${id}/open`)).status).toBe(200)
  expect((await view()).people.find((one) => one.id === id)?.locked).toBe(false)
})

test('each role does its own work and nothing beyond', async () => {
  const { id } = await admit()
  const invite = { person: id, kin: 'parent', name: '李芳' }
  const may = async (role: string) => {
    const { officer } = await hire(role)
    const tried = {
      invites: await officer.post(`${at}/invites`, invite),
      open: await officer.post(`${at}/people/${id}/open`),
      status: await officer.post(`${at}/people/${id}/status`, { status: 'serving' }),
      people: await officer.post(`${at}/people`, person()),
      officers: await officer.post(`${at}/officers`, { name: '钱', roles: ['admin'] }),
      kiosks: await officer.post(`${at}/kiosks`, { name: 'x', cell: '1' }),
      settings: await officer.post(`${at}/settings`, { kind: 'letter', settings: defaults.detention.letter }),
      view: await officer.ask('GET', at),
    }
    for (const { status } of Object.values(tried)) expect([200, 201, 403]).toContain(status)
    return Object.entries(tried).flatMap(([what, { status }]) => (status === 403 ? [] : [what]))
  }
  expect(await may('keeper')).toEqual(['invites', 'open', 'view'])
  expect(await may('duty')).toEqual(['open', 'view'])
  expect(await may('desk')).toEqual(['view'])
  expect(await may('leader')).toEqual(['view'])
  for (const role of ['reviewer', 'oversight']) expect(await may(role)).toEqual([])
})

test('officers who are no admins are told of people and ties, and not of their colleagues', async () => {
  const { officer } = await hire('keeper')
  expect((await officer.ask('GET', at)).said).toMatchObject({ officers: [], kiosks: [] })
})

test('a relative, somebody signed out and the admin of another house find no door', async () => {
  const { id } = await admit()
  const { account } = await hire('desk')
  const { id: kiosk } = (await admin.post(`${at}/kiosks`, { name: 'x', cell: '1' })).said as { id: Id }
  const routes: [string, object][] = [
    ['/people', person()],
    [`/people/${id}/status`, { status: 'untried' }],
    [`/people/${id}/move`, { cell: '9' }],
    [`/people/${id}/leave`, { because: 'released' }],
    [`/people/${id}/open`, {}],
    [`/people/${id}/pin`, {}],
    ['/roster/plan', { rows: [{ row: 2, number: '0231' }], whole: true }],
    [
      '/roster',
      {
        steps: [
          { step: 'leave', person: id, was: { status: 'serving', cell: '3-02', born: null }, because: 'released' },
        ],
      },
    ],
    ['/officers', { name: '贼', roles: ['admin'] }],
    [`/officers/${account}/roles`, { roles: ['admin'] }],
    [`/officers/${account}/disable`, {}],
    [`/officers/${account}/reset`, {}],
    ['/kiosks', { name: 'x', cell: '1' }],
    [`/kiosks/${kiosk}/enrol`, {}],
    [`/kiosks/${kiosk}/revoke`, {}],
    ['/invites', { person: id, kin: 'parent', name: '李芳' }],
    ['/settings', { kind: 'letter', settings: defaults.detention.letter }],
    [`/kinships/${newId()}/end`, {}],
    ['/consents', { tie: newId(), kind: 'letter', until: null, document: 'x' }],
  ]
  const elsewhere = await opens(served.url, 'yuanfang')
  const stranger = await hires(elsewhere.admin, elsewhere.at, '远方', ['admin'])
  const relative = await Visitor.signedIn(served.url, newPhone())
  const before = await stepsOf(house)

  for (const [path, body] of routes) {
    expect(await relative.post(at + path, body)).toMatchObject(forbidden)
    expect(await new Visitor(served.url).post(at + path, body)).toMatchObject({ status: 401, said: { signIn: true } })
    const theirs = await stranger.post(at + path, body)
    const nobodys = await stranger.post(`/api/houses/${newId()}${path}`, body)
    expect(theirs).toMatchObject(forbidden)
    expect([theirs.status, theirs.said]).toEqual([nobodys.status, nobodys.said])
  }
  for (const who of [relative, stranger]) expect(await who.ask('GET', at)).toMatchObject(forbidden)
  expect(await stepsOf(house)).toEqual(before)
  // nor through their own house to somebody who is not in it
  expect(await stranger.post(`${elsewhere.at}/people/${id}/leave`, { because: 'died' })).toMatchObject(forbidden)
  expect(await stranger.post(`${elsewhere.at}/kiosks/${kiosk}/revoke`)).toMatchObject(forbidden)
  expect(await stranger.post(`${elsewhere.at}/invites`, { person: id, kin: 'child', name: '贼' })).toMatchObject(
    forbidden,
  )
})

test('an officer whose post has ended is out at once', async () => {
  const { account, officer } = await hire('desk')
  expect((await officer.ask('GET', at)).status).toBe(200)
  expect((await admin.post(`${at}/officers/${account}/disable`)).status).toBe(200)
  expect((await officer.ask('GET', at)).status).toBe(401)
  expect(await admin.post(`${at}/officers/${account}/disable`)).toMatchObject(forbidden)
})

test('a house is never left without an admin, not even by two who end each other’s post at once', async () => {
  const { url } = served
  const own = await opens(url, 'twoadmins')
  const alone = { status: 409, said: { refused: { code: 'not_allowed', field: 'roles' } } }
  expect(await own.admin.post(`${own.at}/officers/${own.admin.account}/disable`)).toMatchObject(alone)
  expect(await own.admin.post(`${own.at}/officers/${own.admin.account}/roles`, { roles: ['desk'] })).toMatchObject(
    alone,
  )

  const other = await hires(own.admin, own.at, '乙', ['admin'])
  await Promise.all([
    own.admin.post(`${own.at}/officers/${other.account}/roles`, { roles: ['desk'] }),
    other.post(`${own.at}/officers/${own.admin.account}/roles`, { roles: ['desk'] }),
  ])
  const { count } = (await row<{ count: number }>(
    `SELECT count(*) AS count FROM officer, json_each(roles) WHERE facility = ? AND value = 'admin'`,
    own.house,
  )) ?? { count: 0 }
  expect(count).toBeGreaterThanOrEqual(1)
})

test('somebody who had left is given a post anew, with an account of its own', async () => {
  const post = { name: '赵民警', roles: ['desk'] }
  const first = await admin.does<OfficerCode>(`${at}/officers`, post)
  await admin.post(`${at}/officers/${first.account}/disable`)
  const again = await admin.does<OfficerCode>(`${at}/officers`, { ...post, roles: ['duty'] })
  expect(again.account).not.toBe(first.account)
  const listed = (await view()).officers
  expect(listed.find((one) => one.account === first.account)?.disabledAt).not.toBeNull()
  expect(listed.find((one) => one.account === again.account)).toMatchObject({ roles: ['duty'], disabledAt: null })
  expect((await new Visitor(served.url).post('/api/identity/enrolment/look', { code: first.code })).status).toBe(404)
})

test('a kiosk’s code is kept as a hash, and a kiosk that is taken away is out', async () => {
  const { id, code } = (await admin.post(`${at}/kiosks`, { name: '3-02', cell: '3-02' })).said as {
    id: Id
    code: string
  }
  const state = async () => (await view()).kiosks.find((kiosk: KioskView) => kiosk.id === id)?.state
  expect(await row('SELECT enrol_hash FROM kiosk WHERE id = ?', id)).toEqual({
    enrol_hash: createHash('sha256').update(code).digest('base64url'),
  })
  expect(await state()).toBe('waiting')

  const { device, answer } = await Visitor.kiosk(served.url, code.toUpperCase().replace('-', ' - '))
  expect(answer.status).toBe(200)
  expect(await state()).toBe('enrolled')
  expect((await device.ask('GET', '/api/kiosk')).status).toBe(200)

  expect((await admin.post(`${at}/kiosks/${id}/revoke`)).status).toBe(200)
  expect(await state()).toBe('revoked')
  expect((await device.ask('GET', '/api/kiosk')).status).toBe(401)
  expect(await admin.post(`${at}/kiosks/${id}/enrol`)).toMatchObject(forbidden)
  expect(await stepsOf(id)).toEqual(['add', 'enrol', 'revoke'])
})

test('a setting names a state that there is, and holds from then on', async () => {
  const settings = { ...defaults.detention.letter, dueHours: { submitted: 24 } }
  const strange = { ...settings, dueHours: { nowhere: 24 } }
  expect(await admin.post(`${at}/settings`, { kind: 'letter', settings: strange })).toMatchObject(
    wants('settings.dueHours'),
  )
  expect((await admin.post(`${at}/settings`, { kind: 'letter', settings })).status).toBe(200)
  expect(await view()).toMatchObject({ settings: { letter: { dueHours: { submitted: 24 } } }, own: ['letter'] })
  expect(await admin.post(`${at}/settings`, { kind: 'parcel', settings })).toMatchObject(wants('kind'))
})

test('names stand in no event of the record, only in what can be erased', async () => {
  await admit({ name: '欧阳不可见' })
  const { results } = await served.db.prepare('SELECT body FROM event').all<{ body: string }>()
  for (const { body } of results) expect(body).not.toMatch(/欧阳不可见|陈立|赵民警|\+861\d{10}/)
  expect(results.length).toBeGreaterThan(10)
  expect(newHouseForm('x').admin).toBe('陈立')
})
