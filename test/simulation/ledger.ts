// A house's database for a simulation: SQLite in this process behind D1's own interface, and all that befalls D1.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

const migrations = join(import.meta.dirname, '../../db/migrations')
const schema = readdirSync(migrations)
  .filter((file) => file.endsWith('.sql'))
  .sort()
  .map((file) => readFileSync(join(migrations, file), 'utf8'))
  .join('\n')

/** It dies before or after the commit, or says nothing until long after everybody has gone; then it may still write. */
export type Trouble = 'deadBefore' | 'deadAfter' | 'stalls'

export class Ledger {
  readonly #sqlite = new DatabaseSync(':memory:')
  readonly #statements = new Map<string, StatementSync>()
  down = false
  /** how many batches may have changed something */
  writes = 0
  /** asked before each trip */
  befalls: () => Trouble | undefined = () => undefined
  /** what others do while this trip is on its way */
  meanwhile: () => Promise<void> = () => Promise.resolve()
  /** the time in which a trip that hangs is waited for */
  patience: () => Promise<void> = () => Promise.resolve()
  /** what hung and has not been written yet */
  readonly stalled: (() => void)[] = []

  constructor() {
    this.#sqlite.exec(schema)
  }

  /** Reads past all trouble. */
  readonly rows = <Row>(sql: string, ...values: SQLInputValue[]): Row[] => this.#prepared(sql).all(...values) as Row[]

  /** What the server is given as its binding: the part of D1 that it uses. */
  binding(work: Work = { trips: 0, statements: 0 }): D1Database {
    const batch = (statements: readonly Statement[]) => {
      work.trips += 1
      work.statements += statements.length
      return this.#trip(statements)
    }
    return { prepare: (sql: string) => new Statement(batch, sql, []), batch } as unknown as D1Database
  }

  async #trip(statements: readonly Statement[]): Promise<Answers> {
    await this.meanwhile()
    const trouble = this.down ? 'deadBefore' : this.befalls()
    if (trouble === 'deadBefore') throw new Error('D1 is not there')
    if (trouble === 'stalls') {
      this.stalled.push(() => this.#atomic(statements))
      await this.patience()
      throw new Error('D1 says nothing')
    }
    const results = this.#atomic(statements)
    if (trouble === 'deadAfter') throw new Error('D1 died on the way back')
    return results
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#sqlite.prepare(sql)
    this.#statements.set(sql, known)
    return known
  }

  #atomic(statements: readonly Statement[]): Answers {
    this.#sqlite.exec('BEGIN')
    try {
      const results = statements.map(({ sql, values }) => ({ results: this.#prepared(sql).all(...values) }))
      this.#sqlite.exec('COMMIT')
      if (statements.some(({ sql }) => !reading.test(sql))) this.writes += 1
      return results
    } catch (fault) {
      this.#sqlite.exec('ROLLBACK')
      throw fault
    }
  }
}

const reading = /^\s*(SELECT|WITH)\b/

type Answers = { results: unknown[] }[]

/** What one request cost at one ledger. */
export interface Work {
  trips: number
  statements: number
}

class Statement {
  readonly #batch: (statements: readonly Statement[]) => Promise<Answers>
  readonly sql: string
  readonly values: readonly SQLInputValue[]

  constructor(
    batch: (statements: readonly Statement[]) => Promise<Answers>,
    sql: string,
    values: readonly SQLInputValue[],
  ) {
    this.#batch = batch
    this.sql = sql
    this.values = values
  }

  bind(...values: SQLInputValue[]): Statement {
    return new Statement(this.#batch, this.sql, values)
  }

  async all(): Promise<{ results: unknown[] }> {
    const [answer] = await this.#batch([this])
    return answer ?? { results: [] }
  }

  async first(): Promise<unknown> {
    return (await this.all()).results[0] ?? null
  }

  run(): Promise<{ results: unknown[] }> {
    return this.all()
  }
}
