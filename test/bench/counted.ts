// The local server with a counter at its database: first, all, run, raw and batch are one trip each (DESIGN §5), and
// the rows are D1's own count of them.
import type { Env } from '#worker/env.ts'
import local from '#worker/start/local.ts'
import { nothing } from './spent.ts'

export { Desk } from '#worker/start/local.ts'

let spent = nothing()

function trip<Answer>(statements: number, asked: Promise<Answer>): Promise<Answer> {
  spent.trips += 1
  spent.statements += statements
  return asked.then((answer) => {
    // `first` and `raw` do not say what they read: no sync uses them
    for (const result of [answer].flat()) {
      const meta = (result as Partial<D1Result> | null)?.meta
      spent.rowsRead += meta?.rows_read ?? 0
      spent.rowsWritten += meta?.rows_written ?? 0
    }
    return answer
  })
}

/** A batch must be given the statements themselves. */
const originals = new WeakMap<object, D1PreparedStatement>()

/** An object of D1's with some of its methods in other hands. */
const changed = <T extends object>(target: T, methods: Partial<Record<keyof T, unknown>>): T =>
  new Proxy(target, {
    get(object, name) {
      const method: unknown = methods[name as keyof T] ?? Reflect.get(object, name)
      return typeof method === 'function' ? (method.bind(object) as unknown) : method
    },
  })

function counted(statement: D1PreparedStatement): D1PreparedStatement {
  const wrapped = changed(statement, {
    bind: (...values: unknown[]) => counted(statement.bind(...values)),
    first: (column: string) => trip(1, column === undefined ? statement.first() : statement.first(column)),
    all: () => trip(1, statement.all()),
    run: () => trip(1, statement.run()),
    raw: (options: { columnNames: true }) => trip(1, statement.raw(options)),
  })
  originals.set(wrapped, statement)
  return wrapped
}

const countedDatabase = (database: D1Database): D1Database =>
  changed(database, {
    prepare: (sql: string) => counted(database.prepare(sql)),
    batch: (statements: D1PreparedStatement[]) =>
      trip(statements.length, database.batch(statements.map((statement) => originals.get(statement) ?? statement))),
  })

export default {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    if (new URL(request.url).pathname === '/local/spent') {
      const since = spent
      spent = nothing()
      return Response.json(since)
    }
    return local.fetch(request, { ...env, DB: countedDatabase(env.DB) }, context)
  },
}
