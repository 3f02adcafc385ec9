// Three years after somebody has left, their name and all that was written is gone, everywhere, and that of relatives
// who have nobody else; the record still proves itself. So it is after an old backup was put back.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountHeader } from '#db/command.ts'
import type { ClaimView, HouseView } from '#db/house.ts'
import { newId, type Id } from '#db/id.ts'
import type { Tie } from '#db/matter.ts'
import { verifierKey } from '#db/record.ts'
import { hires, HOUR_MS, opens, passes, Visitor } from '#test/server.ts'
import { audit } from '#worker/record/audit.ts'
import { linesOf } from '#worker/record/export.ts'
import { keyOf } from '#worker/record/heads.ts'
import { ledgerIn, localRows } from '#worker/record/rows.ts'
import { signer } from '#worker/record/sign.ts'
import { told } from '#worker/record/verify.ts'
import { backup, restore } from '#worker/start/backup.ts'
import { secretsIn } from '#worker/start/secrets.ts'
import { serve, type Served } from '#worker/start/serve.ts'

const folder = mkdtempSync(join(tmpdir(), 'etongban-'))
const at = (name: string) => join(folder, name)
const DAY_MS = 24 * HOUR_MS
const phones = { wife: '+8615211110001', aunt: '+8615211110002' }
/** Who and what must be nowhere any more. */
const erased = [
  '欧阳修远',
  '欧阳淑芬',
  '19900307',
  '1990-03-07',
  'QX-77',
  '粮食已经收完',
  '这段不清楚',
  '衡检许字',
  '不得往来',
]
const kept = ['周留', '何姑姑', '姑姑写的信']

const start = (dir: string) => serve({ port: 0, dir, demo: false, log: () => undefined })
/** Every value of every row of every table, and all that is in the files. */
async function allIn({ db }: Served): Promise<string> {
  const { results } = await db
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`)
    .all<{ name: string }>()
  const rows = await Promise.all(results.map(({ name }) => db.prepare(`SELECT * FROM "${name}"`).all()))
  return JSON.stringify(rows.map((answer) => answer.results))
}
const found = async (served: Served, words: readonly string[]) => {
  const all = await allIn(served)
  return words.filter((word) => all.includes(word))
}
/** Three years on, at two in the night in the house's zone. */
const threeYearsOn = (): number => {
  const then = new Date(Date.now() + (3 * 365 + 2) * DAY_MS)
  then.setUTCHours(18, 0, 0, 0)
  return then.getTime() - Date.now()
}

let served: Served
let story: Awaited<ReturnType<typeof tells>>
/** A house, and two people inside: one with a wife and an aunt, who has the other as well. */
async function tells(url: string) {
  const { admin, house, at: of } = await opens(url, 'songling')
  const admit = async (number: string, name: string, born: string) =>
    (await admin.does<{ id: Id }>(`${of}/people`, { number, name, status: 'serving', cell: '3-02', born })).id
  const [leaves, stays] = [await admit('QX-77', '欧阳修远', '1990-03-07'), await admit('QX-78', '周留', '1991-01-01')]
  const wife = await Visitor.signedIn(url, phones.wife)
  const aunt = await Visitor.signedIn(url, phones.aunt)
  const ties = async (who: Visitor, person: Id, kin: string, name: string) => {
    const { code } = await admin.does<{ code: string }>(`${of}/invites`, { person, kin, name })
    return (await who.does<{ tie: Tie }>('/api/invites/take', { code })).tie
  }
  const aunts = [await ties(aunt, leaves, 'other', '何姑姑'), await ties(aunt, stays, 'other', '何姑姑')] as const

  // The wife claims, with a photo, and states who she is.
  await wife.does('/api/claims', {
    ...{ id: newId(), house, person: '欧阳修远', born: '1990-03-07' },
    name: '欧阳淑芬',
    kin: 'spouse',
  })
  await wife.does('/api/identity/document', { kind: 'residentCard', number: '11010519491231002X', name: '欧阳淑芬' })
  const view = async () => (await admin.ask('GET', of)).said as HouseView
  const [claim] = (await view()).claims as [ClaimView]
  const photo = new Uint8Array([0xff, 0xd8, 0xff, ...new TextEncoder().encode('户口簿')])
  const hash = createHash('sha256').update(photo).digest('hex')
  await fetch(`${url}/api/claims/${house}/${claim.id}/papers/${hash}`, {
    method: 'PUT',
    headers: { cookie: [...wife.cookies].map((cookie) => cookie.join('=')).join('; '), origin: url },
    body: photo,
  })
  const { tie } = await admin.does<{ tie: Id }>(`${of}/claims/${claim.id}/accept`, { person: leaves, kin: 'spouse' })

  const reviewer = await hires(admin, of, '赵民警', ['reviewer'])
  const write = async (who: Visitor, to: Id, body: string) => {
    const letter = { ...{ id: newId(), facility: house, matter: newId(), kind: 'letter' }, at: Date.now(), base: 0 }
    await who.syncs({ ...letter, move: 'submit', input: { to, body } })
    return letter
  }
  const returned = await write(wife, tie, '粮食已经收完。')
  await write(aunt, aunts[0].id, '粮食已经收完，姑父说的。')
  await write(aunt, aunts[1].id, '姑姑写的信')
  const marks = [{ from: 0, to: 2, reason: 'other', advice: '这段不清楚' }]
  await reviewer.syncs({ ...returned, id: newId(), base: 1, move: 'return', input: { marks } })
  await admin.does(`${of}/consents`, { tie, kind: 'letter', until: null, document: '衡检许字〔2026〕1号' })
  await admin.does(`${of}/consents/link`, { tie, kind: 'letter' })
  await admin.does(`${of}/kinships/${tie}/ban`, { until: Date.now() + DAY_MS, reason: 'order', note: '不得往来' })
  await Promise.all([wife, aunt, reviewer].map((who) => who.syncs()))
  await admin.does(`${of}/people/${leaves}/leave`, { because: 'released' })
  return { admin, house, of, wife, aunt, reviewer, leaves, stays, matter: returned.matter, aunts, tie }
}

beforeAll(async () => {
  served = await start(at('data'))
  story = await tells(served.url)
}, 180_000)
afterAll(async () => {
  await served.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('before its time all of it is there, also in the backup of that day', { timeout: 60_000 }, async () => {
  await passes(served.url, 0)
  expect((await found(served, [...erased, ...kept])).sort()).toEqual(
    [...erased, ...kept].filter((word) => word !== '19900307').sort(),
  )
  await backup(at('data'), at('old'), Date.now())
})

test('when the time is over nothing names them, and those who stay are as they were', { timeout: 60_000 }, async () => {
  await passes(served.url, threeYearsOn())
  expect(await found(served, erased)).toEqual([])
  expect(await found(served, kept)).toEqual(kept)
  const { results } = await served.db.prepare('SELECT id FROM user WHERE NOT officer').all()
  expect(results).toEqual([{ id: story.aunt.account }])
  expect(await found(served, [phones.wife])).toEqual([])
})

test('the phone of the one who has nobody else is told to throw away what it holds', async () => {
  const answer = await story.wife.ask('POST', '/api/sync', {}, { [accountHeader]: String(story.wife.account) })
  expect(answer).toMatchObject({ status: 401, said: { signIn: true, ended: true } })
})

test('who comes with the same number later is somebody new', async () => {
  const again = await Visitor.signedIn(served.url, phones.wife)
  expect(again.account).not.toBe(story.wife.account)
  expect(await again.syncs()).toMatchObject({ changes: [], gone: [] })
})

test('the phone of the one who stays forgets this person, their tie and letters, and keeps the rest', async () => {
  const { aunt, aunts } = story
  await aunt.ask('GET', `/local/sign-in?as=${encodeURIComponent(phones.aunt)}`)
  const { gone, changes } = await aunt.syncs()
  expect(gone).toContain(aunts[0].id)
  expect(gone).toHaveLength(2)
  expect(JSON.stringify(changes)).not.toContain('欧阳')
  const anew = await Visitor.signedIn(served.url, phones.aunt)
  const all = JSON.stringify((await anew.syncs()).changes)
  expect(all).toContain('姑姑写的信')
  expect(all).not.toContain('欧阳')
})

test('the record proves itself, and says what was erased', async () => {
  const rows = localRows(ledgerIn(at('data')))
  const { publicKey } = await signer(secretsIn(at('data')).RECORD_KEY)
  const key = keyOf(verifierKey('etongban.local/songling', publicKey))
  const report = await audit(linesOf(rows, 'songling', Date.now()), key, undefined)
  expect(told(report).at(-1)).toBe('Nothing is wrong: every event is the one that was recorded, in its place.')
  expect(report.texts.erased).toBeGreaterThan(8)
  expect(told(report).join('\n')).toMatch(/Texts: \d+ as they were written, \d+ erased\./)
  const { results } = await served.db
    .prepare(
      `SELECT json_extract(body, '$.move') AS move, json_extract(body, '$.role') AS role FROM event WHERE matter = ? ORDER BY seq DESC LIMIT 1`,
    )
    .bind(story.leaves)
    .all()
  expect(results).toEqual([{ move: 'erase', role: 'system' }])
})

test('an officer who held it on a tablet forgets it, and cannot open it again', async () => {
  const { reviewer, matter } = story
  await passes(served.url, 0) // their shift was today's
  expect((await reviewer.syncs()).gone).toContain(matter)
  expect((await reviewer.ask('GET', `/api/houses/${story.house}/matters/${matter}`)).status).toBe(404)
})

test(
  'a backup from before, put back: nobody is served a name that was erased since',
  { timeout: 120_000 },
  async () => {
    await backup(at('data'), at('new'), Date.now())
    restore(at('old'), at('again'))
    const again = await start(at('again'))
    try {
      expect(await found(again, erased)).toEqual([])
      expect(await found(again, kept)).toEqual(kept)
      const { results } = await again.db.prepare('SELECT id FROM user WHERE NOT officer').all()
      expect(results).toEqual([{ id: story.aunt.account }])
    } finally {
      await again.stop()
    }
  },
)
