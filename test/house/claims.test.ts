// Somebody without an invite claims to be family: always told the same, checked by an officer, and tied or not.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Claim, ClaimCard } from '#db/claim.ts'
import type { ClaimView, HouseView } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import { admit, anybody, hires, letter, recordOf, soon, tied, tieIn } from '#test/house/family.ts'
import { admin, at, house, served, withNewHouse } from '#test/newHouse.ts'
import { HOUR_MS, opens, passes, Visitor } from '#test/server.ts'
import { looksChain } from '#worker/record/looks.ts'

withNewHouse()

const born = '1990-03-07'
const forbidden = { status: 403, said: { refused: { code: 'not_allowed' } } }
const wants = (field: string) => ({ status: 400, said: { refused: { code: 'check_input', field } } })
const claim = (more: Partial<Claim> = {}): Claim => ({
  id: newId(),
  house,
  person: '欧阳强',
  born,
  name: '李芳',
  kin: 'parent',
  ...more,
})
const claims = (who: Visitor, said: Claim = claim()) => who.post('/api/claims', said)
const mine = async (who: Visitor) => ((await who.ask('GET', '/api/claims')).said as { claims: ClaimCard[] }).claims
const seenBy = async (officer: Visitor): Promise<readonly ClaimView[]> =>
  ((await officer.ask('GET', at)).said as HouseView).claims
/** The newest claim that waits for an officer. */
const newest = async () => (await seenBy(admin)).at(-1) as ClaimView

test('a claim is checked, accepted, and the relative writes', async () => {
  const person = await admit('serving', { born })
  const mother = await anybody()
  expect(await claims(mother)).toMatchObject({ status: 202, said: { checking: true } })
  expect(await mine(mother)).toMatchObject([{ person: '欧阳强', kin: 'parent', outcome: null, house: { id: house } }])
  expect((await mother.syncs()).changes).toEqual([])

  const seen = await newest()
  expect(seen).toMatchObject({ person: '欧阳强', born, name: '李芳', kin: 'parent' })
  expect(seen.near).toContain(person)
  expect((await admin.post(`${at}/claims/${seen.id}/accept`, { person, kin: 'other' })).status).toBe(200)

  expect(await mine(mother)).toMatchObject([{ outcome: 'accepted' }])
  const tie = tieIn(await mother.syncs())
  expect(tie).toMatchObject({ name: '欧阳强', kin: 'other', ended: false })
  expect(tie && (await mother.syncs(letter(tie))).results).toMatchObject([{ done: { state: 'submitted' } }])
  expect(await mother.ask('GET', '/api/me')).toMatchObject({ said: { name: '李芳' } })
  expect((await recordOf(seen.id)).map(({ move, role }) => `${role} ${move}`)).toEqual([
    'relative claim',
    'admin accept',
  ])
})

test('whether somebody is held, was held or never was: the answer is the same, byte for byte', async () => {
  await admit('serving', { name: '周在押', born })
  const left = await admit('serving', { name: '周已走', born })
  await admin.post(`${at}/people/${left}/leave`, { because: 'released' })

  const heard = async (person: string) => {
    const who = await anybody()
    const answer = await fetch(`${served.url}/api/claims`, {
      method: 'POST',
      headers: {
        cookie: [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        origin: served.url,
        'content-type': 'application/json',
      },
      body: JSON.stringify(claim({ person })),
    })
    // of the token that a session gets anew every five minutes only its length can be compared
    const headers = [...answer.headers].map(([name, value]) =>
      name === 'set-cookie' ? [name, value.replace(/=[\w-]+;/, (token) => '·'.repeat(token.length))] : [name, value],
    )
    const told = (await mine(who)).map(({ house, kin, outcome }) => ({ house, kin, outcome }))
    return JSON.stringify({
      status: answer.status,
      headers: headers.filter(([name]) => name !== 'date'),
      body: (await answer.text()).replace(/[0-9a-f-]{36}/, 'id'),
      told,
    })
  }
  const held = await heard('周在押')
  expect(await heard('周已走')).toBe(held)
  expect(await heard('周未有')).toBe(held)
})

test('a claim asks the house’s people for nothing: the same statements, whoever is named', async () => {
  const mother = await anybody()
  await claims(mother, claim({ person: '某某某' }))
  const { results } = await served.db.prepare(`SELECT name FROM pragma_table_info('claim')`).all<{ name: string }>()
  expect(results.map(({ name }) => name)).not.toContain('detainee')
  const { results: known } = await served.db.prepare('SELECT * FROM reach WHERE account = ?').bind(mother.account).all()
  expect(known).toEqual([{ account: mother.account, facility: house }]) // all that the directory learns
})

test('near are those with the same day of birth and a name like it; the rest an officer must find', async () => {
  const [same, dotted] = [
    await admit('serving', { name: '买买提·艾力', born: '1988-01-02' }),
    await admit('serving', { name: '买买提艾力', born: '1988-01-02' }),
  ]
  const others = [
    await admit('serving', { name: '买买提·艾力', born: '1988-01-03' }),
    await admit('serving', { name: '买买提·艾力' }),
    await admit('serving', { name: '张三', born: '1988-01-02' }),
  ]
  await claims(await anybody(), claim({ person: '买买提艾力', born: '1988-01-02' }))
  const { near } = await newest()
  expect([...near].sort()).toEqual([same, dotted].sort())
  for (const other of others) expect(near).not.toContain(other)
})

test('a claim is declined with a reason that the family is not told', async () => {
  const mother = await anybody()
  await claims(mother)
  const { id } = await newest()
  expect((await admin.post(`${at}/claims/${id}/decline`, { reason: 'nobody' })).status).toBe(200)
  const told = await mine(mother)
  expect(told).toMatchObject([{ outcome: 'declined' }])
  expect(JSON.stringify(told)).not.toContain('nobody')
  expect(await admin.post(`${at}/claims/${id}/decline`, { reason: 'nobody' })).toMatchObject(forbidden)
  expect((await recordOf(id)).at(-1)).toMatchObject({ move: 'decline', facts: { reason: 'nobody' } })
})

test('a claim whose answer was lost is one claim, and nobody’s id reaches another’s', async () => {
  const mother = await anybody()
  const said = claim()
  for (let sent = 0; sent < 3; sent += 1) expect((await claims(mother, said)).status).toBe(202)
  expect(await mine(mother)).toHaveLength(1)

  const { tie } = await tied('serving')
  const stranger = await anybody()
  const before = await recordOf(tie.id)
  expect((await claims(stranger, claim({ id: tie.id }))).status).toBe(202)
  expect((await claims(stranger, said)).status).toBe(202)
  expect(await recordOf(tie.id)).toEqual(before)
  expect(await mine(stranger)).toHaveLength(2)
  expect(await mine(mother)).toHaveLength(1)
})

test('two officers who decide at the same moment: one decision stands, and the record holds one', async () => {
  const person = await admit('serving', { born })
  const mother = await anybody()
  await claims(mother)
  const { id } = await newest()
  const keeper = await hires('keeper')
  const answers = await Promise.all([
    admin.post(`${at}/claims/${id}/accept`, { person, kin: 'parent' }),
    keeper.post(`${at}/claims/${id}/decline`, { reason: 'papers' }),
  ])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
  expect(await recordOf(id)).toHaveLength(2)
  expect((await mother.syncs()).changes).toHaveLength(answers[0]?.status === 200 ? 1 : 0)
})

test('only keepers and admins of this house see and decide claims, and only for whom it holds', async () => {
  const person = await admit('serving', { born })
  const mother = await anybody()
  await claims(mother)
  const { id } = await newest()
  for (const role of ['desk', 'duty']) expect(await seenBy(await hires(role))).toEqual([])
  const others = [mother, ...(await Promise.all(['desk', 'duty', 'reviewer', 'leader'].map((role) => hires(role))))]
  for (const who of others) {
    expect(await who.post(`${at}/claims/${id}/accept`, { person, kin: 'parent' })).toMatchObject(forbidden)
    expect(await who.post(`${at}/claims/${id}/decline`, { reason: 'other' })).toMatchObject(forbidden)
  }
  const other = await opens(served.url, 'other')
  expect(await other.admin.post(`${other.at}/claims/${id}/accept`, { person, kin: 'parent' })).toMatchObject(forbidden)
  expect(await admin.post(`${at}/claims/${id}/accept`, { person: newId(), kin: 'parent' })).toMatchObject(forbidden)
  await admin.post(`${at}/people/${person}/leave`, { because: 'released' })
  expect(await admin.post(`${at}/claims/${id}/accept`, { person, kin: 'parent' })).toMatchObject(forbidden)
  expect(await mine(mother)).toMatchObject([{ outcome: null }])
})

test('a banned relative who claims anew is still banned', async () => {
  const { person, mother, tie } = await tied('serving')
  const said = { until: Date.now() + 24 * HOUR_MS, reason: 'safety', note: '' }
  await admin.post(`${at}/kinships/${tie.id}/ban`, said)
  await admin.post(`${at}/kinships/${tie.id}/end`)
  await claims(mother)
  await admin.post(`${at}/claims/${(await newest()).id}/accept`, { person, kin: 'parent' })
  expect(tieIn(await mother.syncs())).toMatchObject({ id: tie.id, ended: false })
  expect((await mother.syncs(letter(tie))).results).toEqual([{ refused: { code: 'closed' } }])
})

test('what is not right is named; nobody signed in claims nothing; nobody claims without end', async () => {
  const who = await anybody()
  expect(await claims(who, claim({ person: ' ' }))).toMatchObject(wants('person'))
  for (const day of ['2999-01-01', '1990-02-30', '7.3.1990', '0001-01-01'])
    expect(await claims(who, claim({ born: day }))).toMatchObject(wants('born'))
  expect(await claims(who, claim({ house: newId() }))).toMatchObject(wants('house'))
  const nobody = await fetch(`${served.url}/api/claims`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: served.url },
    body: JSON.stringify(claim()),
  })
  expect(nobody.status).toBe(401)
  const eager = await anybody()
  for (let tried = 0; tried < 10; tried += 1) expect((await claims(eager)).status).toBe(202)
  expect((await claims(eager)).status).toBe(429)
})

test('a day of birth is given later, and taken back', async () => {
  const person = await admit('serving', { name: '补登记' })
  const bornOf = async () =>
    ((await admin.ask('GET', at)).said as HouseView).people.find(({ id }) => id === person)?.born
  expect(await bornOf()).toBeNull()
  expect((await admin.post(`${at}/people/${person}/born`, { born })).status).toBe(200)
  expect(await bornOf()).toBe(born)
  await admin.post(`${at}/people/${person}/born`, { born: null })
  expect(await bornOf()).toBeNull()
  expect(await (await hires('keeper')).post(`${at}/people/${person}/born`, { born })).toMatchObject(forbidden)
})

test('what was decided is forgotten after ninety days; what still waits is not', async () => {
  const mother = await anybody()
  await claims(mother)
  const { id } = await newest()
  await admin.post(`${at}/claims/${id}/decline`, { reason: 'other' })
  await claims(mother)
  await passes(served.url, 91 * 24 * HOUR_MS)
  const left = async () =>
    (await served.db.prepare('SELECT count(*) AS n FROM content WHERE matter = ?').bind(id).first<{ n: number }>())?.n
  await soon(left, 0)
  const { results } = await served.db.prepare('SELECT id FROM claim WHERE account = ?').bind(mother.account).all()
  expect(results).toHaveLength(1)
})

const photo = (seed: number, bytes = 4000) => {
  const jpeg = new Uint8Array(bytes).fill(seed)
  jpeg.set([0xff, 0xd8, 0xff])
  return jpeg
}
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const puts = async (who: Visitor, claim: string, bytes: Uint8Array<ArrayBuffer>, hash = hashOf(bytes)) =>
  fetch(`${served.url}/api/claims/${house}/${claim}/papers/${hash}`, {
    method: 'PUT',
    headers: {
      cookie: [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      origin: served.url,
      'content-type': 'image/jpeg',
    },
    body: bytes,
  })
const linksTo = async (who: Visitor, claim: string) =>
  ((await who.post(`${at}/claims/${claim}/papers`)).said as { links?: string[] }).links ?? []
const looks = (who: Visitor, link: string) =>
  fetch(`${served.url}${link}`, {
    headers: { cookie: [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
  })
/** By the link that is theirs; who gets none asks without. */
const opensPaper = async (who: Visitor, claim: string, hash: string) => {
  const path = `${at}/claims/${claim}/papers/${hash}`
  return looks(who, (await linksTo(who, claim)).find((link) => link.startsWith(path)) ?? path)
}

test('photos of papers come with a claim; an officer opens each through their session, and every look is recorded', async () => {
  const mother = await anybody()
  const { id } = (await claims(mother)).said as { id: Id }
  const page = photo(7)
  for (let sent = 0; sent < 2; sent += 1) expect((await puts(mother, id, page)).status).toBe(200)
  expect(await mine(mother)).toMatchObject([{ id, papers: 1 }])
  expect((await newest()).papers).toEqual([hashOf(page)])

  const seen = await opensPaper(admin, id, hashOf(page))
  expect(seen.status).toBe(200)
  expect(Object.fromEntries(seen.headers)).toMatchObject({
    'content-type': 'image/jpeg',
    'content-disposition': 'inline; filename="paper.jpg"',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  expect(new Uint8Array(await seen.arrayBuffer())).toEqual(page)
  expect(await recordOf(looksChain(id))).toMatchObject([{ move: 'read', role: 'admin', facts: { claim: id } }])
  expect((await recordOf(id)).map(({ move }) => move)).toEqual(['claim', 'paper'])
})

test('nobody else sends or opens a photo, and what is no photo is refused', async () => {
  const [mother, stranger] = [await anybody(), await anybody()]
  const { id } = (await claims(mother)).said as { id: Id }
  await claims(stranger)
  const page = photo(9)
  expect((await puts(stranger, id, page)).status).toBe(403)
  expect((await puts(mother, id, new Uint8Array([60, 104, 49]))).status).toBe(400)
  expect((await puts(mother, id, page, '0'.repeat(64))).status).toBe(400)
  expect((await puts(mother, id, photo(1, 1024 * 1024 + 1))).status).toBe(413)
  await puts(mother, id, page)
  for (const who of [mother, stranger, await hires('desk')])
    expect((await opensPaper(who, id, hashOf(page))).status).toBe(403)
  expect((await opensPaper(admin, id, '0'.repeat(64))).status).toBe(403)
  for (const seed of [1, 2]) expect((await puts(mother, id, photo(seed))).status).toBe(200)
  expect((await puts(mother, id, photo(3))).status).toBe(409)
  await admin.post(`${at}/claims/${id}/decline`, { reason: 'papers' })
  expect((await opensPaper(admin, id, hashOf(page))).status).toBe(403)
  expect((await puts(mother, id, page)).status).toBe(403)
})

test('a link to a photo is one officer’s, for five minutes and this photo, and dies with their session', async () => {
  const mother = await anybody()
  const { id } = (await claims(mother)).said as { id: Id }
  const other = (await claims(mother)).said as { id: Id }
  for (const seed of [11, 12]) await puts(mother, id, photo(seed))
  await puts(mother, other.id, photo(11))
  const keeper = await hires('keeper')
  const [link = '', second = ''] = await linksTo(keeper, id)
  expect((await looks(keeper, link)).status).toBe(200)

  const bare = link.replace(/\?.*/, '')
  const proof = new URL(link, served.url).searchParams.get('proof') ?? ''
  const changed = [
    bare,
    `${bare}?${second.replace(/.*\?/, '')}`, // another photo's
    link.replace(id, other.id),
    link.replace(/until=\d/, (until) => `until=${until === 'until=9' ? 8 : 9}`),
    link.replace(/until=\d+/, 'until=Infinity'),
    link.replace(proof, `${proof.startsWith('0') ? '1' : '0'}${proof.slice(1)}`),
    link.replace(/&proof=.*/, ''),
  ]
  for (const to of changed) expect((await looks(keeper, to)).status, to).toBe(403)
  expect((await looks(admin, link)).status).toBe(403) // who may look too, by a link of their own
  expect((await looks(mother, link)).status).toBe(403)
  expect((await looks(new Visitor(served.url), link)).status).toBe(401)

  await passes(served.url, 5 * 60_000 + 1000)
  expect((await looks(keeper, link)).status).toBe(403)
  const [fresh = ''] = await linksTo(keeper, id)
  expect((await looks(keeper, fresh)).status).toBe(200)
  await passes(served.url, 0)

  const [last = ''] = await linksTo(keeper, id)
  const cookies = new Map(keeper.cookies)
  await keeper.post('/api/identity/sign-out')
  for (const [name, value] of cookies) keeper.cookies.set(name, value)
  expect((await looks(keeper, last)).status).toBe(401)
})

test('photos are forgotten with their claim', async () => {
  const mother = await anybody()
  const { id } = (await claims(mother)).said as { id: Id }
  await puts(mother, id, photo(5))
  await admin.post(`${at}/claims/${id}/decline`, { reason: 'papers' })
  await passes(served.url, 91 * 24 * HOUR_MS)
  const papers = await served.db.prepare('SELECT * FROM paper WHERE claim = ?').bind(id).all()
  expect(papers.results).toEqual([])
})
