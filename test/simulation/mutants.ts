// `npm run sim:mutants [-- --seeds 1000] [--only NAME]`: the simulation is held against deliberate bugs. Each is one
// change to the product's own source, made while it is loaded; a day must be found that breaks a promise by it. Where a
// promise was once broken by the simulated world itself, that is one of them, too.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { named } from './named.ts'

/** One deliberate bug: in `file`, `good` (which stands there once) becomes `bad`. */
export interface Mutant {
  readonly name: string
  readonly file: string
  readonly good: string
  readonly bad: string
}

export const mutants: readonly Mutant[] = [
  {
    name: 'what is heavy waits for a ledger that is down, whichever house it is for',
    file: 'worker/sync/upload.ts',
    good: "logFault('upload', fault, { facility })",
    bad: 'throw fault',
  },
  {
    name: 'the command is sent again under a new id',
    file: 'web/src/outbox/sync.ts',
    good: "const sent = fresh.map((entry): Waiting => ({ ...entry, state: 'sent' }))",
    bad: 'const sent = fresh',
  },
  {
    name: 'a break forgets what was on the wire',
    file: 'web/src/outbox/settle.ts',
    good: "left.push(fate && ('unknown' in fate || 'wait' in fate) ? { ...entry, state: 'again' } : entry)",
    bad: "if (!(fate && 'unknown' in fate)) left.push(entry)",
  },
  {
    name: 'a retry counts as done',
    file: 'web/src/outbox/settle.ts',
    good: "if (fate && 'done' in fate) {",
    bad: "if (fate && 'retry' in fate) { await store.outbox.delete(entry.id); continue }\n      if (fate && 'done' in fate) {",
  },
  {
    name: 'what is refused is thrown away',
    file: 'web/src/outbox/settle.ts',
    good: 'await store.shelf.put({ id: entry.id, command: entry.command, refused: doom as Refusal, at: now })',
    bad: '',
  },
  {
    name: 'the cursor is kept before the news',
    file: 'web/src/outbox/settle.ts',
    good: 'for (const id of touched) await settleMatter(store, id, fates, news.get(id), ties, now)',
    bad: 'for (const id of touched) await settleMatter(store, id, fates, fates.size > 0 ? undefined : news.get(id), ties, now)',
  },
  {
    name: 'the draft goes before the letter is in the outbox',
    file: 'web/src/outbox/make.ts',
    good: 'const outcome = await make(store, who, wish, now)\n',
    bad: 'await deleteDraft(draft.id, store.account)\n  const outcome = await make(store, who, wish, now)\n',
  },
  {
    name: 'what waits may be undone after it has left',
    file: 'web/src/outbox/undo.ts',
    good: "if (!entry || entry.state !== 'new') return false",
    bad: 'if (!entry) return false',
  },
  {
    name: 'a letter is taken back without keeping its text',
    file: 'web/src/outbox/undo.ts',
    good: "await saveDraft(neverLeft ? { ...draft, id: held.id } : { ...draft, from: held.id }, 'strict', store.account)",
    bad: '',
  },
  {
    name: 'a screen says that a letter arrived while it waits',
    file: 'web/src/outbox/predict.ts',
    good: 'waiting: (before?.waiting ?? 0) + 1,',
    bad: 'waiting: before?.waiting ?? 0,',
  },
  {
    name: 'news are read from behind the newest',
    file: 'worker/sync/feed.ts',
    good: 'let cursor = news.size\n',
    bad: 'let cursor = news.size + 1\n',
  },
  {
    name: 'the server does not look whether a command came before',
    file: 'worker/sync/fold.ts',
    good: 'const fate = settled(before, command, digest) ?? step(command, digest)',
    bad: 'const fate = step(command, digest)',
  },
  {
    name: 'what lost a race is reported as done',
    file: 'worker/sync/visit.ts',
    good: 'if (!stands(fate, written)) return retry',
    bad: '',
  },
  {
    name: 'a stalled ledger is reported as refused',
    file: 'worker/sync/visit.ts',
    good: 'const retry: Result = { retry: { afterMs: 5000 } }',
    bad: "const retry: Result = { refused: { code: 'not_allowed' } }",
  },
  {
    name: 'a step after a refused one of the same matter is tried all the same',
    file: 'worker/sync/fold.ts',
    good: "if ('result' in fate && 'refused' in fate.result) refusedMatters",
    bad: "if ('result' in fate && 'refused' in fate.result && false) refusedMatters",
  },
  {
    name: 'a step after one that was refused an answer ago is tried all the same',
    file: 'worker/sync/fold.ts',
    good: "if ('result' in fate && 'refused' in fate.result) refusedMatters",
    bad: "if ('result' in fate && 'refused' in fate.result && !before.refused.has(command.id)) refusedMatters",
  },
  {
    name: 'the day is counted twice',
    file: 'worker/sync/save.ts',
    good: 'DO UPDATE SET count = count + excluded.count',
    bad: 'DO UPDATE SET count = count + 1 + excluded.count',
  },
  {
    name: 'the writer does not hear of a decision',
    file: 'worker/sync/tell.ts',
    good: '...owners.map(',
    bad: '...(before ? [] : owners).map(',
  },
  {
    name: 'commands of one matter overtake each other',
    file: 'web/src/outbox/choose.ts',
    good: 'const blocked = new Set<Id>(asked.map(({ matter }) => matter))',
    bad: 'const blocked = new Set<Id>()',
  },
  {
    name: 'what lost a race is counted, told and kept all the same',
    file: 'worker/sync/save.ts',
    good: `AND e.hash = n.value ->> '\${by}hash'
  WHERE NOT EXISTS (SELECT 1 FROM matter m WHERE m.id = e.matter AND m.version >= e.seq)\``,
    bad: 'WHERE true`',
  },
  {
    name: 'the same request twice in a millisecond is counted twice',
    file: 'worker/sync/save.ts',
    good: 'WHERE NOT EXISTS (SELECT 1 FROM matter m WHERE m.id = e.matter AND m.version >= e.seq)',
    bad: 'WHERE true',
  },
  {
    name: 'a reader hears of a matter once and never again',
    file: 'worker/sync/save.ts',
    good: 'ON CONFLICT (channel, subject) DO UPDATE SET position = excluded.position, what = excluded.what',
    bad: 'ON CONFLICT (channel, subject) DO NOTHING',
  },
  {
    name: 'what was refused meanwhile is written when its ledger wakes',
    file: 'worker/sync/save.ts',
    good: 'AND n.matter NOT IN (SELECT r.value',
    bad: "AND '' NOT IN (SELECT r.value",
  },
  {
    name: 'a refusal is forgotten',
    file: 'worker/sync/save.ts',
    good: '...statement(refusalSql, writes.refusals),',
    bad: '',
  },
  {
    name: 'the row keeps the version it had',
    file: 'worker/sync/save.ts',
    good: 'version = excluded.version, edition',
    bad: 'edition',
  },
  {
    name: 'two steps of one request stand on the same one before',
    file: 'worker/sync/fold.ts',
    good: 'matters.set(after.id, { matter: after, hash: event.hash })\n    const pending',
    bad: "matters.set(after.id, { matter: after, hash: held?.hash ?? '' })\n    const pending",
  },
  {
    name: 'the record names the wrong one of two roles',
    file: 'worker/sync/fold.ts',
    good: "return actor.roles.find((role) => move?.by[role]?.(actor, matter)) ?? 'system'",
    bad: "return move ? (actor.roles[0] ?? 'system') : 'system'",
  },
  {
    name: 'a page that is cut passes over what it left out',
    file: 'worker/sync/feed.ts',
    good: 'cursor: [entry.position, since], more: true',
    bad: 'cursor: [entry.position + 1, since], more: true',
  },
  {
    name: 'pieces are kept only in the ledger of the first house, also while it is down',
    file: 'worker/sync/upload.ts',
    good: 'of [...me.facilities].sort()) {',
    bad: 'of [...me.facilities].sort().slice(0, 1)) {',
  },
  {
    name: 'a body that was zipped otherwise goes on where the one before had come to',
    file: 'web/src/outbox/flight.ts',
    good: "'of' in flight && flight.of === of ?",
    bad: "'of' in flight && of > 0 ?",
  },
  {
    name: 'the rest of an answer is put behind whatever came before',
    file: 'worker/sync/written.ts',
    good: 'came.length < known.length || base64(sha256(came)).slice(0, hashLength) !== known.hash',
    bad: 'came.length < known.length',
  },
  {
    name: 'an answer that broke off is believed to have come whole',
    file: 'web/src/outbox/broken.ts',
    good: 'cursor: cursorAt(changes.length, cursor, places), more: true }',
    bad: 'cursor, more: false }',
  },
  {
    name: 'a house of whose news nothing came is passed over',
    file: 'web/src/outbox/broken.ts',
    good: 'if (here === 0) delete reached[facility]',
    bad: 'if (here === 0) void 0',
  },
  {
    name: 'what did not come of an answer is passed over by one',
    file: 'web/src/outbox/broken.ts',
    good: '[sum(apart.slice(0, here + 1)), since]',
    bad: '[sum(apart.slice(0, here + 1)) + 1, since]',
  },
  {
    name: 'what does not fit into a page is never let through',
    file: 'worker/sync/feed.ts',
    good: 'if (over && entry.position !== entries[0]?.position)',
    bad: 'if (over)',
  },
  {
    name: 'own steps are stepped over, and what others did between them',
    file: 'worker/sync/feed.ts',
    good: 'if (position === cursor) cursor += 1',
    bad: 'if (position >= cursor) cursor = position + 1',
  },
  {
    name: 'a phone hears of all steps but the first one it has not heard',
    file: 'worker/sync/feed.ts',
    good: 'OR e.position >= ?5)`',
    bad: 'OR e.position > ?5)`',
  },
  {
    name: 'a place beyond the last event is believed',
    file: 'worker/sync/feed.ts',
    good: '(SELECT ?4 WHERE ?4 <= (SELECT 1 + coalesce(max(position), -1) FROM event WHERE facility = ?1))',
    bad: '(SELECT ?4)',
  },
  {
    name: 'letters under a tie that has ended come back',
    file: 'worker/sync/feed.ts',
    good: 'tie ? tie.ended : row?.agent === actor.account',
    bad: 'false',
  },
  {
    name: 'people outside are told which officer decided',
    file: 'worker/sync/feed.ts',
    good: 'matter: outside ? { ...matter, decider: null } : matter',
    bad: 'matter',
  },
  {
    name: 'one house in trouble fails the whole request',
    file: 'worker/sync/visit.ts',
    good: "logFault('sync', fault, { facility: wanted.facility })",
    bad: 'throw fault',
  },
  {
    name: 'the answers of a house come in another order than its commands',
    file: 'worker/sync/answer.ts',
    good: "const nowhere: Result = list === 'asked'",
    bad: "if (nth > 0 && list === 'results') return visits.get(facility as Id)?.[list][nth - 1] as Result\n    const nowhere: Result = list === 'asked'",
  },
  {
    name: 'the receipt signs less than what was done',
    file: 'worker/sync/answer.ts',
    good: 'receiptText(hashes)',
    bad: 'receiptText(hashes.slice(0, 1))',
  },
  {
    name: 'a decision about another edition than the one that was seen counts',
    file: 'db/decide.ts',
    good: "if (move.needs === 'sees' && command.base !== standing.edition) return refuse('stale')",
    bad: '',
  },
  {
    name: 'news set a letter back to what it was',
    file: 'web/src/outbox/settle.ts',
    good: 'const overtaken = truth && truth.matter.version > change.matter.version',
    bad: 'const overtaken = false',
  },
  {
    name: 'a late answer sets a letter back to what it was',
    file: 'web/src/outbox/settle.ts',
    good: 'if (truth && truth.matter.version >= done.version) return truth',
    bad: '',
  },
  {
    name: 'what the house does not know yet may be undone, though it may be under way',
    file: 'web/src/outbox/settle.ts',
    good: "state: 'again'",
    bad: "state: 'new'",
  },
  {
    name: 'a kiosk keeps the letter that it refused',
    file: 'web/src/outbox/settle.ts',
    good: 'const passedOn = reader',
    bad: 'const passedOn = false && reader',
  },
  {
    name: 'what may no longer be seen takes along what was on its way',
    file: 'web/src/outbox/settle.ts',
    good: 'if (first) await store.outbox.update(first.id, { before: null })',
    bad: 'if (first) await store.outbox.delete(first.id)',
  },
  {
    name: 'what waits keeps standing on what the house has said before',
    file: 'web/src/outbox/predict.ts',
    good: 'moved.push({ ...entry, before: held })',
    bad: 'moved.push(entry)',
  },
  {
    name: 'a clock that was set back holds a decision for years',
    file: 'web/src/outbox/choose.ts',
    good: 'notBefore > now && notBefore <= now + longestHoldMs',
    bad: 'notBefore > now',
  },
  {
    name: 'a clock that was set back puts what is done later before what was done earlier',
    file: 'web/src/outbox/make.ts',
    good: 'id: newIdAfter(last),',
    bad: 'id: newIdAfter(undefined),',
  },
  {
    name: 'a draft is tidied away whatever it says',
    file: 'web/src/outbox/make.ts',
    good: "if (held && !reopened.has(held.matter.state) && bodyOf(held) === draft.body.normalize('NFC'))",
    bad: 'if (held && !reopened.has(held.matter.state))',
  },
  {
    name: 'a letter taken back is called saved before it is on the disk',
    file: 'web/src/outbox/undo.ts',
    good: "{ ...draft, from: held.id }, 'strict', store.account)",
    bad: "{ ...draft, from: held.id }, 'relaxed', store.account)",
  },
  {
    name: 'what is made is called saved before it is on the disk',
    file: 'web/src/outbox/store.ts',
    good: "chromeTransactionDurability: 'strict'",
    bad: "chromeTransactionDurability: 'relaxed'",
  },
  {
    name: 'a house in trouble is asked every few seconds for as long as it lasts',
    file: 'web/src/outbox/live.ts',
    good: 'round.afterMs * 2 ** Math.min(putOff - 1, 6) * (1 + random())',
    bad: 'round.afterMs * (1 + random())',
  },
  {
    name: 'a dead network is tried without a pause',
    file: 'web/src/outbox/live.ts',
    good: 'breaks += tookMs < livedMs ? 1 : 0.25',
    bad: 'breaks = 0',
  },
  {
    name: 'nobody ends the turn of a frozen tab',
    file: 'web/src/outbox/leader.ts',
    good: 'locks.request(`${store.name}/exchange`, { steal }, task)',
    bad: 'locks.request(`${store.name}/exchange`, { steal: false }, task)',
  },
  {
    name: 'a lease is never given back',
    file: 'web/src/outbox/leader.ts',
    good: 'if (left > 0 && left <= leaseMs) return false',
    bad: 'if (lease && lease.by !== me) return false',
  },
  {
    name: 'a letter that was written while its tie ended stays on the phone that asks after it',
    file: 'worker/sync/feed.ts',
    good: "what === 'matter' && !untied && news.length",
    bad: "what === 'matter' && news.length",
  },
  {
    name: 'a letter that came between the look at a tie and its end stays on the phone',
    file: 'worker/house/kinships.ts',
    good: `const ending = [{ subject: tie.id, move: 'end', tell: [tieNews(facility, tie)] }]
  const also = (db: D1Database) => [
    allGone(db, facility, tie),`,
    bad: `const known = ledger(env, facility).prepare('SELECT id FROM matter WHERE account = ?').bind(tie.account)
  const gone = (await known.all<{ id: Id }>()).results.map((one) => ({ ...tieNews(facility, tie), subject: one.id, what: 'gone' as const }))
  const ending = [{ subject: tie.id, move: 'end', tell: [tieNews(facility, tie), ...gone] }]
  const also = (db: D1Database) => [`,
  },
  {
    name: 'what has come whole is read by a trip of its own',
    file: 'worker/sync/upload.ts',
    good: 'const whole = assembled(parts, piece)',
    bad: `const anew = database.prepare(keptSql).bind(account, piece.hash, piece.of)
  const whole = assembled((await anew.all<PartRow>()).results, piece)`,
  },
  {
    name: 'a day looks at its devices while something that happens besides is still under way',
    file: 'test/simulation/day.ts',
    good: 'await this.#allEnds()',
    bad: '',
  },
  {
    name: 'a phone is said to spin that brings a heavy letter piece by piece',
    file: 'test/simulation/wire.ts',
    good: 'device.brought.add(device.attempts)',
    bad: '',
  },
  {
    name: 'what another phone of the same account did is taken for an echo',
    file: 'web/src/outbox/settle.ts',
    good: 'if (change) truth = merged(truth, change)',
    bad: "if (change && change.steps.some(({ role }) => role !== 'relative')) truth = merged(truth, change)",
  },
  {
    name: 'a house counts the events of another one in its database',
    file: 'worker/sync/load.ts',
    good: 'FROM event WHERE facility = h.id) AS size',
    bad: 'FROM event) AS size',
  },
  {
    name: 'nobody says that a browser has thrown away what was kept',
    file: 'web/src/outbox/canary.ts',
    good: "if (waited !== null) await putMeta(store, 'lost', Number(waited))",
    bad: '',
  },
  {
    name: 'a loss that was read is said again',
    file: 'web/src/outbox/canary.ts',
    good: "await putMeta(store, 'here', true)",
    bad: '',
  },
  {
    name: 'of a phone on which nothing waits nothing is noted where its first answer is fast',
    file: 'web/src/outbox/live.ts',
    good: 'if (here && waiting !== noted)',
    bad: 'if (here && (waiting !== status.waiting || status.since === null))',
  },
  {
    name: 'what an older app made is read as if it were one version newer',
    file: 'db/upcast.ts',
    good: 'steps.slice(from - 1)',
    bad: 'steps.slice(from)',
  },
  {
    name: 'an older house carries out what it cannot read',
    file: 'worker/sync/index.ts',
    good: 'if (request.output.v > protocol) return',
    bad: 'if (request.output.v > protocol + 1) return',
  },
  {
    name: 'a command is another one for each version that reads it',
    file: 'worker/sync/fold.ts',
    good: 'sha256(JSON.stringify(sent))',
    bad: 'sha256(JSON.stringify(upcast(sent, v)))',
  },
  {
    name: 'a newer app says of what an older one made that it is its own',
    file: 'web/src/outbox/sync.ts',
    good: 'v: sent[0]?.v ?? protocol,',
    bad: 'v: protocol,',
  },
  {
    name: 'what two versions made goes together as if one had',
    file: 'web/src/outbox/choose.ts',
    good: '|| otherVersion ||',
    bad: '||',
  },
]

const main = join(import.meta.dirname, 'main.ts')
const mutate = join(import.meta.dirname, 'mutate.ts')

/** @returns the promise that was seen broken, if one was: on the day that is known by its name, or one of so many */
function hunt(mutant: Mutant, seeds: string): Promise<string | undefined> {
  const options = ['--disable-warning=ExperimentalWarning', '--import', mutate, main]
  const isKnown = named.some(({ bug }) => bug === mutant.name)
  const days = isKnown ? ['--named', '--bug', mutant.name] : ['--seeds', seeds, '--threads', '1', '--first']
  const sim = spawn(process.execPath, [...options, ...days], {
    env: { ...process.env, MUTANT: mutant.name },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  sim.stderr.on('data', (text: Buffer) => (said += text.toString()))
  return new Promise((done, fail) =>
    sim.on('exit', () => {
      if (/stands there|SyntaxError/.test(said)) fail(new Error(`${mutant.name}: ${said}`))
      else done(/^seed \d+ breaks \w+/m.exec(said)?.[0])
    }),
  )
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' }, only: { type: 'string' } } })
  const waiting = mutants.filter(({ name }) => values.only === undefined || name === values.only)
  let found = 0
  const hunter = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const seen = await hunt(mutant, values.seeds)
      if (seen) found += 1
      console.error(`${mutant.name}: ${seen ?? 'NOT FOUND'}`)
    }
  }
  const count = waiting.length
  await Promise.all(Array.from({ length: availableParallelism() }, hunter))
  console.log(JSON.stringify({ mutants: count, found }))
  process.exitCode = found === count ? 0 : 1
}
