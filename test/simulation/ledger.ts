// A house's database for a simulation: SQLite in this process behind D1's own interface, and all that befalls D1.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

const migrations = join(import.meta.dirname, '../../db/migrations')
export const schema = readdirSync(migrations)
  .filter((file) => file.endsWith('.sql'))
  .sort()
  .map((file) => readFileSync(join(migrations, file), 'utf8'))
  .join('\n')

/** It dies before or after the commit, or says nothing until long after everybody has gone; then it may still write. */
export type Trouble = 'deadBefore' | 'deadAfter' | 'stalls'

/** Where a ledger lies. */
export interface Disk {
  /** reads past all trouble */
  rows<Row>(sql: string, ...values: SQLInputValue[]): Row[]
  /** all of it or nothing, like D1's own */
  batch(statements: readonly Statement[]): Answers | Promise<Answers>
}

export class Ledger {
  readonly #disk: Disk
  /** the server's binding for it */
  readonly name: string
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
  readonly stalled: (() => unknown)[] = []

  constructor(disk: Disk, name: string) {
    this.#disk = disk
    this.name = name
  }

  readonly rows = <Row>(sql: string, ...values: SQLInputValue[]): Row[] => this.#disk.rows<Row>(sql, ...values)

  /** What the server is given as its binding: the part of D1 that it uses. */
  binding(work: Work = { trips: 0, statements: 0 }): D1Database {
    const batch = (statements: readonly Statement[]) => {
      work.trips += 1
      work.statements += statements.length
      return this.#trip(statements)
    }
    return { prepare: (sql: string) => new Statement(batch, sql, []), batch } as unknown as D1Database
  }

  /** What befalls the next trip, after what others did meanwhile. */
  async sets(): Promise<Trouble | undefined> {
    await this.meanwhile()
    return this.down ? 'deadBefore' : this.befalls()
  }

  async #trip(statements: readonly Statement[]): Promise<Answers> {
    const trouble = await this.sets()
    if (trouble === 'deadBefore') throw new Error('D1 is not there')
    if (trouble === 'stalls') {
      this.stalled.push(() => this.#writes(statements))
      await this.patience()
      throw new Error('D1 says nothing')
    }
    const results = await this.#writes(statements)
    if (trouble === 'deadAfter') throw new Error('D1 died on the way back')
    return results
  }

  #writes(statements: readonly Statement[]): Answers | Promise<Answers> {
    if (statements.some(({ sql }) => !reading.test(sql))) this.writes += 1
    return this.#disk.batch(statements)
  }
}

/** One that has been migrated and holds nothing: all that a day does to it is one transaction, which is taken back. */
class Emptied {
  readonly sqlite = new DatabaseSync(':memory:')
  readonly statements = new Map<string, StatementSync>()
  user: InProcess | undefined

  constructor() {
    this.sqlite.exec(schema)
    this.sqlite.exec('BEGIN')
  }

  empties(user: InProcess): void {
    this.user = user
    this.sqlite.exec('ROLLBACK')
    this.sqlite.exec('BEGIN')
  }
}
const emptied = new Map<number, Emptied>()

/** SQLite in this process. There is one for each number, and whoever opened it last has it. */
export class InProcess implements Disk {
  readonly #its: Emptied

  constructor(nth: number) {
    this.#its = emptied.get(nth) ?? new Emptied()
    emptied.set(nth, this.#its)
    this.#its.empties(this)
  }

  rows<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[]
  }

  batch(statements: readonly Statement[]): Answers {
    const { sqlite, user } = this.#its
    if (user !== this) throw new Error('the day of this ledger is over')
    sqlite.exec('SAVEPOINT batch')
    try {
      const results = statements.map(({ sql, values }) => ({ results: this.#prepared(sql).all(...values) }))
      sqlite.exec('RELEASE batch')
      return results
    } catch (fault) {
      sqlite.exec('ROLLBACK TO batch')
      sqlite.exec('RELEASE batch')
      throw fault
    }
  }

  #prepared(sql: string): StatementSync {
    const { sqlite, statements } = this.#its
    const known = statements.get(sql) ?? sqlite.prepare(sql)
    statements.set(sql, known)
    return known
  }
}

const reading = /^\s*(SELECT|WITH)\b/

export type Answers = { results: unknown[] }[]

/** What one request cost at one ledger. */
export interface Work {
  trips: number
  statements: number
}

export class Statement {
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
