// Who may move what, in which state: each move of each kind, tried by everybody.
import { newId, type Id } from '#db/id.ts'
import type { Result } from '#db/command.ts'
import type { Lifecycle, Move } from '#db/lifecycle.ts'
import { kinds } from '#db/matters/index.ts'
import { protocol } from '#db/upcast.ts'
import { lettersIn, mothersLetters, pasts, type Past } from './letters.ts'
import { sends, synced, type Province, type Somebody } from './province.ts'
import { together, type Tally } from './tally.ts'

/** What is said with a move, rightly, so that nothing but who it is can be wrong with it. */
const said: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  letter: {
    return: { marks: [{ from: 0, to: 1, reason: 'other', advice: '改一改' }] },
    withhold: { reasons: ['other'], note: '' },
    appeal: { why: '没有别的意思' },
    consent: { document: '同意字1号', until: null },
    close: { because: 'released' },
  },
}

/** What the relations of the lifecycles mean, said a second time. */
const relations: Readonly<Record<string, (who: Somebody, past: Past) => boolean>> = {
  anyone: () => true,
  own: (who) => who.owner ?? false,
  theirCell: (who) => who.cell ?? false,
  freshEyes: (who, past) => !(past === 'decided' && who.name === 'reviewer'),
  decider: (who, past) => past === 'decided' && who.name === 'reviewer',
}

interface Target {
  readonly state: string
  readonly past: Past
  readonly may: boolean
}

export async function attackMoves(province: Province, tally: Tally): Promise<void> {
  for (const [kind, lifecycle] of kinds) {
    const shared = await lettersIn(province, lifecycle)
    const attacks = [...lifecycle.moves].flatMap(([name, move]) =>
      province.cast.map((who) => ({ kind, name, move, who, targets: targetsOf(move, lifecycle, who) })),
    )
    // What takes effect goes one after the other: two that write at once may both be told to come again.
    const [some, none] = [true, false].map((may) =>
      attacks.filter(({ targets }) => may === targets.some(({ may }) => may)),
    )
    await together(none ?? [], (attack) => attackMove(province, attack, shared, tally))
    for (const attack of some ?? []) await attackMove(province, attack, shared, tally)
    const rows = await province.db
      .prepare('SELECT count(*) AS n FROM matter WHERE id IN (SELECT value FROM json_each(?)) AND version > 1')
      .bind(JSON.stringify([...shared.values()]))
      .first<{ n: number }>()
    tally.try(`all ${kind}s that were refused, in the ledger`, false, rows?.n !== 0, rows)
  }
}

interface Attack {
  readonly kind: string
  readonly name: string
  readonly move: Move
  readonly who: Somebody
  readonly targets: readonly Target[]
}

const targetsOf = (move: Move, { states }: Lifecycle, who: Somebody): Target[] =>
  states.flatMap((state) => pasts.map((past) => ({ state, past, may: mayMove(move, state, past, who) })))

async function attackMove(
  province: Province,
  { kind, name, who, targets: wanted }: Attack,
  shared: ReadonlyMap<string, Id>,
  tally: Tally,
): Promise<void> {
  const made = await mothersLetters(
    province,
    wanted.filter(({ may, state }) => may && state !== 'draft'),
  )
  const targets = wanted.map((target) => {
    const { state, past, may } = target
    const matter = state === 'draft' ? newId() : may ? made.shift() : shared.get(`${state} ${past}`)
    return { ...target, matter: matter as Id }
  })
  // Whoever is somebody elsewhere tries it under that house's name too.
  for (const facility of [province.house, ...(who.elsewhere ? [who.elsewhere] : [])]) {
    const unknown = { matter: newId(), state: 'unknown', past: 'new', may: false } as const
    const commands = [...targets, unknown].map(({ matter, state }) => ({
      ...{ id: newId(), facility, matter, kind, move: name, at: Date.now() },
      base: state === 'draft' ? 0 : 1,
      ...inputOf(kind, name, who.tie ?? province.tie),
    }))
    const body = { v: protocol, cursor: {}, limit: 0, ask: [], commands }
    const heard = await sends(who.visitor, 'POST', '/api/sync', body)
    const results = synced(heard)?.results
    for (const [nth, { state, past, may }] of targets.entries()) {
      const result = results?.[nth]
      const cell = `${who.name}: ${kind} ${state} (${past}) --${name}`
      const closed = state === 'draft' && result && 'refused' in result && result.refused.code === 'closed'
      const refused = result === undefined ? heard.status === 401 : closed ? true : isLikeUnknown(result)
      tally.try(
        cell,
        may && facility === province.house,
        result ? !refused : heard.status !== 401,
        result ?? heard.status,
      )
    }
  }
}

const isLikeUnknown = (result: Result) => JSON.stringify(result) === '{"refused":{"code":"not_allowed"}}'

const inputOf = (kind: string, move: string, to: Id): { input?: object } => {
  const input = move === 'submit' || move === 'follow' ? { to, body: '天冷了，多穿点。' } : said[kind]?.[move]
  return input ? { input } : {}
}

function mayMove(move: Move, state: string, past: Past, who: Somebody): boolean {
  if (!move.from.includes(state)) return false
  // What nobody has sent yet is everybody's own; the house alone brings a letter from another one.
  if (state === 'draft') return move.by.relative !== undefined && (who.mayWrite ?? false)
  return who.roles.some((role) => {
    const relation = move.by[role]
    if (!relation) return false
    const means = relations[relation.name]
    if (!means) throw new Error(`Say in test/permits/moves.ts what the relation "${relation.name}" means.`)
    return means(who, past)
  })
}
