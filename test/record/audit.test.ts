// What the record promises: whatever somebody changes behind the server's back, with every hash, chain and unsigned
// column put right again, an auditor who has only the public key is told which event it was.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { relatives } from '#db/demo/qingshan.ts'
import { newId, type Id } from '#db/id.ts'
import type { Change, Tie } from '#db/matter.ts'
import {
  base64,
  canonical,
  checkpointText,
  concat,
  emptyTree,
  eventHash,
  grow,
  signedNote,
  unbase64,
  verifierKey,
} from '#db/record.ts'
import { passes, Visitor } from '#test/server.ts'
import { audit, type Report } from '#worker/record/audit.ts'
import { linesOf } from '#worker/record/export.ts'
import { keyOf, openHead, type Key } from '#worker/record/heads.ts'
import { ledgerIn, localRows } from '#worker/record/rows.ts'
import { signature, signer } from '#worker/record/sign.ts'
import { told } from '#worker/record/verify.ts'
import { secretsIn } from '#worker/start/secrets.ts'
import { serve } from '#worker/start/serve.ts'

const folder = mkdtempSync(join(tmpdir(), 'etongban-'))
const ledger = join(folder, 'ledger.sqlite')
const origin = 'etongban.local/qingshan'
const MINUTE_MS = 60_000

interface Row {
  matter: Id
  seq: number
  position: number
  body: string
  hash: string
}
let events: Row[]
let key: Key
let secret: string
/** sizes of the signed heads */
let heads: number[]
let covered: number

beforeAll(async () => {
  const served = await serve({ port: 0, dir: folder, demo: true, log: () => undefined })
  await passes(served.url, MINUTE_MS)
  const mother = await Visitor.signedIn(served.url, relatives.mother.phone)
  const reviewer = await Visitor.signedIn(served.url, 'reviewer')
  const { changes } = await mother.syncs()
  const [tie] = changes.flatMap((change: Change): Tie[] => ('tie' in change ? [change.tie] : []))
  if (!tie) throw new Error('the mother has no tie')
  const writes = async (body: string) => {
    const [matter, facility] = [newId(), tie.house.id]
    const command = (move: string, base: number, input?: object) => ({
      ...{ id: newId(), facility, matter, kind: 'letter', move, base, at: Date.now() },
      ...(input && { input }),
    })
    await mother.syncs(command('submit', 0, { to: tie.id, body }))
    await reviewer.syncs(command('approve', 1), command('recall', 1), command('approve', 1))
  }
  await writes('天冷了，多穿点。')
  await passes(served.url, 2 * MINUTE_MS)
  await writes('家里都好。')
  await served.stop()

  // A copy of its own moment, without a journal beside it, and of this house alone: its rows are found by their places.
  const original = new DatabaseSync(ledgerIn(folder))
  original.exec(`VACUUM INTO '${ledger}'`)
  original.close()
  const copy = new DatabaseSync(ledger)
  dropTriggers(copy)
  for (const table of ['event', 'checkpoint', 'matter', 'daily'])
    copy.exec(`DELETE FROM ${table} WHERE facility <> (SELECT id FROM house WHERE code = 'qingshan')`)
  copy.exec('DELETE FROM content WHERE matter NOT IN (SELECT matter FROM event)')
  events = rowsIn(copy)
  heads = copy
    .prepare('SELECT size FROM checkpoint ORDER BY size')
    .all()
    .map((row) => Number(row['size']))
  copy.close()
  covered = heads.at(-1) as number
  secret = secretsIn(folder).RECORD_KEY
  key = keyOf(verifierKey(origin, (await signer(secret)).publicKey))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What an auditor finds after somebody has been at the database, with every trigger out of their way. */
async function after(tampering: (database: DatabaseSync) => void, since?: string): Promise<Report> {
  const copy = join(folder, 'tampered.sqlite')
  rmSync(copy, { force: true })
  copyFileSync(ledger, copy)
  const database = new DatabaseSync(copy)
  dropTriggers(database)
  database.exec('DROP INDEX event_position; DROP INDEX event_command; PRAGMA synchronous = OFF; BEGIN')
  tampering(database)
  database.exec('COMMIT')
  database.close()
  return audit(linesOf(localRows(copy), 'qingshan', 0), key, since === undefined ? undefined : openHead(since, key))
}

function dropTriggers(database: DatabaseSync): void {
  const triggers = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()
  for (const { name } of triggers) database.exec(`DROP TRIGGER "${String(name)}"`)
}

const write = (database: DatabaseSync, { matter, seq, position, body, hash }: Row, at = position) =>
  database
    .prepare('UPDATE event SET position = ?, body = ?, hash = ?, matter = ?, seq = ? WHERE position = ?')
    .run(position, body, hash, matter, seq, at)
const rowsIn = (database: DatabaseSync) =>
  database.prepare('SELECT matter, seq, position, body, hash FROM event ORDER BY position').all() as unknown as Row[]
const remove = (database: DatabaseSync, row: Row) =>
  database.prepare('DELETE FROM event WHERE position = ?').run(row.position)
const swap = (database: DatabaseSync, one: number, other: number) =>
  database.exec(`UPDATE event SET position = CASE position WHEN ${one} THEN ${other} ELSE ${one} END
    WHERE position IN (${one}, ${other})`)
const changed = (row: Row): Row => ({ ...row, body: canonical({ ...(JSON.parse(row.body) as object), at: 1 }) })

/** Closes every gap, and makes every hash follow from what stands there now. */
function fixUp(database: DatabaseSync): void {
  const chains = new Map<Id, Row>()
  const rows = rowsIn(database)
  database.exec('UPDATE event SET seq = -1 - position') // so that none is in another's way
  for (const [place, row] of rows.entries()) {
    const before = chains.get(row.matter)
    const seq = (before?.seq ?? 0) + 1
    const body = canonical({ ...(JSON.parse(row.body) as object), seq })
    const fixed = { ...row, seq, body, position: place, hash: eventHash(before?.hash ?? '', body) }
    chains.set(row.matter, fixed)
    write(database, fixed, row.position)
  }
}

/** The leaf lists are no part of the notes: they are made to say what stands there now. */
function relist(database: DatabaseSync): void {
  const hashes = rowsIn(database).map(({ hash }) => unbase64(hash))
  let from = 0
  for (const size of heads) {
    const leaves = base64(concat(hashes.slice(from, size)))
    database.prepare('UPDATE checkpoint SET leaves = ? WHERE size = ?').run(leaves, size)
    from = size
  }
}

const row = (position: number): Row => events[position] as Row
/** one whose subject has a further step, in the middle of what is covered */
const middle = (): Row =>
  events.find(
    ({ matter, seq, position }) =>
      position > 20 &&
      events.some((later) => later.matter === matter && later.seq === seq + 1 && later.position < covered - 2),
  ) as Row
const key3 = ({ matter, seq, position }: Row) => ({ matter, seq, position })

test('an honest record is found whole, and what no head covers yet is said', async () => {
  expect(heads.length).toBeGreaterThan(1)
  expect(events.length).toBeGreaterThan(covered)
  const report = await after(() => undefined)
  expect(report).toMatchObject({ findings: [], events: events.length, covered })
  expect(told(report).join('\n')).toContain(`No signed head covers places ${covered} to ${events.length - 1}`)
})

test('a text that was erased leaves the record whole', async () => {
  const report = await after((database) => database.exec('DELETE FROM content'))
  expect(report.findings).toEqual([])
  expect(report.texts.there).toBe(0)
  expect(report.texts.erased).toBeGreaterThan(5)
})

const tamperings: [string, (database: DatabaseSync, bad: Row) => void][] = [
  ['changed', (database, bad) => write(database, changed(bad))],
  [
    'changed, with a hash that fits',
    (database, bad) => write(database, { ...changed(bad), hash: eventHash('', changed(bad).body) }),
  ],
  ['changed, and everything after it put right', (database, bad) => (write(database, changed(bad)), fixUp(database))],
  ['dropped', remove],
  ['dropped, and the gap closed', (database, bad) => (remove(database, bad), fixUp(database))],
  [
    'replaced by one of another subject',
    (database, bad) => (write(database, { ...bad, matter: newId(), seq: 1 }), fixUp(database)),
  ],
  [
    'swapped with a later one',
    (database, bad) => {
      swap(database, bad.position, covered - 1)
    },
  ],
  [
    'swapped with a later one, and everything put right',
    (database, bad) => {
      swap(database, bad.position, covered - 1)
      fixUp(database)
    },
  ],
  [
    'filed under another house',
    (database, bad) => database.prepare('UPDATE event SET facility = ? WHERE position = ?').run(newId(), bad.position),
  ],
]
test.each(tamperings)('an event that was %s is named', async (_, tampering) => {
  const bad = middle()
  const { findings } = await after((database) => tampering(database, bad))
  expect(findings[0]?.position).toBe(bad.position)
  expect(told(await after((database) => tampering(database, bad))).join('\n')).toContain(`FIRST BAD EVENT`)
})

test('of an event that is gone, the subject and the step are said too', async () => {
  const bad = middle()
  for (const fix of [() => undefined, fixUp]) {
    const { findings } = await after((database) => (remove(database, bad), fix(database)))
    if (fix !== fixUp) expect(findings[0]).toMatchObject(key3(bad))
    expect(findings[0]?.position).toBe(bad.position)
  }
})

test('an event that was put in between is named', async () => {
  const before = middle()
  const { findings } = await after((database) => {
    for (const later of [...events].reverse().filter(({ position }) => position >= before.position))
      write(database, { ...later, position: later.position + 1 }, later.position)
    const forged = { ...changed(row(3)), matter: newId(), seq: 1 }
    const house = `(SELECT facility FROM event LIMIT 1)`
    database
      .prepare(`INSERT INTO event (matter, seq, facility, position, body, hash) VALUES (?, ?, ${house}, ?, ?, '')`)
      .run(
        forged.matter,
        1,
        before.position,
        canonical({ ...(JSON.parse(forged.body) as object), matter: forged.matter, command: newId() }),
      )
    fixUp(database)
  })
  expect(findings[0]?.position).toBe(before.position)
})

test('a tail that was cut off shows, as long as its head is there', async () => {
  const { findings } = await after((database) => database.exec(`DELETE FROM event WHERE position >= ${covered - 3}`))
  expect(findings[0]?.position).toBe(covered - 3)
})

test('where the list of a head was changed too, its note still says between which heads the bad event lies', async () => {
  const bad = middle()
  const { findings } = await after((database) => (write(database, changed(bad)), fixUp(database), relist(database)))
  const from = Math.max(0, ...heads.filter((size) => size <= bad.position))
  expect(findings[0]?.position).toBe(from)
  expect(findings.map(({ what }) => what).join()).toContain('not as it was sealed')
})

test('a note that was changed, a head that was taken out, and a text that was written anew are found', async () => {
  const first = heads[0] as number
  const note = await after((database) =>
    database.exec(`UPDATE checkpoint SET note = replace(note, '—', '–') WHERE size = ${first}`),
  )
  expect(note.findings[0]?.what).toContain('not as it was signed')
  const head = await after((database) => database.exec(`DELETE FROM checkpoint WHERE size = ${first}`))
  expect(head.findings[0]?.what).toContain('a head is missing')

  const text = await after((database) => database.exec(`UPDATE content SET body = replace(body, '冷', '热')`))
  const said = events.find(({ matter }) => matter === text.findings[0]?.matter)
  expect(text.findings[0]).toMatchObject({ position: said?.position, what: expect.stringContaining('text') as string })
  const stray = await after((database) => database.exec(`INSERT INTO content VALUES ('${newId()}', 1, '', '{}')`))
  expect(stray.findings[0]?.what).toContain('no event speaks of')
})

test.each(['state', 'detainee', 'tie', 'account', 'due', 'awaits', 'decider', 'edition'])(
  'a matter whose %s is not what its events lead to is named',
  async (column) => {
    const { findings } = await after((database) => database.exec(`UPDATE matter SET ${column} = 7`))
    expect(findings[0]?.what).toContain(column)
    expect(findings[0]?.matter).toBeDefined()
  },
)

test('a counter that was changed shows', async () => {
  const { findings } = await after((database) => database.exec('UPDATE daily SET count = count + 1'))
  expect(findings[0]?.what).toContain('counter')
})

test('even whoever holds the key cannot change what somebody keeps the head of', async () => {
  const kept = (await after(() => undefined)).head as string
  const bad = middle()
  const { publicKey } = await signer(secret)
  const notes: string[] = []
  const rewritten = (database: DatabaseSync) => {
    write(database, changed(bad))
    fixUp(database)
    relist(database)
    notes.forEach((note, nth) =>
      database.prepare('UPDATE checkpoint SET note = ? WHERE size = ?').run(note, heads[nth] as number),
    )
  }
  let hashes: Uint8Array[] = []
  await after((database) => {
    rewritten(database)
    hashes = rowsIn(database).map(({ hash }) => unbase64(hash))
  })
  for (const size of heads) {
    const text = checkpointText(origin, grow(emptyTree, hashes.slice(0, size)))
    notes.push(signedNote(text, origin, publicKey, await signature(secret, text)))
  }
  const places = ({ findings }: Report) => findings.filter(({ what }) => what.includes('places'))
  expect(places(await after(rewritten))).toEqual([])
  expect(places(await after(rewritten, kept))[0]?.what).toContain('that you hold')
  expect(
    (await after((database) => database.exec('DELETE FROM event; DELETE FROM checkpoint'), kept)).findings[0]?.position,
  ).toBe(0)
})

test('whatever is done to a covered event, in whatever order, it is the first that is named', async () => {
  const acts = fc.constantFrom('change', 'drop', 'swap', 'replace')
  const tampering = fc.record({ act: acts, place: fc.nat(), other: fc.nat(), fix: fc.boolean(), list: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(tampering, async ({ act, place, other, fix, list }) => {
      const [first, second] = [place % covered, other % covered].sort((a, b) => a - b) as [number, number]
      if (first === second && act === 'swap') return
      const bad = row(first)
      const { findings } = await after((database) => {
        if (act === 'change') write(database, changed(bad))
        if (act === 'drop') remove(database, bad)
        if (act === 'replace') write(database, { ...bad, body: changed(row(second)).body })
        if (act === 'swap') {
          swap(database, first, second)
        }
        if (fix) fixUp(database)
        if (list) relist(database)
      })
      const [named] = findings
      if (list) expect(named?.position ?? 0).toBeLessThanOrEqual(first)
      else expect(named?.position).toBe(first)
      expect(findings.length).toBeGreaterThan(0)
    }),
    { numRuns: 60 },
  )
})
