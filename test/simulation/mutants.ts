// `npm run sim:mutants [-- --seeds 1000] [--only NAME]`: the simulation is held against deliberate bugs. Each is one
// change to the product's own source, made while it is loaded; a day must be found that breaks a promise by it.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/** One deliberate bug: in `file`, `good` (which stands there once) becomes `bad`. */
export interface Mutant {
  readonly name: string
  readonly file: string
  readonly good: string
  readonly bad: string
}

export const mutants: readonly Mutant[] = [
  {
    name: 'the command is sent again under a new id',
    file: 'web/src/outbox/sync.ts',
    good: "const sent = fresh.map((entry): Waiting => ({ ...entry, state: 'sent' }))",
    bad: 'const sent = fresh',
  },
  {
    name: 'a break forgets what was on the wire',
    file: 'web/src/outbox/settle.ts',
    good: "left.push(fate && 'unknown' in fate ? { ...entry, state: 'again' } : entry)",
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
    file: 'web/src/outbox/make.ts',
    good: "if (!entry || entry.state !== 'new') return false",
    bad: 'if (!entry) return false',
  },
  {
    name: 'a letter is taken back without keeping its text',
    file: 'web/src/outbox/make.ts',
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
    name: 'an event is written whatever its chain says',
    file: 'worker/sync/save.ts',
    good: 'WHERE n.start = (SELECT coalesce(max(e.seq), 0) FROM event e WHERE e.matter = n.matter)',
    bad: 'WHERE true',
  },
  {
    name: 'a matter is written whether its event was or not',
    file: 'worker/sync/save.ts',
    good: 'AND e.hash = n.value ->> ',
    bad: 'AND true OR e.hash = n.value ->> ',
  },
  {
    name: 'what lost a race is reported as done',
    file: 'worker/sync/visit.ts',
    good: 'return written.has(fate.pending.hash) ? doneOf(fate.pending, fate.after) : retry',
    bad: 'return doneOf(fate.pending, fate.after)',
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
    good: 'refusedMatters.set(command.matter, decision.refused)',
    bad: '',
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
    good: 'const news = [entry(channels.account(after.account)), entry(channels.house(after.facility))]',
    bad: 'const news = [...(before ? [] : [entry(channels.account(after.account))]), entry(channels.house(after.facility))]',
  },
  {
    name: 'commands of one matter overtake each other',
    file: 'web/src/outbox/choose.ts',
    good: 'const blocked = new Set<Id>(asked.map(({ matter }) => matter))',
    bad: 'const blocked = new Set<Id>()',
  },
]

const main = join(import.meta.dirname, 'main.ts')
const mutate = join(import.meta.dirname, 'mutate.ts')

/** @returns the promise that was seen broken, if one was */
function hunt(mutant: Mutant, seeds: string): Promise<string | undefined> {
  const options = ['--disable-warning=ExperimentalWarning', '--import', mutate, main]
  const sim = spawn(process.execPath, [...options, '--seeds', seeds, '--threads', '1', '--first'], {
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
